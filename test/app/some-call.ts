import { newId } from '../../src/base/ids.ts'
import type { Call } from '../../src/pipeline/call.ts'
import { SSE } from '../../src/pipeline/framing.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'

/** A call as a watcher is given it: what it brought, after it ended. */
export function someCall(overrides: Partial<Call> = {}): Call {
  return {
    id: newId('req', 1_800_000_000_000),
    at: 1_800_000_000_000,
    startedMs: 0,
    operation: 'generate',
    protocol: openaiCompletions,
    framing: SSE,
    body: new Uint8Array(0),
    headers: new Headers(),
    key: undefined,
    leaving: new AbortController(),
    ended: () => {},
    ...overrides,
  }
}
