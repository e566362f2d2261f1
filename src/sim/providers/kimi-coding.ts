import type { JsonObject } from '../../base/json-value.ts'
import type { Ask } from '../ask.ts'
import type { Check } from '../check.ts'
import { failureReply, jsonReply, moonshotAnthropicEnvelope, moonshotEnvelope } from '../failure.ts'
import { headerOf, type ReceivedRequest } from '../http-reader.ts'
import { type KeyHeader, type KeyState, keyOn } from '../keys.ts'
import { kimiAnthropicChecks, kimiChecks } from '../kimi-checks.ts'
import type { Failure, Reply } from '../reply.ts'
import type { SimKind, World } from '../sim-kind.ts'
import { type AnthropicSurface, answerAnthropic, answerOpenAi, type OpenAiSurface } from '../surface.ts'

/**
 * Kimi Code, the coding plan. Wordings and statuses: kimi.com/code/docs, error reference; the client list and the openness of
 * `/models` as measured in kodustech/kodus-ai#1257.
 */

/** Beginnings of `User-Agent` measured as admitted to the OpenAI surface (farion1231/cc-switch, pull request 3671). */
const ADMITTED = ['claude-cli/', 'claude-code/', 'Kilo-Code/']

const MODELS = [
  'kimi-for-coding',
  'kimi-for-coding-highspeed',
  'k3',
  'k3-256k',
  'k3.1-pro',
  'k3.1-pro-highspeed',
] as const

/** What the smallest plan includes. */
const LOW_TIER_MODELS: readonly string[] = ['kimi-for-coding']

const AUTH = 'invalid_authentication_error'
const TERMINATED = 'access_terminated_error'

const NOT_ADMITTED: Failure = {
  status: 403,
  type: TERMINATED,
  message:
    'Kimi For Coding is currently only available for Coding Agents such as Kimi CLI, Claude Code, Roo Code, Kilo Code, etc.',
}

const INVALID: Failure = {
  status: 401,
  type: AUTH,
  anthropicType: 'authentication_error',
  message: 'The API Key appears to be invalid or may have expired. Please verify your credentials and try again.',
}

const KEY_FAILURES: Readonly<Partial<Record<KeyState, Failure>>> = {
  invalid: INVALID,
  expired: INVALID,
  'wrong-service': {
    status: 401,
    type: AUTH,
    anthropicType: 'authentication_error',
    message: 'Invalid Authentication',
  },
  lapsed: {
    status: 402,
    type: 'invalid_request_error',
    message: "We're unable to verify your membership benefits at this time. Please ensure your membership is active.",
  },
  banned: { status: 403, type: 'permission_error', message: 'Access terminated.' },
  'weekly-used-up': {
    status: 403,
    type: TERMINATED,
    message: "You've reached your usage limit for this billing cycle. Your quota will be refreshed in the next cycle.",
  },
  'five-hour-used-up': {
    status: 429,
    type: 'rate_limit_error',
    message: "You've reached your usage limit for this period. Your quota will be refreshed in the next period.",
  },
  'monthly-used-up': {
    status: 429,
    type: 'rate_limit_error',
    message: "You've reached kimi monthly usage limit for this billing cycle",
  },
  concurrency: { status: 403, type: TERMINATED, message: 'concurrent request limit' },
  'rate-limited': {
    status: 429,
    type: 'rate_limit_error',
    message: "We're receiving too many requests at the moment",
  },
  overloaded: {
    status: 429,
    type: 'engine_overloaded_error',
    anthropicType: 'rate_limit_error',
    message: 'The engine is currently overloaded, please try again later',
  },
}

function callId(name: string, index: number): string {
  return `functions.${name}:${index}`
}

const openAi: OpenAiSurface = {
  envelope: moonshotEnvelope,
  dialect: { tightData: true, callId, usageOnChoice: true, refusal: 'content_filter' },
  checks: kimiChecks,
}

const anthropic: AnthropicSurface = {
  envelope: moonshotAnthropicEnvelope,
  signer: 'kimi-coding',
  // A colon or dot would break Anthropic's own pattern for ids.
  callId: (name, index, requestNumber) => `tool_${name}_${requestNumber}_${index}`,
  checks: kimiAnthropicChecks,
}

/** The simulated Kimi Code. */
export const kimiCoding: SimKind = {
  id: 'kimi-coding',
  key: 'sk-kimi-sim-valid',
  keyStates: [...(Object.keys(KEY_FAILURES) as KeyState[]), 'valid', 'nearly-used-up', 'low-tier', 'mid-tier'],
  model: 'kimi-for-coding',
  surfaces: [
    { protocol: 'anthropic-messages', basePath: '/coding' },
    { protocol: 'openai-completions', basePath: '/coding/v1' },
  ],
  answer(request, world) {
    switch (`${request.method} ${request.path}`) {
      case 'POST /coding/v1/chat/completions':
        return chat(request, world)
      case 'POST /coding/v1/messages':
        return messages(request, world)
      case 'GET /coding/v1/models':
        return models(world)
      case 'GET /coding/v1/usages':
        return usages(request, world)
      default:
        return failureReply(
          { status: 404, type: 'resource_not_found_error', message: 'The requested resource was not found' },
          moonshotEnvelope,
        )
    }
  },
}

function chat(request: ReceivedRequest, world: World): Reply {
  const state = stateOn(request, 'bearer', world)
  const agent = headerOf(request.headers, 'user-agent') ?? ''
  const admitted = (world.admits ?? ADMITTED).some(prefix => agent.startsWith(prefix))
  const failure = KEY_FAILURES[state]
  // A key is looked at before the client, and the client before the plan.
  const refused = failure?.status === 401 || admitted ? failure : NOT_ADMITTED
  if (refused !== undefined) return failureReply(refused, moonshotEnvelope)
  return answerOpenAi({ ...openAi, checks: [modelCheck(state), ...openAi.checks] }, request, world)
}

function messages(request: ReceivedRequest, world: World): Reply {
  const state = stateOn(request, 'either', world)
  const agent = headerOf(request.headers, 'user-agent') ?? ''
  const throttled = world.throttles.some(prefix => agent.startsWith(prefix))
  const refused = KEY_FAILURES[state] ?? (throttled ? KEY_FAILURES.overloaded : undefined)
  if (refused !== undefined) return failureReply(refused, moonshotAnthropicEnvelope)
  return answerAnthropic({ ...anthropic, checks: [modelCheck(state), ...anthropic.checks] }, request, world)
}

/** Open to everybody: a list that loads proves nothing about the key. */
function models(world: World): Reply {
  const data = (world.models ?? MODELS).map(id => ({ id, object: 'model', owned_by: 'moonshot' }))
  return jsonReply({ object: 'list', data }, moonshotEnvelope)
}

/** Shape: MoonshotAI/kimi-code, packages/oauth/src/managed-usage.ts. Counts are texts. */
function usages(request: ReceivedRequest, world: World): Reply {
  const state = stateOn(request, 'bearer', world)
  const failure = KEY_FAILURES[state]
  if (failure?.status === 401) return failureReply(failure, moonshotEnvelope)
  const now = world.clock.now()
  const weekly = window(state === 'weekly-used-up' ? 1 : 0.25, 2048, now + 3 * 86_400_000)
  const fiveHours = window(FIVE_HOURS_USED[state] ?? 0.25, 300, now + 2 * 3_600_000)
  return jsonReply(
    {
      usage: weekly,
      limits: [{ window: { duration: 300, timeUnit: 'TIME_UNIT_MINUTE' }, detail: fiveHours }],
      user: { membership: { level: state === 'low-tier' ? 'LEVEL_BASIC' : 'LEVEL_INTERMEDIATE' } },
    },
    moonshotEnvelope,
  )
}

/** The part of the five hours that is used, where it is not a quarter. */
const FIVE_HOURS_USED: Readonly<Partial<Record<KeyState, number>>> = { 'five-hour-used-up': 1, 'nearly-used-up': 0.96 }

function window(usedPart: number, limit: number, resetsAtMs: number): JsonObject {
  const used = Math.floor(limit * usedPart)
  return {
    used: String(used),
    limit: String(limit),
    remaining: String(limit - used),
    resetTime: new Date(resetsAtMs).toISOString(),
  }
}

function stateOn(request: ReceivedRequest, where: KeyHeader, world: World): KeyState {
  const key = keyOn(request, where)
  if (key === undefined) return 'invalid'
  const set = world.stateOf(key)
  if (set !== undefined) return set
  if (key.startsWith('sk-kimi-')) return 'valid'
  return key.startsWith('sk-') ? 'wrong-service' : 'invalid'
}

function modelCheck(state: KeyState): Check {
  return ({ ask, world }) => modelFailure(ask, state, world.models ?? MODELS)
}

function modelFailure(ask: Ask, state: KeyState, known: readonly string[]): Failure | undefined {
  const { model } = ask
  const bracket = model.indexOf('[')
  if (bracket > 0 && known.includes(model.slice(0, bracket))) {
    return unauthorized(
      `Your model id does not exist, recognized as other:${model}. Please set model id as ${model.slice(0, bracket)}.`,
    )
  }
  if (!known.includes(model)) {
    return {
      status: 404,
      type: 'resource_not_found_error',
      anthropicType: 'not_found_error',
      message: `Not found the model ${model} or Permission denied`,
    }
  }
  if (state === 'low-tier' && !LOW_TIER_MODELS.includes(model)) {
    return unauthorized(
      model.startsWith('k3')
        ? `Your current subscription does not have access to ${model}. Upgrade to a Moderato plan or above.`
        : `Your current subscription does not have access to ${model}`,
    )
  }
  if (state === 'mid-tier' && ask.inputTokens > 262_144) {
    return unauthorized(
      'Your current plan supports only kimi-k3 up to 256K context. 1M context is available on higher-tier plans.',
    )
  }
  return undefined
}

function unauthorized(message: string): Failure {
  return { status: 401, type: AUTH, anthropicType: 'authentication_error', message }
}
