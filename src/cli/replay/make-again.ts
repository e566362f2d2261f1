import type { Problem } from '../../canon/problem.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import { type Answer, type Answerer, headersOf } from '../chat/ask.ts'
import type { Drawing } from '../chat/drawing.ts'
import { type Access, requestTo } from '../gateway-access.ts'
import { type Trouble, troubleOf } from '../trouble.ts'
import { type ReplyBody, type ReplyPiece, readReply, readWhole, type ToolCall } from './reply-pieces.ts'

/** What is to be made again. */
export interface Order {
  readonly id: string
  /** The call as it was; undefined: nothing is known of it, and its reply is not understood, only passed on. */
  readonly before: Receipt | undefined
  /** Another model or route than the one that was asked for. */
  readonly model: string | undefined
  readonly stop: AbortSignal
}

/** Who wants to see the answer while it comes. */
export interface Audience {
  readonly drawing: Drawing
  /** Called when the answer begins, before its first piece. */
  begun(answerer: Answerer): void
  /** Given the reply's bytes as they come. */
  heard(bytes: Uint8Array): void
}

/** The answer, or as much of it as came. */
export interface Again extends Answer {
  readonly calls: readonly ToolCall[]
  /** How many answers there were; only the first is told. */
  readonly choices: number
}

interface Got {
  text: string
  reasoning: string
  readonly calls: ToolCall[]
  choices: number
  stopReason?: string
}

/** Makes a kept call again, and shows its answer while it comes. Rejects only if the gateway itself is not there. */
export async function makeAgain(access: Access, order: Order, audience: Audience): Promise<Again> {
  const { stop } = order
  const got: Got = { text: '', reasoning: '', calls: [], choices: 0 }
  let known: Answerer = {}
  let begun = false
  try {
    const response = await access.handle(requestTo(pathOf(order), { method: 'POST', signal: stop }))
    known = headersOf(response)
    // In this process the gateway answers also those who have left.
    if (stop.aborted) return { ...got, ...known, outcome: 'stopped' }
    if (!response.ok) return { ...got, ...known, outcome: 'failed', trouble: await refusal(response, audience) }
    begun = true
    audience.begun(known)
    const end = await listen(response, order, audience, got)
    return stop.aborted ? { ...got, ...known, outcome: 'stopped' } : { ...got, ...known, ...end }
  } catch (error) {
    if (stop.aborted) return { ...got, ...known, outcome: 'stopped' }
    // The connection to the gateway was lost in the middle of the answer.
    if (begun) return { ...got, ...known, outcome: 'cut' }
    throw error
  } finally {
    audience.drawing.finish()
  }
}

function pathOf({ id, model }: Order): string {
  const query = model === undefined ? '' : `?model=${encodeURIComponent(model)}`
  return `/candor/replay/${encodeURIComponent(id)}${query}`
}

async function refusal(response: Response, { heard }: Audience): Promise<Trouble> {
  const bytes = await response.bytes()
  heard(bytes)
  return await troubleOf(new Response(bytes, { status: response.status }))
}

type End = Pick<Answer, 'outcome' | 'trouble'>

async function listen(
  { body, headers }: Response,
  { before, stop }: Order,
  { drawing, heard }: Audience,
  got: Got,
): Promise<End> {
  const contentType = headers.get('content-type') ?? ''
  const reply: ReplyBody = { contentType, bytes: body ?? new Blob([]).stream(), stop, heard }
  if (before?.operation !== 'generate') {
    got.text = await readWhole(reply)
    drawing.text(got.text)
    return { outcome: 'whole' }
  }
  let end: End = { outcome: 'cut' }
  // It is read until its last byte: before that its receipt is not there.
  for await (const piece of readReply(reply, { protocol: before.clientProtocol, stream: before.stream })) {
    if (stop.aborted) break
    end = taken(piece, drawing, got) ?? end
  }
  return end
}

function taken(piece: ReplyPiece, drawing: Drawing, got: Got): End | undefined {
  switch (piece.type) {
    case 'text':
    case 'reasoning':
      got[piece.type] += piece.text
      drawing[piece.type](piece.text)
      return undefined
    case 'tool':
      got.calls.push(piece.call)
      return undefined
    case 'stop':
      got.stopReason = piece.reason
      return undefined
    case 'failed':
      return { outcome: 'failed', trouble: troubleIn(piece.problem) }
    case 'whole':
      got.choices = piece.choices
      return { outcome: 'whole' }
  }
}

/** A problem in the form in which the command line tells it. */
export function troubleIn({ code, what, why, fix, upstream }: Problem, requestId?: string): Trouble {
  return {
    code,
    what,
    fix,
    ...(why === undefined ? {} : { why }),
    ...(upstream === undefined ? {} : { upstream }),
    ...(requestId === undefined ? {} : { requestId }),
  }
}
