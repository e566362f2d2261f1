import type { Assumption, Loss } from '../../canon/loss.ts'
import type { ParameterName } from '../../canon/parameters.ts'
import type { CanonRequest } from '../../canon/request.ts'
import { type Quirks, quirksOfModel } from '../quirks.ts'
import { lossOf } from '../settings.ts'

/** What is at hand, and what is gathered, while a request is written. */
export interface Writing {
  readonly request: CanonRequest
  /** As they hold for the request's model. */
  readonly quirks: Quirks
  readonly losses: Loss[]
  readonly assumptions: Assumption[]
  /** The names of the functions called so far, by the ids of the calls: a result must say it again. */
  readonly calledNames: Map<string, string>
  /** Notes something that cannot be said; the parameter table decides how grave that is. */
  lose(parameter: ParameterName, at: string, reason: string): void
  /** Notes something filled in because the target demands it; the same thing once, however often. */
  assume(path: string, value: string, reason: string): void
}

/** Begins to write a request. */
export function openWriting(request: CanonRequest, quirks: Quirks): Writing {
  const losses: Loss[] = []
  const assumptions: Assumption[] = []
  return {
    request,
    quirks: quirksOfModel(quirks, request.model),
    losses,
    assumptions,
    calledNames: new Map(),
    lose: (parameter, at, reason) => losses.push(lossOf(parameter, at, reason)),
    assume(path, value, reason) {
      const told = assumptions.some(one => one.path === path && one.value === value && one.reason === reason)
      if (!told) assumptions.push({ path, value, reason })
    },
  }
}
