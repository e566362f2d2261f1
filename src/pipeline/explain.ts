import { featuresOf } from '../canon/features.ts'
import type { Identity } from '../canon/identity.ts'
import type { Assumption, Loss } from '../canon/loss.ts'
import { isProblem, type Problem } from '../canon/problem.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import type { Passed } from '../ledger/receipt.ts'
import { buildHeaders } from '../upstream/headers.ts'
import type { CredentialSetup } from '../upstream/provider-setup.ts'
import type { Call, House, Surface, Target } from './call.ts'
import { chooseSurfaces, noSurface } from './choose-targets.ts'
import { allowedLosses, type CanonReader, canonReader, isAllowed, type Prepared, prepare } from './prepare.ts'
import { type RequestHead, readRequestHead } from './read-request.ts'
import { plannedRequest, shownHeaders } from './try-target.ts'
import { waysTo } from './ways.ts'

/** A parameter that the target is told in its own words. */
export interface Mapped {
  readonly name: string
  readonly at: string
  readonly as: string
}

/** What would become of a call, without making it. */
export interface Explanation {
  /** The `provider/model` it would go to, and who pays. */
  readonly target?: string
  readonly billing?: string
  readonly protocol?: ProtocolId
  readonly passThrough: boolean
  readonly mapped: readonly Mapped[]
  /** Left out, and told. */
  readonly reported: readonly Loss[]
  /** What ends the call: leaving it out would change the answer. */
  readonly refused: readonly Loss[]
  readonly assumptions: readonly Assumption[]
  readonly passed: readonly Passed[]
  /** What would be sent, key masked. Absent: nothing would be. */
  readonly request?: UpstreamRequest
  /** Why the request is refused, whoever sends it. */
  readonly problem?: Problem
  /** Why a call would be refused now though the request is good: the provider cannot be used, most often for want of a key. */
  readonly unusable?: Problem
}

/** A request as the provider would get it. */
export interface UpstreamRequest {
  readonly method: 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly identity: Identity
  readonly body: string
}

/** Of a provider without a key: what would be sent is explained all the same. */
const NO_CREDENTIAL: CredentialSetup = { name: 'none', billing: 'metered', priority: 1, weight: 1 }

const NOTHING: Explanation = { passThrough: false, mapped: [], reported: [], refused: [], assumptions: [], passed: [] }

const decoder = new TextDecoder()

/**
 * Goes the way of a call up to the moment of sending, with the functions a call goes through: name, surface, translation, headers. `model` is
 * asked for in place of the one the request names; `stream` counts where the body does not say it. A provider that cannot be used, for want of a
 * key above all, is explained all the same, for nothing is sent.
 */
export function explainCall(
  call: Call,
  asked: { readonly model: string; readonly stream: boolean },
  house: House,
): Explanation {
  const found = readRequestHead({ body: call.body })
  if (isProblem(found)) return { ...NOTHING, problem: found }
  const head = { ...found, model: asked.model, stream: found.stream || asked.stream }
  const usable = house.directory.resolve(head.model)
  const target = isProblem(usable) ? house.directory.resolveUnusable(head.model) : usable
  if (isProblem(target)) return { ...NOTHING, problem: target }
  const explanation = explainTo({ ...call, names: head }, target, head, house)
  if (!isProblem(usable)) return explanation
  const barred = house.directory.resolve(target.ref)
  return isProblem(barred) ? { ...explanation, unusable: barred } : explanation
}

function explainTo(call: Call, target: Target, head: RequestHead, house: House): Explanation {
  const canon = canonReader(call)
  const allowLoss = allowedLosses(call, house.settings.allowLoss)
  const credential = target.provider.credentials[0] ?? NO_CREDENTIAL
  const choice = chooseSurfaces({ target, credential }, call, house)
  const passed = [...choice.passed]
  const way = waysTo(call, choice.surfaces, head, canon, allowLoss, passed).next()
  const about = { ...NOTHING, target: target.ref, billing: target.provider.billing, passed }
  if (way.done) {
    const [first] = choice.surfaces
    const found = way.value ?? noSurface(target, call.operation, passed)
    return { ...about, ...(first === undefined ? {} : losing(call, first, head, canon, allowLoss)), problem: found }
  }
  const { surface, prepared } = way.value
  return {
    ...about,
    ...fates(call, surface, prepared, canon, allowLoss),
    request: requestOf(call, surface, prepared, head.stream),
  }
}

/** What a refused request would lose: prepared once more, with every loss allowed. */
function losing(
  call: Call,
  surface: Surface,
  head: RequestHead,
  canon: CanonReader,
  allowLoss: readonly string[],
): Partial<Explanation> {
  const prepared = prepare(call, surface, head, canon, ['*'])
  return isProblem(prepared) ? {} : fates(call, surface, prepared, canon, allowLoss)
}

function fates(
  call: Call,
  surface: Surface,
  prepared: Prepared,
  canon: CanonReader,
  allowLoss: readonly string[],
): Omit<Explanation, 'passed'> {
  const { losses, assumptions, passThrough } = prepared
  const ends = (loss: Loss) => loss.kind === 'semantic' && !isAllowed(loss, allowLoss)
  return {
    protocol: surface.protocol.id,
    passThrough,
    mapped: passThrough || call.operation === 'embed' ? [] : mappedOf(call, surface, losses, canon),
    reported: losses.filter(loss => !ends(loss)),
    refused: losses.filter(ends),
    assumptions,
  }
}

/** A name that is lost at one place may be said at another: then it stands in both lists. */
function mappedOf(call: Call, surface: Surface, losses: readonly Loss[], canon: CanonReader): readonly Mapped[] {
  const read = canon()
  if (isProblem(read)) return []
  return featuresOf(read.request).flatMap(({ name, at }) => {
    const as = surface.protocol.parameters[name]?.path
    const place = at ?? call.protocol.parameters[name]?.path ?? name
    const lost = losses.some(loss => loss.parameter === name && (at === undefined || loss.path.startsWith(place)))
    return as === undefined || lost ? [] : [{ name, at: place, as }]
  })
}

function requestOf(call: Call, surface: Surface, prepared: Prepared, stream: boolean): UpstreamRequest {
  const { plan, identity, url } = plannedRequest(call, surface, stream)
  return {
    method: 'POST',
    url,
    headers: shownHeaders(buildHeaders(plan, identity), surface),
    identity,
    body: decoder.decode(prepared.body),
  }
}
