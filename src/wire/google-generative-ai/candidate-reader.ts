import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { BlockDelta } from '../../canon/event.ts'
import type { StopReason } from '../../canon/stop.ts'
import { isEmpty, type Outlet, tellUnknown } from '../reply-outlet.ts'
import { type CallReader, openCallReader } from './candidate-calls.ts'
import { readLogprobs } from './candidate-logprobs.ts'
import { citationEntries, groundingCitations } from './candidate-sources.ts'
import { PROTOCOL } from './protocol.ts'
import { readSignature } from './reply-signatures.ts'
import { readStop } from './stop.ts'

/** Turns one candidate's parts into blocks. A block of text or thought goes on until another kind begins. */
export interface CandidateReader {
  /** A candidate of one chunk, or of a whole reply. */
  take(candidate: JsonObject): void
  /** True once a reason to finish was told. Content may still follow: some servers tell one in every chunk. */
  finished(): boolean
  /** Nothing more will come. `blocked` is the prompt's feedback where the prompt was refused. */
  stop(blocked?: JsonObject): void
}

const CANDIDATE_KNOWN = new Set([
  'index',
  'content',
  'finishReason',
  'finishMessage',
  'tokenCount',
  'safetyRatings',
  'citationMetadata',
  'groundingMetadata',
  'urlContextMetadata',
  'logprobsResult',
  'continuationToken',
])
const CONTENT_KNOWN = new Set(['parts', 'role'])
const TEXT_KNOWN = new Set(['text', 'thought', 'thoughtSignature'])
const CALL_KNOWN = new Set(['functionCall', 'thought', 'thoughtSignature'])

/** Fields of a part that say something about its content and are none themselves. */
const ABOUT_CONTENT = new Set([
  'thought',
  'thoughtSignature',
  'partMetadata',
  'mediaResolution',
  'videoMetadata',
  'mediaProcessing',
  'speechMetadata',
])

/** Fields of a candidate that explain how it ended. */
const STOP_DETAILS = new Set(['finishMessage', 'safetyRatings', 'continuationToken'])

/** Opens the reader of one candidate. */
export function openCandidateReader(choice: number, outlet: Outlet): CandidateReader {
  return new Candidate(choice, outlet)
}

interface OpenBlock {
  readonly kind: 'text' | 'reasoning'
  readonly index: number
}

class Candidate implements CandidateReader {
  readonly #choice: number
  readonly #outlet: Outlet
  #calls: CallReader | undefined
  #open: OpenBlock | undefined
  #finish = ''
  #details: Record<string, JsonValue> | undefined
  /** Addresses told as sources already: grounding repeats what came before. */
  #sources: Set<JsonValue | undefined> | undefined

  constructor(choice: number, outlet: Outlet) {
    this.#choice = choice
    this.#outlet = outlet
  }

  take(candidate: JsonObject): void {
    const content = candidate.content
    if (isObject(content)) {
      for (const part of asArray(content.parts)) if (isObject(part)) this.#part(part)
      tellUnknown(content, CONTENT_KNOWN, 'candidates[].content', this.#outlet)
    }
    for (const key in candidate) if (key !== 'content' && key !== 'index') this.#beside(key, candidate[key])
  }

  finished(): boolean {
    return this.#finish !== ''
  }

  stop(blocked?: JsonObject): void {
    this.#close()
    this.#calls?.finish()
    const raw = this.#finish === '' ? (asString(blocked?.blockReason) ?? '') : this.#finish
    const isBlocked = blocked !== undefined && this.#finish === ''
    const reason = isBlocked ? 'content-filter' : readStop(raw, this.#calls?.called() ?? false)
    const details = { ...this.#detailsOf(reason), ...(blocked === undefined ? {} : { promptFeedback: blocked }) }
    const stop = { type: 'choice-stop', choice: this.#choice, reason, raw } as const
    this.#outlet.emit(Object.keys(details).length === 0 ? stop : { ...stop, details })
  }

  /** Ratings and a message on an answer that was not cut by a filter say nothing that a client could miss. */
  #detailsOf(reason: StopReason): JsonObject {
    const { continuationToken, ...rest } = this.#details ?? {}
    const isPlain = reason === 'end' || reason === 'tool-calls' || reason === 'length'
    return { ...(isPlain ? {} : rest), ...(continuationToken === undefined ? {} : { continuationToken }) }
  }

  #part(part: JsonObject): void {
    const text = part.text
    if (typeof text === 'string') this.#text(part, text)
    else if (isObject(part.functionCall)) {
      this.#calls ??= openCallReader(this.#choice, this.#outlet, () => this.#close())
      this.#calls.take(part.functionCall, signatureOf(part))
      tellUnknown(part, CALL_KNOWN, 'parts[]', this.#outlet)
    } else this.#otherPart(part)
  }

  #text(part: JsonObject, text: string): void {
    const kind = part.thought === true ? 'reasoning' : 'text'
    if (text !== '') this.#give(this.#ensure(kind).index, { type: 'text', text })
    const signature = signatureOf(part)
    if (signature !== undefined) this.#sign(kind, signature)
    tellUnknown(part, TEXT_KNOWN, 'parts[]', this.#outlet)
  }

  /** The signature of a thought stands on its block; that of any other text on a block of reasoning without text behind it. */
  #sign(kind: OpenBlock['kind'], signature: string): void {
    if (kind === 'text') this.#close()
    const { index } = this.#ensure('reasoning')
    this.#give(index, { type: 'signature', signature })
    this.#close()
  }

  #otherPart(part: JsonObject): void {
    const name = Object.keys(part).find(key => !ABOUT_CONTENT.has(key) && !isEmpty(part[key]))
    if (name !== undefined) {
      this.#close()
      this.#calls?.finish()
      this.#opaque(name, part)
      return
    }
    const signature = signatureOf(part)
    if (signature !== undefined) this.#sign(part.thought === true ? 'reasoning' : 'text', signature)
    tellUnknown(part, TEXT_KNOWN, 'parts[]', this.#outlet)
  }

  /** What stands beside the content. */
  #beside(key: string, value: JsonValue | undefined): void {
    if (value === undefined || value === null) return
    if (key === 'finishReason') this.#finish = asString(value) ?? this.#finish
    else if (STOP_DETAILS.has(key)) {
      this.#details ??= {}
      this.#details[key] = value
    } else if (key === 'logprobsResult') this.#logprobs(value)
    else if (key === 'groundingMetadata') this.#grounding(value)
    else if (key === 'citationMetadata') this.#citations(value)
    else if (key === 'urlContextMetadata') {
      if (isObject(value) && !isEmpty(value)) this.#opaque(key, value)
    } else if (!CANDIDATE_KNOWN.has(key) && !isEmpty(value)) this.#outlet.unknown(`candidates[].${key}`)
  }

  #logprobs(value: JsonValue): void {
    const logprobs = readLogprobs(asObject(value))
    if (logprobs === undefined) return
    if (this.#open?.kind === 'text') this.#give(this.#open.index, { type: 'logprobs', value: logprobs })
    else this.#outlet.unknown('candidates[].logprobsResult')
  }

  #grounding(value: JsonValue): void {
    if (!isObject(value) || isEmpty(value)) return
    const open = this.#open
    if (open?.kind === 'text') {
      this.#sources ??= new Set()
      for (const citation of groundingCitations(value)) {
        if (this.#sources.has(citation.url)) continue
        this.#sources.add(citation.url)
        this.#give(open.index, { type: 'citation', value: citation })
      }
    }
    this.#opaque('groundingMetadata', value)
  }

  #citations(value: JsonValue): void {
    const entries = citationEntries(asObject(value) ?? {})
    if (entries.length === 0) return
    const open = this.#open
    if (open?.kind === 'text') for (const entry of entries) this.#give(open.index, { type: 'citation', value: entry })
    else this.#opaque('citationMetadata', { citationSources: entries })
  }

  /** A block that is whole at its start. It may stand beside an open one. */
  #opaque(name: string, value: JsonObject): void {
    const index = this.#outlet.nextIndex()
    const block = { type: 'opaque', protocol: PROTOCOL, name, value } as const
    this.#outlet.emit({ type: 'block-start', index, choice: this.#choice, block })
    this.#outlet.emit({ type: 'block-stop', index })
  }

  #ensure(kind: OpenBlock['kind']): OpenBlock {
    const open = this.#open
    if (open !== undefined && open.kind === kind) return open
    this.#close()
    this.#calls?.finish()
    const fresh = { kind, index: this.#outlet.nextIndex() }
    this.#outlet.emit({ type: 'block-start', index: fresh.index, choice: this.#choice, block: { type: kind } })
    this.#open = fresh
    return fresh
  }

  #close(): void {
    if (this.#open === undefined) return
    this.#outlet.emit({ type: 'block-stop', index: this.#open.index })
    this.#open = undefined
  }

  #give(index: number, delta: BlockDelta['delta']): void {
    this.#outlet.emit({ type: 'block-delta', index, delta })
  }
}

function signatureOf(part: JsonObject): string | undefined {
  const wire = part.thoughtSignature
  return typeof wire === 'string' && wire !== '' ? readSignature(wire) : undefined
}
