import { containsAny, wordsToFind } from '../base/contains.ts'
import { isProblem, type ProblemCode } from '../canon/problem.ts'
import type { Part } from '../canon/request.ts'
import type { ModelRow } from '../catalog/model.ts'
import type { Call, Target } from './call.ts'
import { estimateTokens } from './estimate-tokens.ts'
import type { Trip } from './trip.ts'

/** Why a target is better left out, and the problem that asking it would likely end in. */
export interface Doubt {
  readonly code: ProblemCode
  readonly reason: string
}

/** Kinds of input, by the part that holds them. Text is taken by all. */
const KINDS: Partial<Record<Part['type'], string>> = { image: 'image', document: 'pdf', audio: 'audio' }

/** What the model's row says against this request. Rows may be wrong, so this only decides where there is another target to go to. */
export function unfitFor({ row }: Target, { canon, call }: Trip): Doubt | undefined {
  if (row === undefined || call.operation !== 'generate' || surelyFits(row, call)) return undefined
  const read = canon()
  if (isProblem(read)) return undefined
  const { request } = read
  const { input, contextWindow } = row
  if (input !== undefined) {
    const missing = request.turns.flatMap(turn => turn.parts.flatMap(kindsIn)).find(kind => !takes(input, kind))
    if (missing !== undefined) return { code: 'untranslatable', reason: `the model takes no ${missing} input` }
  }
  if (contextWindow === undefined) return undefined
  const tokens = estimateTokens(request)
  if (tokens <= contextWindow) return undefined
  const reason = `the conversation has about ${tokens} tokens, and ${contextWindow} fit`
  return { code: 'context_too_long', reason }
}

/** One of these stands wherever a protocol holds something other than text. */
const MEDIA_WORDS = wordsToFind('image', 'audio', 'document', 'file', 'pdf', 'inlineData', 'inline_data')

/** Told by the bytes alone: there is only text, and a token takes at least one of them. Such a request is not parsed here. */
function surelyFits(
  { contextWindow = Number.POSITIVE_INFINITY }: Pick<ModelRow, 'contextWindow'>,
  { body }: Call,
): boolean {
  return body.length <= contextWindow && !containsAny(body, MEDIA_WORDS)
}

function kindsIn(part: Part): string[] {
  if (part.type === 'tool-result') return part.content.flatMap(kindsIn)
  const kind = KINDS[part.type]
  return kind === undefined ? [] : [kind]
}

/** Documents reach many models as pictures of their pages, so a model that takes images is not held unfit for them. */
function takes(input: readonly string[], kind: string): boolean {
  return input.includes(kind) || (kind === 'pdf' && input.includes('image'))
}
