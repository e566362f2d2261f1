import { nearest } from '../base/nearest.ts'
import { quoteText, redactHeader, redactText } from '../base/redact.ts'
import { Secret } from '../base/secret.ts'
import type { Identity } from '../canon/identity.ts'
import { type Problem, problem, type UpstreamWords } from '../canon/problem.ts'
import { readSigns, type Verdict } from '../catalog/signs.ts'
import type { Broken, ReplyHeaders } from '../upstream/send.ts'
import { ADVICE, type AdviceContext } from './advice.ts'
import type { House, Surface } from './call.ts'
import { modelSetup } from './choose-targets.ts'

/** Longest quotation of a provider's words, in characters. */
const QUOTE_CHARS_MAX = 500

/** Where and as whom a failing request was sent. */
export interface Scene {
  readonly surface: Surface
  readonly identity: Identity
  readonly house: House
}

/** What a provider answered instead of a reply. */
export interface Refusal {
  readonly status: number
  readonly headers: ReplyHeaders
  readonly bodyText: string
}

/** Turns a provider's error answer into a problem, by the catalogue's signs. */
export function diagnoseRefusal(refusal: Refusal, scene: Scene): Problem {
  const { status } = refusal
  if (status >= 300 && status < 400) return redirected(status, scene)
  const verdict = readSigns({ ...refusal, ...sighting(scene) }, scene.surface.target.provider.row)
  return fromVerdict(verdict, status, scene)
}

/** The same for an error told inside a reply that had begun as a success. */
export function diagnoseWords(found: Problem, headers: ReplyHeaders, scene: Scene): Problem {
  const words = found.upstream
  if (words === undefined) return placeAt(found, scene)
  const bodyText = JSON.stringify({ error: { message: words.message, type: words.type, code: words.code } })
  const verdict = readSigns(
    { status: words.status ?? 200, headers, bodyText, ...sighting(scene) },
    scene.surface.target.provider.row,
  )
  // The protocol's own reading stands where the signs find nothing better than "it failed".
  const weaker = verdict.code === 'upstream_error' || verdict.code === 'upstream_bad_request'
  return fromVerdict(weaker ? { ...verdict, code: found.code } : verdict, words.status ?? 200, scene)
}

/** A connection that could not be opened, was lost or went silent. `begun`: part of the answer has come already. */
export function diagnoseBroken(broken: Broken, begun: boolean, scene: Scene): Problem {
  const { provider } = scene.surface.target
  const where = scene.surface.endpoint.origin
  if (broken.type === 'timeout') {
    const seconds = Math.round(broken.afterMs / 1000)
    const what = `${provider.name} ${TIMEOUT_WORDS[broken.timer]} (${broken.timer} timeout after ${seconds} s).`
    return problem('timeout', what, {
      ...place(scene),
      why: `The limit is the gateway's own: gateway.timeouts in its configuration.`,
      fix: ['Try again.', 'If such calls are expected to take longer, raise the limit under gateway.timeouts.'],
      timer: broken.timer,
      ...(broken.timer === 'connect' ? {} : { sent: true }),
    })
  }
  const why = broken.type === 'unreachable' ? broken.why : 'the connection was given up'
  if (begun) {
    return problem('stream_truncated', `${provider.name} broke off its answer: ${why}.`, {
      ...place(scene),
      why: 'What came before is incomplete. Nothing was added to make it look whole.',
      fix: ['Ask again.'],
      sent: true,
    })
  }
  const sent = broken.type === 'unreachable' && broken.sent === true
  return problem('unreachable', `${where} cannot be reached: ${why}.`, {
    ...place(scene),
    fix: [
      `Check the address and the network: candor doctor ${provider.id}.`,
      'If a proxy stands between, check its settings.',
    ],
    ...(sent ? { sent } : {}),
  })
}

const TIMEOUT_WORDS = {
  connect: 'could not be connected to',
  'first byte': 'has not begun to answer',
  idle: 'fell silent in the middle of its answer',
  total: 'took longer than a whole answer may',
} as const

function fromVerdict(verdict: Verdict, status: number, scene: Scene): Problem {
  const { target, credential, endpoint } = scene.surface
  const { provider, model } = target
  const sibling = verdict.useInstead
  const candidates = needsNames(verdict) ? nearNames(scene) : undefined
  const context: AdviceContext = {
    provider,
    credential,
    endpoint,
    model,
    identity: scene.identity,
    ...(sibling === undefined ? {} : { sibling }),
    ...(verdict.window === undefined ? {} : { window: verdict.window }),
    ...(verdict.resetsAtMs === undefined ? {} : { resets: when(verdict.resetsAtMs) }),
    ...(verdict.retryAfterMs === undefined ? {} : { retryAfterMs: verdict.retryAfterMs }),
    ...(candidates === undefined ? {} : { candidates }),
  }
  const advice = ADVICE[verdict.code]?.(context) ?? { what: `${provider.name} failed.`, fix: [] }
  return problem(verdict.code, advice.what, {
    ...place(scene),
    ...(advice.why === undefined ? {} : { why: advice.why }),
    fix: advice.fix,
    upstream: wordsOf(verdict, status, scene),
    ...(verdict.retryAfterMs === undefined ? {} : { retryAfterMs: verdict.retryAfterMs }),
    ...(verdict.resetsAtMs === undefined ? {} : { resetsAtMs: verdict.resetsAtMs }),
    ...(candidates === undefined || candidates.length === 0 ? {} : { candidates }),
  })
}

function redirected(status: number, scene: Scene): Problem {
  return problem('upstream_protocol', `${scene.surface.endpoint.origin} answered with a redirect.`, {
    ...place(scene),
    why: 'Redirects are not followed: the key and the request would go to an address nobody configured.',
    fix: ['Write the final address as baseUrl.', `The address asked was under ${scene.surface.endpoint.baseUrl}.`],
    upstream: { status },
  })
}

function sighting(scene: Scene) {
  const { key } = scene.surface.credential
  return {
    protocol: scene.surface.endpoint.protocol,
    keyStartsWith: (prefix: string) => key?.startsWith(prefix) ?? false,
    model: scene.surface.target.model,
    now: scene.house.clock.now(),
  }
}

/** What a provider wrote, as it may be shown: bounded, harmless, and without the key and the credential headers it was sent. */
export function quoted(text: string, scene: Scene, charsMax: number): string {
  const { target, credential } = scene.surface
  const { provider } = target
  let shown = credential.key?.maskIn(text) ?? text
  for (const headers of [provider.headers, modelSetup(target)?.headers ?? {}]) {
    for (const [name, value] of Object.entries(headers)) {
      if (value !== null && redactHeader(name, '') !== '') shown = new Secret(value).maskIn(shown)
    }
  }
  return quoteText(redactText(shown), charsMax)
}

function wordsOf(verdict: Verdict, status: number, scene: Scene): UpstreamWords {
  const clean = (text: string) => quoted(text, scene, QUOTE_CHARS_MAX)
  return {
    status,
    ...(verdict.message === undefined ? {} : { message: clean(verdict.message) }),
    ...(verdict.type === undefined ? {} : { type: clean(verdict.type) }),
    ...(verdict.errorCode === undefined ? {} : { code: clean(verdict.errorCode) }),
  }
}

function needsNames(verdict: Verdict): boolean {
  return verdict.code === 'upstream_model_not_found'
}

function nearNames(scene: Scene): string[] {
  const { provider, model, ref } = scene.surface.target
  const names = scene.house.directory
    .list()
    .filter(listed => listed.provider.id === provider.id && listed.ref !== ref)
    .map(listed => listed.ref)
  return nearest(`${provider.id}/${model}`, names, 4)
}

/** The same problem, with the provider and model it happened at. */
export function placeAt(found: Problem, scene: Scene): Problem {
  return { ...found, ...place(scene) }
}

function place(scene: Scene): { provider: string; model: string } {
  return { provider: scene.surface.target.provider.id, model: scene.surface.target.model }
}

function when(ms: number): string {
  return `at ${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
