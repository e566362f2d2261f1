/**
 * Why a reply ended, unified. `other` is a reason the protocol's table does not know; its own word is in `raw`.
 */
export type StopReason =
  | 'end' // the model was done
  | 'stop-sequence'
  | 'length' // the output limit
  | 'context-full' // the model's window, not the output limit
  | 'tool-calls'
  | 'refusal' // the model declined
  | 'content-filter' // a filter cut it
  | 'pause' // a server tool needs another turn
  | 'other'
