import { parseJson } from '../../base/json.ts'
import { openJsonArrayReader } from '../../base/json-array.ts'
import { asObject } from '../../base/json-value.ts'
import { openSseReader } from '../../base/sse.ts'
import type { BlockStart, Event } from '../../canon/event.ts'
import type { Problem } from '../../canon/problem.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import { WIRE_PROTOCOLS } from '../../wire/index.ts'
import type { WireProtocol } from '../../wire/wire-protocol.ts'
import { bytesOf } from '../chat/answer-stream.ts'

/** A call of a tool that an answer asks for. */
export interface ToolCall {
  readonly name: string
  /** What it is called with, as the model wrote it. */
  readonly input: string
}

/** A piece of a reply, in the order it came. */
export type ReplyPiece =
  | { readonly type: 'text' | 'reasoning'; readonly text: string }
  | { readonly type: 'tool'; readonly call: ToolCall }
  | { readonly type: 'stop'; readonly reason: string }
  | { readonly type: 'failed'; readonly problem: Problem }
  /** The protocol said that nothing is missing. `choices`: how many answers there were; only the first is told. */
  | { readonly type: 'whole'; readonly choices: number }

/** How a reply is written. */
export interface ReplyForm {
  readonly protocol: ProtocolId
  readonly stream: boolean
}

/** A reply's body, and who wants to see it. */
export interface ReplyBody {
  readonly contentType: string
  readonly bytes: ReadableStream<Uint8Array>
  readonly stop: AbortSignal
  /** Given every byte as it comes. */
  heard(bytes: Uint8Array): void
}

/** Reads a reply in any protocol, streamed or whole, until its end, or until it is stopped: then it is cancelled at once. */
export async function* readReply(body: ReplyBody, { protocol, stream }: ReplyForm): AsyncGenerator<ReplyPiece> {
  const codec = WIRE_PROTOCOLS.find(({ id }) => id === protocol)
  if (codec === undefined) throw new Error(`no codec for ${protocol}`)
  const piecesOf = openTeller()
  for await (const events of stream ? streamed(body, codec) : whole(body, codec)) yield* events.flatMap(piecesOf)
}

/** The body as text. */
export async function readWhole({ bytes, stop, heard }: ReplyBody): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of bytesOf(bytes, stop)) {
    heard(piece)
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}

async function* whole(body: ReplyBody, codec: WireProtocol): AsyncGenerator<readonly Event[]> {
  const read = parseJson(await readWhole(body))
  yield codec.decodeReply((read.ok ? asObject(read.value) : undefined) ?? {})
}

async function* streamed(
  { contentType, bytes, stop, heard }: ReplyBody,
  codec: WireProtocol,
): AsyncGenerator<readonly Event[]> {
  const decoder = codec.openDecoder()
  const frames = contentType.startsWith('text/event-stream') ? openSseReader() : openArray()
  for await (const piece of bytesOf(bytes, stop)) {
    heard(piece)
    yield frames.push(piece).flatMap(frame => decoder.push(frame))
  }
  yield [...frames.finish().flatMap(frame => decoder.push(frame)), ...decoder.end()]
}

/** Google's other form of a stream: one JSON array, an element for each event. */
function openArray(): Pick<ReturnType<typeof openSseReader>, 'push' | 'finish'> {
  const reader = openJsonArrayReader()
  return { push: bytes => reader.push(bytes).map(data => ({ data })), finish: () => [] }
}

interface OpenBlock {
  readonly head: BlockStart
  input: string
}

/** Tells the events of one reply. */
function openTeller(): (event: Event) => readonly ReplyPiece[] {
  const open = new Map<number, OpenBlock>()
  let choices = 0
  return event => {
    switch (event.type) {
      case 'block-start':
        choices = Math.max(choices, event.choice + 1)
        open.set(event.index, { head: event, input: '' })
        return []
      case 'block-delta':
        return told(event.delta, open.get(event.index))
      case 'block-stop':
        return toolIn(open.get(event.index))
      case 'choice-stop':
        return event.choice === 0 ? [{ type: 'stop', reason: event.reason }] : []
      case 'failure':
        return [{ type: 'failed', problem: event.problem }]
      case 'reply-end':
        return [{ type: 'whole', choices }]
      default:
        return []
    }
  }
}

function told(
  delta: Extract<Event, { type: 'block-delta' }>['delta'],
  block: OpenBlock | undefined,
): readonly ReplyPiece[] {
  if (block === undefined || block.head.choice !== 0) return []
  if (delta.type === 'input') block.input += delta.text
  if (delta.type !== 'text') return []
  return [{ type: block.head.block.type === 'reasoning' ? 'reasoning' : 'text', text: delta.text }]
}

function toolIn(block: OpenBlock | undefined): readonly ReplyPiece[] {
  if (block === undefined || block.head.choice !== 0 || block.head.block.type !== 'tool-call') return []
  return [{ type: 'tool', call: { name: block.head.block.name, input: block.input } }]
}
