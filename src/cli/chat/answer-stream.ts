import { parseJson } from '../../base/json.ts'
import { asArray, asObject, asString, type JsonObject } from '../../base/json-value.ts'
import { openSseReader, type SseFrame } from '../../base/sse.ts'
import { readTrouble, type Trouble } from '../trouble.ts'

/** A piece of an answer, in the order it came. The last one is always `end`. */
export type AnswerPiece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'stop'; readonly reason: string }
  | { readonly type: 'failed'; readonly trouble: Trouble }
  /** `whole`: the protocol said that nothing is missing. */
  | { readonly type: 'end'; readonly whole: boolean }

/** Reads a streamed Chat Completions reply until its end, or until it is stopped: then it is cancelled at once. */
export async function* readAnswer(
  body: ReadableStream<Uint8Array> | null,
  stop?: AbortSignal,
): AsyncGenerator<AnswerPiece> {
  const reader = openSseReader()
  let whole = false
  for await (const bytes of body === null ? [] : bytesOf(body, stop)) {
    for (const frame of reader.push(bytes)) {
      whole ||= frame.data === DONE
      yield* piecesOf(frame)
    }
  }
  for (const frame of reader.finish()) {
    whole ||= frame.data === DONE
    yield* piecesOf(frame)
  }
  yield { type: 'end', whole }
}

/** The pieces of a body. One that waits for its next bytes ends too when it is stopped. */
export async function* bytesOf(
  body: ReadableStream<Uint8Array>,
  stop: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  // A body that has failed already cannot be cancelled, and need not be.
  const cancel = () => void reader.cancel().catch(() => {})
  stop?.addEventListener('abort', cancel, { once: true })
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    stop?.removeEventListener('abort', cancel)
    cancel()
  }
}

const DONE = '[DONE]'

function piecesOf({ data }: SseFrame): readonly AnswerPiece[] {
  if (data === DONE) return []
  const read = parseJson(data)
  const chunk = read.ok ? asObject(read.value) : undefined
  if (chunk === undefined) return []
  if (chunk['error'] !== undefined) return [{ type: 'failed', trouble: readTrouble(chunk, 200) }]
  return asArray(chunk['choices']).flatMap(choice => ofChoice(asObject(choice)))
}

function ofChoice(choice: JsonObject | undefined): readonly AnswerPiece[] {
  const delta = asObject(choice?.['delta'])
  const reasoning = asString(delta?.['reasoning_content']) ?? asString(delta?.['reasoning']) ?? ''
  const text = (asString(delta?.['content']) ?? '') + (asString(delta?.['refusal']) ?? '')
  const reason = asString(choice?.['finish_reason']) ?? ''
  return [
    ...(reasoning === '' ? [] : [{ type: 'reasoning', text: reasoning } as const]),
    ...(text === '' ? [] : [{ type: 'text', text } as const]),
    ...(reason === '' ? [] : [{ type: 'stop', reason } as const]),
  ]
}
