import type { Assumption, Loss } from '../../canon/loss.ts'
import type { ParameterName } from '../../canon/parameters.ts'
import type { CanonRequest } from '../../canon/request.ts'
import type { Quirks } from '../quirks.ts'
import { lossOf } from '../settings.ts'
import { openToolIds, type ToolIds } from './tool-ids.ts'

/** What is at hand, and what is gathered, while a request is written. */
export interface Writing {
  readonly request: CanonRequest
  readonly quirks: Quirks
  readonly losses: Loss[]
  readonly assumptions: Assumption[]
  readonly ids: ToolIds
  /** Notes something that cannot be said; the parameter table decides how grave that is. */
  lose(parameter: ParameterName, at: string, reason: string): void
  /** Notes something filled in because the target demands it. */
  assume(path: string, value: string, reason: string): void
}

/** Begins to write a request. */
export function openWriting(request: CanonRequest, quirks: Quirks): Writing {
  const losses: Loss[] = []
  const assumptions: Assumption[] = []
  return {
    request,
    quirks,
    losses,
    assumptions,
    ids: openToolIds(quirks.toolIdPattern),
    lose: (parameter, at, reason) => losses.push(lossOf(parameter, at, reason)),
    assume: (path, value, reason) => assumptions.push({ path, value, reason }),
  }
}
