import { inputTotal, outputTotal } from '../../src/canon/usage.ts'
import type { Attempt, Receipt } from '../../src/ledger/receipt.ts'
import { mayHaveWorked } from '../../src/pipeline/call-record.ts'
import { CREDENTIAL_MOVES } from '../../src/pipeline/run-course.ts'
import { groupBy, spoiled, tagOf } from './storm-calls-checks.ts'
import { ALLOWANCE_USD, GONE, PRICE, STORM_PROVIDERS, STORM_ROUTES } from './storm-providers.ts'
import type { Storm } from './storm-run.ts'

const NANO = 1e9

/** Where an attempt goes: provider, key and model. */
function placeOf(attempt: Attempt): string {
  const keys = STORM_PROVIDERS.find(({ id }) => id === attempt.provider)?.keys ?? []
  return `${attempt.provider} ${attempt.credential ?? keys[0]?.name} ${attempt.model}`
}

/** Where nothing was answered nobody knows whether the request arrived: the connection failed, the client left, or the provider was too slow. */
function mayBeUnheard({ status }: Attempt): boolean {
  return status === undefined
}

/** What the receipts call attempts is what the providers received, by call, provider, key and model. */
export function attemptFaults({ receipts, received }: Storm): string[] {
  const requests = new Map(
    [...groupBy(received, ({ tag, provider, credential, model }) => `${tag} ${provider} ${credential} ${model}`)].map(
      ([where, all]) => [where, all.length],
    ),
  )
  const faults: string[] = []
  for (const receipt of receipts) {
    const attempts = receipt.attempts.filter(({ provider }) => provider !== GONE)
    for (const [place, tried] of groupBy(attempts, placeOf)) {
      const where = `${tagOf(receipt)} ${place}`
      const came = requests.get(where) ?? 0
      requests.delete(where)
      const least = tried.filter(attempt => !mayBeUnheard(attempt)).length
      if (came < least || came > tried.length)
        faults.push(`${receipt.id} ${where}: ${tried.length} attempts, ${came} requests`)
    }
  }
  for (const [where, came] of requests) faults.push(`${where}: ${came} requests, and no attempt`)
  return faults
}

/** Of complete calls: the tokens the simulator told, and what they cost by the configured price. */
export function usageFaults({ receipts, received }: Storm): string[] {
  const byTag = groupBy(received, ({ tag }) => tag)
  return receipts.flatMap(receipt => {
    if (receipt.ending !== 'complete' || receipt.cache === 'hit') return []
    const requests = byTag.get(tagOf(receipt)) ?? []
    const request = requests.toSorted((a, b) => a.request.atMs - b.request.atMs).at(-1)?.request
    if (request === undefined) return [`${receipt.id}: complete, and nobody was asked`]
    if (spoiled(requests)) return []
    const { usage = {}, cost, billing } = receipt
    const { told } = request
    if (told === undefined)
      return isUnknown(receipt)
        ? []
        : [`${receipt.id}: ${JSON.stringify({ usage, cost })}, and the provider told nothing`]
    const counted = `${inputTotal(usage)} in, ${outputTotal(usage)} out`
    const said = `${told.inputTokens} in, ${told.outputTokens} out`
    const price = told.inputTokens * PRICE.input + told.outputTokens * PRICE.output
    const wanted = billing === 'metered' ? { type: 'metered', nanoUsd: price } : { type: billing, nanoUsd: undefined }
    const charged = { type: cost.type, nanoUsd: 'nanoUsd' in cost ? cost.nanoUsd : undefined }
    return [
      ...(counted === said ? [] : [`${receipt.id}: ${counted}, and the provider said ${said}`]),
      ...(JSON.stringify(charged) === JSON.stringify(wanted)
        ? []
        : [`${receipt.id}: costs ${JSON.stringify(charged)}, and not ${JSON.stringify(wanted)}`]),
    ]
  })
}

/** What was not told is not made up, and counts as it was reserved. */
function isUnknown({ usage, cost, billing, charged }: Receipt): boolean {
  return (
    usage === undefined && cost.type === (billing === 'metered' ? 'unknown' : billing) && charged?.estimated === true
  )
}

function firstLane(receipt: Receipt): string | undefined {
  const first = STORM_ROUTES[receipt.requestedModel]?.targets[0] ?? receipt.requestedModel
  const provider = first.slice(0, first.indexOf('/'))
  return provider === GONE ? 'metered' : STORM_PROVIDERS.find(({ id }) => id === provider)?.keys[0]?.billing
}

/** No key is used outside of its lane, and no call leaves the lane of its first target but by a route that crosses. */
export function laneFaults({ receipts, received }: Storm): string[] {
  const faults: string[] = []
  const requests = groupBy(received, ({ tag }) => tag)
  for (const receipt of receipts) {
    const crosses = (STORM_ROUTES[receipt.requestedModel]?.crossBilling ?? false) !== false
    const lanes = [
      ...receipt.attempts.map(({ billing }) => billing),
      ...(requests.get(tagOf(receipt)) ?? []).map(({ billing }) => billing),
    ]
    for (const lane of lanes)
      if (!crosses && lane !== firstLane(receipt)) faults.push(`${receipt.id} ${receipt.requestedModel}: used ${lane}`)
    for (const attempt of receipt.attempts) faults.push(...strangeLane(receipt, attempt))
  }
  // What was asked in its own lane only, or refused in the other, cost nothing there.
  const crossed = receipts.filter(
    ({ requestedModel, attempts }) =>
      requestedModel === 'allowance' && attempts.some(each => each.billing === 'metered' && mayHaveWorked(each)),
  )
  const spent = crossed.reduce((sum, { charged }) => sum + (charged?.nanoUsd ?? 0), 0)
  if (spent > ALLOWANCE_USD * NANO)
    faults.push(`${spent} nano-dollars were spent over an allowance of ${ALLOWANCE_USD}`)
  return faults
}

function strangeLane({ id }: Receipt, attempt: Attempt): string[] {
  const keys = STORM_PROVIDERS.find(provider => provider.id === attempt.provider)?.keys ?? []
  const key = keys.find(({ name }) => name === attempt.credential) ?? keys[0]
  return key === undefined || key.billing === attempt.billing
    ? []
    : [`${id}: ${key.name} is ${key.billing}, not ${attempt.billing}`]
}

/** Every attempt behind the first has a reason the route allows, and comes when the one before it had failed. */
export function moveFaults({ receipts }: Storm): string[] {
  return receipts.flatMap(receipt => {
    const { id, attempts, requestedModel, fallback } = receipt
    const route = STORM_ROUTES[requestedModel]
    const faults: string[] = []
    if (fallback !== undefined && route?.fallbackOn.includes(fallback.reason) !== true)
      faults.push(`fell back on ${fallback.reason}`)
    if (fallback !== undefined && fallback.from === receipt.servedModel) faults.push('fell back on itself')
    if (
      fallback === undefined &&
      route === undefined &&
      attempts.some(attempt => `${attempt.provider}/${attempt.model}` !== requestedModel)
    )
      faults.push('another model, without a route')
    for (const [at, attempt] of attempts.entries()) {
      const before = attempts[at - 1]
      if (before !== undefined)
        faults.push(...strangeMove(before, attempt, route?.fallbackOn ?? [], route?.retry?.max ?? 0))
    }
    return faults.map(fault => `${id} ${requestedModel}: ${fault}`)
  })
}

function strangeMove(before: Attempt, attempt: Attempt, fallbackOn: readonly string[], retries: number): string[] {
  const code = before.problem?.code
  if (code === undefined) return [`went on from ${before.provider} without a problem`]
  if ((before.endedMs ?? Number.POSITIVE_INFINITY) > attempt.startedMs) return ['two attempts at the same time']
  const same = before.provider === attempt.provider && before.model === attempt.model
  if (!same)
    return fallbackOn.includes(code) && attempt.because === 'fallback'
      ? []
      : [`${attempt.because} after ${code} to ${attempt.provider}`]
  if (before.credential !== attempt.credential)
    return CREDENTIAL_MOVES.has(code) || fallbackOn.includes(code) ? [] : [`another key after ${code}`]
  if (attempt.because === 'surface') return code === 'client_not_admitted' ? [] : [`another surface after ${code}`]
  return attempt.because === 'retry' && retries > 0 ? [] : [`the same again, because: ${attempt.because}`]
}

/** Nobody is asked again who has answered: of the answers that went well one is enough. Those that came too late are none. */
export function twiceFaults({ receipts, received }: Storm): string[] {
  const requests = groupBy(received, ({ tag }) => tag)
  return receipts.flatMap(receipt => {
    const well = (requests.get(tagOf(receipt)) ?? []).filter(
      ({ request, fault }) => request.answeredAtMs !== undefined && fault === undefined,
    )
    const late = receipt.attempts.filter(({ status, problem }) => status === undefined || problem?.code === 'timeout')
    return well.length > 1 + late.length
      ? [`${receipt.id}: ${well.length} answers, ${late.length} of them too late`]
      : []
  })
}
