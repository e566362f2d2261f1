import type { Assumption, Loss } from '../../canon/loss.ts'
import type { ParameterName } from '../../canon/parameters.ts'
import type { CanonRequest } from '../../canon/request.ts'
import { type CallIds, openCallIds } from '../call-ids.ts'
import { type Quirks, quirksOfModel } from '../quirks.ts'
import { lossOf } from '../settings.ts'

/** What is at hand, and what is gathered, while a request is written. */
export interface Writing {
  readonly request: CanonRequest
  readonly quirks: Quirks
  readonly losses: Loss[]
  readonly assumptions: Assumption[]
  readonly ids: CallIds
  /** Notes something that cannot be said; the parameter table decides how grave that is. */
  lose(parameter: ParameterName, at: string, reason: string): void
  /** Notes something filled in because the target demands it. */
  assume(path: string, value: string, reason: string): void
}

/** What Anthropic takes as the id of a tool call (its API's own error message names this pattern), each once in a conversation. */
const ANTHROPIC_IDS = /^[a-zA-Z0-9_-]+$/

/** Opens the ids of one conversation. */
export function openAnthropicIds(pattern: string | undefined): CallIds {
  return openCallIds({ fits: id => ANTHROPIC_IDS.test(id), prefix: 'toolu_', pattern, repeats: false })
}

/** Begins to write a request. */
export function openWriting(request: CanonRequest, ofProvider: Quirks): Writing {
  const quirks = quirksOfModel(ofProvider, request.model)
  const losses: Loss[] = []
  const assumptions: Assumption[] = []
  return {
    request,
    quirks,
    losses,
    assumptions,
    ids: openAnthropicIds(quirks.toolIdPattern),
    lose: (parameter, at, reason) => losses.push(lossOf(parameter, at, reason)),
    assume: (path, value, reason) => assumptions.push({ path, value, reason }),
  }
}
