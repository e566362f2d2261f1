import { asNumber, asObject } from '../../base/json-value.ts'
import type { Check } from '../check.ts'
import { invalid } from '../check.ts'
import { failureReply, jsonReply, moonshotAnthropicEnvelope, moonshotEnvelope } from '../failure.ts'
import type { ReceivedRequest } from '../http-reader.ts'
import { type KeyHeader, type KeyState, keyOn } from '../keys.ts'
import { kimiAnthropicChecks, kimiChecks } from '../kimi-checks.ts'
import type { Envelope, Failure, Reply } from '../reply.ts'
import { answerResponses } from '../responses-surface.ts'
import type { SimKind, World } from '../sim-kind.ts'
import { type AnthropicSurface, answerAnthropic, answerOpenAi, type OpenAiSurface } from '../surface.ts'

/** Moonshot, the Kimi Platform paid by use. Statuses and error types: platform.kimi.ai docs and third-party error maps. */

const MODELS = [
  'kimi-k2.6',
  'kimi-k2.7-code',
  'kimi-k2.7-code-highspeed',
  'kimi-k3',
  'kimi-k3.1-pro',
  'kimi-k3.1-pro-highspeed',
] as const

const INVALID: Failure = {
  status: 401,
  type: 'invalid_authentication_error',
  anthropicType: 'authentication_error',
  message: 'Invalid Authentication',
}

const KEY_FAILURES: Readonly<Partial<Record<KeyState, Failure>>> = {
  invalid: INVALID,
  'wrong-service': INVALID,
  banned: { status: 403, type: 'permission_denied_error', message: 'Your account does not have this permission' },
  'no-balance': {
    status: 429,
    type: 'exceeded_current_quota_error',
    message:
      'Your account is suspended due to insufficient balance, please recharge your account or check your plan and billing details',
  },
  'rate-limited': {
    status: 429,
    type: 'rate_limit_reached_error',
    message: 'Your account reached max request per minute, max organization RPM: 3, please try again after 1 seconds',
  },
  overloaded: {
    status: 429,
    type: 'engine_overloaded_error',
    message: 'The engine is currently overloaded, please try again later',
  },
}

/** All current models fix their sampling parameters. */
const fixedSampling: Check = ({ body }) =>
  (asNumber(body.temperature) ?? 1) === 1 ? undefined : invalid('invalid temperature: only 1 is allowed for this model')

const noForcedToolWhileThinking: Check = ({ ask, body }) =>
  ask.thinks && asObject(body.tool_choice) !== undefined && typeof ask.toolChoice === 'object'
    ? invalid("tool_choice 'specified' is incompatible with thinking enabled")
    : undefined

function modelFailure(model: string, world: World): Failure | undefined {
  if ((world.models ?? MODELS).includes(model)) return undefined
  return {
    status: 404,
    type: 'resource_not_found_error',
    anthropicType: 'not_found_error',
    message: `Not found the model ${model} or Permission denied`,
  }
}

const knownModel: Check = ({ ask, world }) => modelFailure(ask.model, world)

const checks = [knownModel, fixedSampling, noForcedToolWhileThinking]

const openAi: OpenAiSurface = {
  envelope: moonshotEnvelope,
  dialect: {
    tightData: false,
    callId: (name, index) => `functions.${name}:${index}`,
    usageOnChoice: true,
    refusal: 'content_filter',
  },
  checks: [...checks, ...kimiChecks],
}

const anthropic: AnthropicSurface = {
  envelope: moonshotAnthropicEnvelope,
  signer: 'moonshot',
  callId: (name, index, requestNumber) => `tool_${name}_${requestNumber}_${index}`,
  checks: [...checks, ...kimiAnthropicChecks],
}

/** The simulated Moonshot. */
export const moonshot: SimKind = {
  id: 'moonshot',
  key: 'sk-sim-valid',
  keyStates: [...(Object.keys(KEY_FAILURES) as KeyState[]), 'valid'],
  model: 'kimi-k2.7-code',
  surfaces: [
    { protocol: 'openai-completions', basePath: '/v1' },
    { protocol: 'openai-responses', basePath: '/v1' },
    { protocol: 'anthropic-messages', basePath: '/anthropic' },
  ],
  answer(request, world) {
    switch (`${request.method} ${request.path}`) {
      case 'POST /v1/chat/completions':
        return keyRefusal(request, 'bearer', moonshotEnvelope, world) ?? answerOpenAi(openAi, request, world)
      case 'POST /v1/responses':
        return keyRefusal(request, 'bearer', moonshotEnvelope, world) ?? answerResponses(request, world, modelFailure)
      case 'POST /anthropic/v1/messages':
        return (
          keyRefusal(request, 'either', moonshotAnthropicEnvelope, world) ?? answerAnthropic(anthropic, request, world)
        )
      case 'GET /v1/models':
        return keyRefusal(request, 'bearer', moonshotEnvelope, world) ?? models(world)
      case 'GET /v1/users/me/balance':
        return balance(request, world)
      default:
        return failureReply(
          { status: 404, type: 'resource_not_found_error', message: 'The requested resource was not found' },
          moonshotEnvelope,
        )
    }
  },
}

function keyRefusal(request: ReceivedRequest, where: KeyHeader, envelope: Envelope, world: World): Reply | undefined {
  const failure = KEY_FAILURES[stateOn(request, where, world)]
  return failure === undefined ? undefined : failureReply(failure, envelope)
}

function stateOn(request: ReceivedRequest, where: KeyHeader, world: World): KeyState {
  const key = keyOn(request, where)
  if (key === undefined) return 'invalid'
  const foreign = !key.startsWith('sk-') || key.startsWith('sk-kimi-') || key.startsWith('sk-ant-')
  return world.stateOf(key) ?? (foreign ? 'invalid' : 'valid')
}

function models(world: World): Reply {
  const data = (world.models ?? MODELS).map(id => ({ id, object: 'model', owned_by: 'moonshot' }))
  return jsonReply({ object: 'list', data }, moonshotEnvelope)
}

/** Tells a balance also where there is none left: only inference is refused then. Shape: platform.kimi.ai docs/api/balance. */
function balance(request: ReceivedRequest, world: World): Reply {
  const state = stateOn(request, 'bearer', world)
  const failure = KEY_FAILURES[state]
  if (failure?.status === 401) return failureReply(failure, moonshotEnvelope)
  const amount = state === 'no-balance' ? 0 : 12.5
  return jsonReply(
    {
      code: 0,
      data: { available_balance: amount, voucher_balance: 0, cash_balance: amount },
      scode: '0x0',
      status: true,
    },
    moonshotEnvelope,
  )
}
