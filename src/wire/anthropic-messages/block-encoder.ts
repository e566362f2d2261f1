import type { JsonObject } from '../../base/json-value.ts'
import type { BlockDelta, BlockHead } from '../../canon/event.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import { packCallId, packReasoning } from '../../canon/reasoning-carrier.ts'
import { PROTOCOL } from './protocol.ts'

type Delta = BlockDelta['delta']

/** What a block's writer must know of the reply it stands in. */
export interface ReplyScene {
  /** The protocol the events were read from. */
  readonly from: ProtocolId
  /** Notes the name of something that has no words here. */
  unsaid(name: string): void
}

/** Writes one block: the object in its start, the deltas that follow, and those that close it. */
export interface BlockWriter {
  readonly start: JsonObject
  delta(delta: Delta): readonly JsonObject[]
  close(): readonly JsonObject[]
}

/** The writer for a block, or undefined if it has no words here (which is noted). */
export function openBlockWriter(head: BlockHead, scene: ReplyScene): BlockWriter | undefined {
  switch (head.type) {
    case 'text':
    case 'refusal':
      return textWriter(scene)
    case 'reasoning':
      return head.redacted === undefined ? reasoningWriter(scene) : redactedWriter(head.redacted, scene)
    case 'tool-call':
      return head.custom ? customCallWriter(idOf(head), head.name, scene) : toolCallWriter(idOf(head), head.name, scene)
    case 'opaque':
      if (head.protocol === PROTOCOL)
        return { start: head.value, delta: delta => strange(delta, scene), close: nothing }
      scene.unsaid(`opaque ${head.name}`)
      return undefined
  }
}

/** What the provider signed the call with goes into its id. */
function idOf({ id, signature }: BlockHead & { readonly type: 'tool-call' }): string {
  return packCallId(id, signature)
}

function textWriter(scene: ReplyScene): BlockWriter {
  return {
    start: { type: 'text', text: '' },
    delta(delta) {
      if (delta.type === 'text') return [{ type: 'text_delta', text: delta.text }]
      if (delta.type === 'citation' && scene.from === PROTOCOL)
        return [{ type: 'citations_delta', citation: delta.value }]
      return strange(delta, scene)
    },
    close: nothing,
  }
}

/**
 * A signature goes out as it came: it is Anthropic's own, or already a carrier (canon/reasoning-carrier.ts). Foreign reasoning without one
 * gets a carrier that names its writer; the client returns it untouched with the next turn.
 */
function reasoningWriter(scene: ReplyScene): BlockWriter {
  let signed = scene.from === PROTOCOL
  return {
    start: { type: 'thinking', thinking: '', signature: '' },
    delta(delta) {
      if (delta.type === 'text') return [{ type: 'thinking_delta', thinking: delta.text }]
      if (delta.type !== 'signature') return strange(delta, scene)
      signed = true
      return [{ type: 'signature_delta', signature: delta.signature }]
    },
    close: () => (signed ? [] : [{ type: 'signature_delta', signature: packReasoning({ origin: scene.from }) }]),
  }
}

function redactedWriter(data: string, scene: ReplyScene): BlockWriter {
  return { start: { type: 'redacted_thinking', data }, delta: delta => strange(delta, scene), close: nothing }
}

function toolCallWriter(id: string, name: string, scene: ReplyScene): BlockWriter {
  return {
    start: { type: 'tool_use', id, name, input: {} },
    delta: delta =>
      delta.type === 'input' ? [{ type: 'input_json_delta', partial_json: delta.text }] : strange(delta, scene),
    close: nothing,
  }
}

/** Free text is no JSON, so it is held and written as one JSON text field at the end. */
function customCallWriter(id: string, name: string, scene: ReplyScene): BlockWriter {
  scene.unsaid('custom tool call')
  let text = ''
  return {
    start: { type: 'tool_use', id, name, input: {} },
    delta(delta) {
      if (delta.type !== 'input') return strange(delta, scene)
      text += delta.text
      return []
    },
    close: () => [{ type: 'input_json_delta', partial_json: JSON.stringify({ input: text }) }],
  }
}

/** A delta the block has no words for, unless it is one of this protocol's own that went through untouched. */
function strange(delta: Delta, scene: ReplyScene): readonly JsonObject[] {
  if (delta.type === 'opaque' && delta.protocol === PROTOCOL) return [delta.value]
  scene.unsaid(delta.type === 'opaque' ? 'opaque delta' : delta.type)
  return []
}

function nothing(): readonly JsonObject[] {
  return []
}
