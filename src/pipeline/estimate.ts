import { isProblem } from '../canon/problem.ts'
import type { CanonRequest } from '../canon/request.ts'
import type { Usage } from '../canon/usage.ts'
import type { ModelPrice } from '../catalog/model.ts'
import { costOf } from '../catalog/price.ts'
import type { Estimate } from '../policy/policy.ts'
import type { Call, Target } from './call.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { type CanonReader, OUTPUT_DEFAULT_MAX } from './prepare.ts'
import type { Course } from './route.ts'

/** Output reckoned with where neither the client nor the model's row names a limit. */
const OUTPUT_DEFAULT = 8_192
/** Bytes in one token, for bodies that cannot be read as a conversation. */
const BYTES_PER_TOKEN = 4
/** Tokenizers differ, and an estimate that is too low would let a budget be overshot. */
const SAFETY = 1.15

/** What a call may use at most, read from the request when it is first asked for. */
export function estimator(call: Call, course: Course, canon: CanonReader): () => Estimate {
  let made: Estimate | undefined
  return () => {
    made ??= estimateOf(call, course, canon)
    return made
  }
}

/** Counting tokens is free at every provider that does it, and nothing is written. */
const COUNTING: Estimate = { inputTokens: 0, outputTokens: 0, nanoUsd: 0 }

function estimateOf(call: Call, course: Course, canon: CanonReader): Estimate {
  if (call.operation === 'count-tokens') return COUNTING
  const read = call.operation === 'embed' ? undefined : canon()
  const request = read === undefined || isProblem(read) ? undefined : read.request
  const counted = request === undefined ? call.body.length / BYTES_PER_TOKEN : estimateTokens(request)
  const inputTokens = Math.ceil(counted * SAFETY)
  const limits = course.legs.map(({ target }) => mostOf(target, call))
  const most = Math.max(0, ...limits)
  const outputTokens = call.operation === 'generate' ? (request?.maxOutputTokens ?? most) * answersOf(request) : 0
  return { inputTokens, outputTokens, nanoUsd: dearest(call, course, { input: inputTokens, output: outputTokens }) }
}

/** Most that a target writes where the request names no limit: what the model can, or what is sent in the client's stead where a limit is demanded. */
function mostOf({ row, provider }: Target, { protocol }: Call): number {
  const most = row?.maxOutputTokens ?? OUTPUT_DEFAULT
  const isDemanded = provider.endpoints.every(endpoint => endpoint.protocol === 'anthropic-messages')
  if (!isDemanded || protocol.id === 'anthropic-messages') return most
  return Math.min(
    most,
    Math.max(...provider.endpoints.map(({ quirks }) => quirks.maxTokensDefault ?? OUTPUT_DEFAULT_MAX)),
  )
}

/** How many answers are asked for at once: each may be as long as the limit. */
function answersOf(request: CanonRequest | undefined): number {
  const asked = request?.settings.find(({ name }) => name === 'n')?.value
  return typeof asked === 'number' && Number.isSafeInteger(asked) && asked > 1 ? asked : 1
}

/** The price at the dearest metered target; undefined if one of them has none. */
function dearest(call: Call, course: Course, usage: Usage): number | undefined {
  let most = 0
  for (const { target, credential } of course.legs) {
    if (credential.billing !== 'metered') continue
    const cost = usageCost(target, usage, call.at)
    if (cost === undefined) return undefined
    most = Math.max(most, cost)
  }
  return most
}

/** What that usage costs at a metered target, in nano-dollars; undefined if no price is known. */
export function usageCost(target: Target, usage: Usage, at: number): number | undefined {
  const found = costOf(target.provider.row, target.model, usage, new Date(at), userPrice(target))
  return 'nanoUsd' in found ? found.nanoUsd : undefined
}

/** A price the user wrote down wins over every list. */
export function userPrice(target: Target): ModelPrice | undefined {
  const { models, modelAliases } = target.provider
  return models.find(m => (modelAliases[m.id] ?? m.id) === target.model)?.price
}
