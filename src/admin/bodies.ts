import type { JsonObject } from '../base/json-value.ts'
import { quoteText, redactText } from '../base/redact.ts'
import { type Problem, problem } from '../canon/problem.ts'
import { type BodiesMissing, type BodyStore, isCut, type KeptBodies, type KeptBody } from '../ledger/kept-bodies.ts'
import type { LedgerReads } from '../ledger/store.ts'
import { CUT_REQUEST } from '../pipeline/replay-call.ts'
import { findReceipt } from './questions.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** One body as it is shown. */
export interface BodyView {
  readonly contentType: string
  /** Bytes it had in all. */
  readonly bytes: number
  /** Bytes of them that are kept: all, unless it is cut. */
  readonly keptBytes: number
  /** What is kept of it, what looks like a key masked. */
  readonly text: string
  /** Something was masked. */
  readonly masked: boolean
  /** Only its beginning was kept. */
  readonly cut: boolean
  /** Present: more is kept than is shown, which is so many bytes. */
  readonly shownBytes?: number
}

/** The answer to `GET /candor/bodies/{id}`. */
export interface BodiesView {
  readonly id: string
  /** Milliseconds since 1970, as is `keptUntil`: from then on they may be gone. */
  readonly at: number
  readonly keptUntil: number
  readonly request: BodyView
  /** Absent: the client left before there was anything. */
  readonly reply?: BodyView
  /** Why the call cannot be made again from what is kept. Absent: it can. */
  readonly notReplayable?: string
}

const BODY_SCHEMA: JsonObject = {
  type: 'object',
  required: ['contentType', 'bytes', 'keptBytes', 'text', 'masked', 'cut'],
  properties: {
    contentType: { type: 'string' },
    bytes: { type: 'integer', description: 'Bytes it had in all.' },
    keptBytes: { type: 'integer', description: 'Bytes of them that are kept: all, unless it is cut.' },
    text: { type: 'string', description: 'What is kept of it, what looks like a key masked.' },
    masked: { type: 'boolean', description: 'Something was masked.' },
    cut: { type: 'boolean', description: 'Only its beginning was kept.' },
    shownBytes: { type: 'integer', description: 'Present: more is kept than is shown, which is so many bytes.' },
  },
}

/** How {@link BodiesView} looks: JSON Schema. */
export const BODIES_SCHEMA: JsonObject = {
  type: 'object',
  required: ['id', 'at', 'keptUntil', 'request'],
  properties: {
    id: { type: 'string' },
    at: { type: 'number', description: 'When the call came, milliseconds since 1970.' },
    keptUntil: { type: 'number', description: 'From then on they may be gone, milliseconds since 1970.' },
    request: BODY_SCHEMA,
    reply: BODY_SCHEMA,
    notReplayable: { type: 'string', description: 'Why the call cannot be made again. Absent: it can.' },
  },
}

/** The bodies of a call, by its id or `last`, or why there are none. */
export async function findBodies(
  id: string,
  { ledger, bodies }: { readonly ledger: LedgerReads; readonly bodies: Pick<BodyStore, 'find' | 'health'> },
): Promise<KeptBodies | Problem> {
  const receipt = await findReceipt(ledger, id)
  const found = await bodies.find(receipt?.id ?? id)
  return 'missing' in found ? noBodies(found, receipt?.id ?? id, bodies.health().keepDays) : found
}

/** Why what was asked and answered cannot be shown, and how it could have been. */
export function noBodies({ missing, why }: BodiesMissing, id: string, keepDays: number): Problem {
  const what = `What the call "${quoteText(redactText(id), 60)}" asked and was answered is not there.`
  if (missing === 'damaged') return problem('bad_request', what, { why, fix: ['Remove the file that is named.'] })
  const off = 'Bodies are not kept, unless that is switched on: candor config set bodies.keepDays 7'
  const on = `Bodies of calls made from now on are kept for ${keepDays === 1 ? 'a day' : `${keepDays} days`}.`
  return problem('bad_request', what, { why, fix: [keepDays === 0 ? off : on] })
}

/** Kept bodies as they are shown. `keepDays`: for how long they are kept by now. */
export function bodiesView({ id, at, request, reply }: KeptBodies, keepDays: number): BodiesView {
  const obstacle = isCut(request) ? CUT_REQUEST : undefined
  return {
    id,
    at,
    // A day's calls go together, when the last of them is old enough.
    keptUntil: (Math.floor(at / DAY_MS) + 1 + keepDays) * DAY_MS,
    request: bodyView(request),
    ...(reply === undefined ? {} : { reply: bodyView(reply) }),
    ...(obstacle === undefined ? {} : { notReplayable: obstacle }),
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Most that is shown of one body, in bytes: the gateway does nothing else while it looks for what is to be masked. */
const SHOWN_BYTES_MAX = 8 * 1024 * 1024

function bodyView(body: KeptBody): BodyView {
  const { contentType, bytes, data } = body
  const shown = data.subarray(0, SHOWN_BYTES_MAX)
  const written = decoder.decode(shown)
  const text = redactText(written)
  return {
    contentType,
    bytes,
    keptBytes: data.length,
    text,
    masked: text !== written,
    cut: isCut(body),
    ...(shown.length < data.length ? { shownBytes: shown.length } : {}),
  }
}
