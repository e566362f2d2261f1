import { redactText } from '../base/redact.ts'
import { type Problem, problem } from '../canon/problem.ts'
import type { Passed } from '../ledger/receipt.ts'
import { identityOf } from '../upstream/headers.ts'
import type { EndpointSetup, ModelSetup } from '../upstream/provider-setup.ts'
import type { Call, House, Leg, Operation, Surface, Target } from './call.ts'
import { canEmbed } from './embed.ts'

/** The surfaces to try, in order, and those left out with the reason. */
export interface Choice {
  readonly surfaces: readonly Surface[]
  readonly passed: readonly Passed[]
}

/**
 * Orders the ways to reach one target: the caller's own protocol first, because nothing is translated there, unless it is an imitation; then as
 * the provider prefers them, with those it advises against behind the others. A surface that admits only listed clients is left out when the
 * outgoing name is not one it is known to admit, or when it refused that name lately; if nothing else is left it is tried all the same, for
 * lists grow.
 */
export function chooseSurfaces(leg: Leg, call: Call, house: House): Choice {
  const { target, credential } = leg
  const name = identityOf({ client: call.headers, provider: target.provider, model: modelSetup(target) }).userAgent
  const passed: Passed[] = []
  const likely: EndpointSetup[] = []
  const unlikely: { endpoint: EndpointSetup; reason: string }[] = []
  for (const endpoint of target.provider.endpoints) {
    const missing = cannotServe(endpoint, target, call, house)
    const refused = missing ?? refusesName(endpoint, name, house)
    if (missing !== undefined) passed.push({ protocol: endpoint.protocol, reason: missing })
    else if (refused !== undefined) unlikely.push({ endpoint, reason: refused })
    else likely.push(endpoint)
  }
  for (const { endpoint, reason } of unlikely) {
    if (likely.length === 0) likely.push(endpoint)
    else passed.push({ protocol: endpoint.protocol, reason })
  }
  const rank = (endpoint: EndpointSetup) => {
    const isOwn = endpoint.protocol === call.protocol.id && !(endpoint.imitation && call.operation !== 'embed')
    return (isOwn ? 0 : 2) + (endpoint.deprecated || endpoint.imitation ? 1 : 0)
  }
  likely.sort((a, b) => rank(a) - rank(b))
  const surfaces: Surface[] = []
  for (const endpoint of likely) {
    const protocol = house.protocols.get(endpoint.protocol)
    if (protocol !== undefined) surfaces.push({ target, credential, endpoint, protocol })
  }
  return { surfaces, passed }
}

/** The target's row as a setup: only the user's rows carry headers. */
export function modelSetup(target: Target): ModelSetup | undefined {
  return target.row
}

function cannotServe(endpoint: EndpointSetup, target: Target, call: Call, house: House): string | undefined {
  if (!house.protocols.has(endpoint.protocol)) return 'this version of Candor does not speak the protocol'
  const only = target.row?.protocols
  if (only !== undefined && !only.includes(endpoint.protocol)) return 'the provider does not serve this model there'
  const counts = endpoint.protocol === call.protocol.id && endpoint.countsTokens
  if (call.operation === 'count-tokens' && !counts) return 'it is not known to have a call for counting tokens'
  if (call.operation === 'embed' && !(endpoint.embeds && canEmbed(call, endpoint.protocol)))
    return 'it is not known to have a call for embeddings'
  return undefined
}

/** Why a target cannot be asked at all: what was left out, each with its reason. */
export function noSurface(target: Target, operation: Operation, passed: readonly Passed[]): Problem {
  const { id } = target.provider
  const reasons = passed.map(({ protocol, reason }) => `${protocol}: ${reason}`)
  const about = {
    provider: id,
    model: target.model,
    why: reasons.length === 0 ? 'It has no surface that serves this model.' : `${reasons.join('; ')}.`,
  }
  if (operation === 'embed') {
    return problem('untranslatable', `The provider "${id}" is not known to have a call for embeddings.`, {
      ...about,
      fix: [
        'Ask a model of a provider that has one: candor providers shows it for each.',
        `If ${id} has one, configure it under another name, with its baseUrl and api: "openai-completions".`,
      ],
    })
  }
  return problem('provider_unavailable', `No surface of "${id}" can be asked for ${target.ref}.`, {
    ...about,
    fix: [`See its surfaces: candor providers ${id}.`],
  })
}

function refusesName(endpoint: EndpointSetup, name: string, house: House): string | undefined {
  if (house.memory.refuses(endpoint.baseUrl, name))
    return `it refused the client name ${quoted(name)} a short while ago`
  if (endpoint.clients !== 'listed' || endpoint.admits.some(start => name.startsWith(start))) return undefined
  return `it admits only clients on the provider's list, and ${quoted(name)} is not known to be on it`
}

function quoted(name: string): string {
  return JSON.stringify(redactText(name).slice(0, 80))
}
