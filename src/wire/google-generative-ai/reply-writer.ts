import type { JsonObject } from '../../base/json-value.ts'
import type { ChoiceStop, Event } from '../../canon/event.ts'
import { type Problem, problem } from '../../canon/problem.ts'
import { mergeUsage, type Usage } from '../../canon/usage.ts'
import type { ReplyContext } from '../wire-protocol.ts'
import { type CandidateWriter, openCandidateWriter, type Piece, type ReplyScene } from './candidate-writer.ts'
import { PROTOCOL } from './protocol.ts'
import { writeStop } from './stop.ts'
import { writeUsage } from './usage.ts'

/** The fields every chunk and reply ends with. */
export interface ReplyTail {
  readonly modelVersion: string
  readonly responseId: string
  /** RFC 3339, where the provider told the time. */
  readonly createTime?: string
}

/** What is known at the end: candidates without their content, usage, and the prompt's feedback where it was refused. */
export interface ReplyEnding {
  readonly candidates: readonly JsonObject[]
  readonly promptFeedback?: JsonObject
  readonly usageMetadata?: JsonObject
}

/** Turns events into pieces. The stream's encoder frames them, the whole reply's puts them together. */
export interface ReplyWriter {
  push(event: Event): readonly Piece[]
  tail(): ReplyTail
  /** To be asked for once, when the reply has ended. */
  ending(): ReplyEnding
  /** Why the reply cannot be written on. */
  fault(): Problem | undefined
  unsaid(): readonly string[]
}

/** Input of function calls that may be held back at once, in characters: they go out whole. */
const HELD_CHARS_MAX = 4 * 1024 * 1024
const HELD_WHY =
  'The protocol tells a function call as a whole: it is held until it is complete, and only so much of it.'

/** Opens a writer for one reply. */
export function openReplyWriter(context: ReplyContext): ReplyWriter {
  return new Writer(context)
}

interface Choice {
  readonly writer: CandidateWriter
  stop: ChoiceStop | undefined
}

const NOTHING: readonly Piece[] = []

class Writer implements ReplyWriter {
  readonly #unsaid = new Set<string>()
  readonly #scene: ReplyScene
  readonly #choices = new Map<number, Choice>()
  /** The writer of each open block's candidate. */
  readonly #writers = new Map<number, CandidateWriter>()
  #tail: ReplyTail
  #usage: Usage | undefined
  #heldChars = 0

  constructor(context: ReplyContext) {
    this.#scene = {
      from: context.from ?? PROTOCOL,
      unsaid: name => this.#unsaid.add(name),
      hold: chars => {
        this.#heldChars += chars
      },
    }
    this.#tail = { modelVersion: context.model, responseId: context.requestId }
  }

  push(event: Event): readonly Piece[] {
    switch (event.type) {
      case 'reply-start':
        this.#tail = {
          modelVersion: event.model || this.#tail.modelVersion,
          responseId: event.id || this.#tail.responseId,
          ...(event.createdSeconds === undefined ? {} : timeOf(event.createdSeconds)),
        }
        return NOTHING
      case 'block-start': {
        const { writer } = this.#choice(event.choice)
        this.#writers.set(event.index, writer)
        return writer.start(event.index, event.block)
      }
      case 'block-delta':
        return this.#writers.get(event.index)?.delta(event.index, event.delta) ?? NOTHING
      case 'block-stop': {
        const writer = this.#writers.get(event.index)
        this.#writers.delete(event.index)
        return writer?.stop(event.index) ?? NOTHING
      }
      case 'choice-stop':
        this.#choice(event.choice).stop = event
        return NOTHING
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return NOTHING
      case 'unknown':
        this.#unsaid.add(event.name)
        return NOTHING
      default:
        return NOTHING
    }
  }

  tail(): ReplyTail {
    return this.#tail
  }

  ending(): ReplyEnding {
    const candidates: JsonObject[] = []
    let promptFeedback: JsonObject | undefined
    for (const [index, { writer, stop }] of [...this.#choices].sort(([a], [b]) => a - b)) {
      if (stop === undefined) continue
      const finish = writer.finish(stop)
      if (finish.candidate !== undefined) candidates.push({ ...finish.candidate, index })
      promptFeedback ??= finish.promptFeedback
    }
    // A reply that ended without a word on why: a client must still see that it has ended.
    if (candidates.length === 0 && promptFeedback === undefined)
      candidates.push({ finishReason: writeStop('other', '', false), index: 0 })
    const usageMetadata = this.#usage === undefined ? undefined : writeUsage(this.#usage)
    return {
      candidates,
      ...(promptFeedback === undefined ? {} : { promptFeedback }),
      ...(usageMetadata === undefined ? {} : { usageMetadata }),
    }
  }

  fault(): Problem | undefined {
    if (this.#heldChars <= HELD_CHARS_MAX) return undefined
    const what = `The model wrote more than ${HELD_CHARS_MAX} characters of arguments for a function call.`
    return problem('upstream_protocol', what, { why: HELD_WHY, fix: ['Ask for smaller tool calls.'] })
  }

  unsaid(): readonly string[] {
    return [...this.#unsaid]
  }

  #choice(index: number): Choice {
    const known = this.#choices.get(index)
    if (known !== undefined) return known
    const choice: Choice = { writer: openCandidateWriter(index, this.#scene), stop: undefined }
    this.#choices.set(index, choice)
    return choice
  }
}

/** Seconds since 1970 as RFC 3339, where a date can say them. */
function timeOf(seconds: number): { readonly createTime?: string } {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? {} : { createTime: date.toISOString() }
}
