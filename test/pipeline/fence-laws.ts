import { PROBLEM_CODES, type ProblemCode } from '../../src/canon/problem.ts'
import type { Billing } from '../../src/catalog/provider.ts'
import type { Attempt } from '../../src/ledger/receipt.ts'
import {
  type AnyCredential,
  type AnyGateway,
  type AnyProvider,
  type AnyRoute,
  keyOf,
  PRICE_USD,
} from './any-gateway.ts'
import type { Got } from './scripted-house.ts'
import type { Sent } from './scripted-network.ts'

/** One call as it went, with what providers got of it and what that cost at most. */
export interface Went {
  /** The name called. */
  readonly name: string
  readonly atMs: number
  readonly got: Got
  /** With the most each request may be billed, in dollars, by what became of it. */
  readonly sent: readonly (Sent & { readonly billedUsd: number })[]
  /** How many receipts the call has. */
  readonly receipts: number
}

/** What a name means by the configuration, read anew: none of this is the program's own code. */
interface Meaning {
  readonly route: AnyRoute | undefined
  /** The targets that may be first: several only where they are equals. */
  readonly firsts: readonly string[]
  readonly lane: Billing
  readonly retryMax: number
}

const DAY_MS = 86_400_000

/** What is wrong with a series of calls, in words; nothing if every fence held. */
export function brokenLaws(gateway: AnyGateway, calls: readonly Went[]): string[] {
  const lookUp = openLookUp(gateway)
  return [
    ...calls.flatMap((call, i) => {
      const meaning = meaningOf(call.name, gateway)
      const found = [
        ...lanes(call, meaning, lookUp),
        ...origins(call, lookUp),
        ...targets(call, meaning),
        ...told(call, meaning),
        ...receipts(call, lookUp),
        ...amounts(call, meaning),
        ...asked(call, meaning, gateway),
      ]
      return found.map(words => `call ${i + 1} of ${call.name}: ${words}`)
    }),
    ...crossings(gateway, calls, lookUp),
  ]
}

interface Owner {
  readonly provider: AnyProvider
  readonly credential: AnyCredential
}

type LookUp = (key: string | undefined) => Owner

function openLookUp({ providers }: AnyGateway): LookUp {
  const owners = new Map(
    providers.flatMap(provider =>
      provider.credentials.map(credential => [keyOf(provider.id, credential.name), { provider, credential }] as const),
    ),
  )
  return key => {
    const owner = owners.get(key ?? '')
    if (owner === undefined) throw new Error(`nobody has the key ${key}`)
    return owner
  }
}

function meaningOf(name: string, gateway: AnyGateway): Meaning {
  const route = gateway.routes.find(each => each.name === name || `as-${each.name}` === name)
  const laneAt = (ref: string) => firstLane(providerOf(ref, gateway))
  if (route === undefined) return { route, firsts: [name], lane: laneAt(name), retryMax: gateway.retryMax }
  const ranked = route.targets.map(({ model, priority }, i) => ({
    model,
    rank: priority ?? (route.balance === 'order' ? i + 1 : 1),
  }))
  // A model that stands there twice counts where it stands first.
  const once = ranked.filter(({ model }, i) => ranked.findIndex(each => each.model === model) === i)
  const best = Math.min(...once.map(({ rank }) => rank))
  const firsts = once.filter(({ rank }) => rank === best).map(({ model }) => model)
  return { route, firsts, lane: laneAt(firsts[0] ?? ''), retryMax: route.retryMax ?? gateway.retryMax }
}

function providerOf(ref: string, { providers }: AnyGateway): AnyProvider {
  const found = providers.find(({ id }) => ref.startsWith(`${id}/`))
  if (found === undefined) throw new Error(`${ref} is of no provider`)
  return found
}

/** The lane of the key that is written to go first, whether or not it can be had. */
function firstLane({ credentials }: AnyProvider): Billing {
  const best = Math.min(...credentials.map(({ priority }) => priority))
  const first = credentials.find(({ priority }) => priority === best)
  if (first === undefined) throw new Error('a provider without keys')
  return first.lane
}

const refOf = ({ provider, model }: Pick<Attempt, 'provider' | 'model'>) => `${provider}/${model}`

/** A request is only ever paid from the first lane, unless the route crosses lanes. */
function lanes({ sent }: Went, { route, lane }: Meaning, lookUp: LookUp): string[] {
  if (route !== undefined && route.crossBilling !== false) return []
  return sent
    .map(({ key }) => lookUp(key).credential.lane)
    .filter(paid => paid !== lane)
    .map(paid => `it was paid from the lane ${paid}, and its own is ${lane}`)
}

/** What a route spends outside of its first lane stays within the day's amount. */
function crossings(gateway: AnyGateway, calls: readonly Went[], lookUp: LookUp): string[] {
  const spent = new Map<string, { usd: number; most: number }>()
  for (const { name, atMs, sent } of calls) {
    const { route, lane } = meaningOf(name, gateway)
    if (route === undefined || typeof route.crossBilling === 'boolean' || lane === 'metered') continue
    for (const { key, billedUsd } of sent) {
      if (lookUp(key).credential.lane !== 'metered') continue
      const day = `${route.name} on day ${Math.floor(atMs / DAY_MS)}`
      const usd = (spent.get(day)?.usd ?? 0) + billedUsd
      spent.set(day, { usd, most: route.crossBilling.maxUsdPerDay })
    }
  }
  return [...spent]
    .filter(([, { usd, most }]) => usd > most + 1e-9)
    .map(([day, { usd, most }]) => `${day} spent ${usd} USD outside of its lane, and ${most} are allowed`)
}

function origins({ sent }: Went, lookUp: LookUp): string[] {
  return sent
    .filter(({ key, origin }) => origin !== `https://${lookUp(key).provider.id}.test`)
    .map(({ key, origin }) => `the key ${key} was sent to ${origin}`)
}

/** Another target, and a key of another lane, is asked only for a reason the route names. */
function targets({ got: { receipt } }: Went, { route, firsts, lane }: Meaning): string[] {
  const { attempts, fallback, passed } = receipt
  const names = (code: ProblemCode | undefined) => code !== undefined && route?.fallbackOn.includes(code) === true
  const moved = attempts.flatMap((attempt, i) => {
    const before = attempts[i - 1]
    if (before === undefined || names(before.problem?.code)) return []
    if (refOf(before) === refOf(attempt) && before.billing === attempt.billing) return []
    // The target's other key was to be next, and was left out for a reason of its own.
    if (passed.some(({ target, reason }) => target === refOf(before) && names(coolingAfter(reason)))) return []
    return [`after ${before.problem?.code} at ${refOf(before)} it went on to ${refOf(attempt)}, ${attempt.billing}`]
  })
  const [start] = attempts
  const isHome = start !== undefined && firsts.includes(refOf(start)) && start.billing === lane
  if (start === undefined || isHome || names(fallback?.reason)) return moved
  return [...moved, `it began with ${refOf(start)} for ${fallback?.reason}`]
}

function coolingAfter(reason: string): ProblemCode | undefined {
  const code = /^it cools down after (\w+)$/.exec(reason)?.[1]
  return PROBLEM_CODES.find(known => known === code)
}

/** That another target answered, or another lane pays after a setback, is told, and nothing else. */
function told({ got }: Went, { firsts, lane }: Meaning): string[] {
  const { fallback, servedModel, attempts, billing } = got.receipt
  const header = got.headers.get('candor-fallback')
  const words = fallback === undefined ? null : `from=${fallback.from}; reason=${fallback.reason}`
  const found: string[] = []
  if (header !== words) found.push(`the header says ${header}, and the receipt ${words}`)
  if (got.headers.get('candor-billing') !== (billing ?? null)) found.push('the lane in the header is wrong')
  if (fallback !== undefined && !firsts.includes(fallback.from)) found.push(`it tells a fallback from ${fallback.from}`)
  const isHome = attempts.length === 0 || (firsts.includes(servedModel ?? '') && billing === lane)
  if (isHome && fallback !== undefined && (firsts.length === 1 || fallback.from === servedModel))
    found.push(`${servedModel} answered in its lane, and the fallback told is ${words}`)
  const hasMoved = !firsts.includes(servedModel ?? '') || attempts.at(-1)?.because === 'credential'
  if (!isHome && hasMoved && fallback === undefined)
    found.push(`${servedModel} on ${billing} answered, and that is not told`)
  return found
}

/** One receipt, and in it exactly what providers got. */
function receipts({ got, sent, receipts: count }: Went, lookUp: LookUp): string[] {
  const { attempts, ending, problem } = got.receipt
  const noted = attempts.map(each => `${refOf(each)} ${each.credential ?? ''} ${each.billing} ${each.url}`)
  const seen = sent.map(({ origin, path, key, model }) => {
    const { provider, credential } = lookUp(key)
    const several = provider.credentials.filter(each => each.present).length > 1
    return `${provider.id}/${model} ${several ? credential.name : ''} ${credential.lane} ${origin}${path}`
  })
  const found: string[] = []
  if (count !== 1) found.push(`it has ${count} receipts`)
  if (noted.join('\n') !== seen.join('\n')) found.push(`the receipt has [${noted}], providers got [${seen}]`)
  if (ending === 'in-flight') found.push('its receipt is open')
  if (problem?.code === 'internal') found.push('it met a bug')
  if (ending === 'complete' && got.status !== 200) found.push(`it is complete, with status ${got.status}`)
  return found
}

/** No more attempts than the retries allow, and none behind the first byte. */
function amounts({ got, sent }: Went, { retryMax }: Meaning): string[] {
  const byLeg = new Map<string, number>()
  for (const { key, model } of sent) byLeg.set(`${key} ${model}`, (byLeg.get(`${key} ${model}`) ?? 0) + 1)
  const often = [...byLeg]
    .filter(([, times]) => times > retryMax + 1)
    .map(([leg, times]) => `${leg} was asked ${times} times`)
  const late = sent.length - (got.sentAtFirstByte ?? sent.length)
  return late === 0 ? often : [...often, `${late} requests were sent behind the first byte`]
}

/** Somebody is asked, unless what the name means first cannot be used at all. */
function asked({ got, sent }: Went, { firsts, lane }: Meaning, gateway: AnyGateway): string[] {
  const usable = firsts.some(ref => {
    const { credentials } = providerOf(ref, gateway)
    return ref === firsts[0] && credentials.some(each => each.present && each.lane === lane)
  })
  if (sent.length > 0 || !usable) return []
  return [`nobody was asked: ${got.receipt.problem?.code}`]
}

/** The most a request may be billed, in dollars: what an answer told, else all that was asked for. */
export function mostUsd(tokens: { readonly input: number; readonly output: number }): number {
  return ((tokens.input + tokens.output) * PRICE_USD) / 1_000_000
}
