import { failureReply, jsonReply, openAiEnvelope } from '../failure.ts'
import type { ReceivedRequest } from '../http-reader.ts'
import { type KeyState, keyOn } from '../keys.ts'
import { openAiChecks } from '../openai-checks.ts'
import type { Failure, Reply } from '../reply.ts'
import type { SimKind, World } from '../sim-kind.ts'
import { answerOpenAi, type OpenAiSurface } from '../surface.ts'

/** OpenAI's Chat Completions. Statuses and wordings: developers.openai.com, error codes; the invalid key as in continuedev/continue#12778. */

const MODELS = ['gpt-4.1', 'gpt-4.1-mini', 'gpt-4o', 'gpt-5', 'gpt-5-mini', 'o4-mini'] as const
/** Ids of the same families exist too: the list above is only what `/v1/models` shows. */
const MODEL_PATTERN = /^(gpt-|chatgpt-|o\d)/

const KEY_FAILURES: Readonly<Partial<Record<KeyState, Failure>>> = {
  'no-balance': {
    status: 429,
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    message:
      'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
  },
  'rate-limited': {
    status: 429,
    type: 'requests',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached for requests. Please try again in 20s.',
    headers: [
      ['retry-after', '20'],
      ['x-ratelimit-limit-requests', '3'],
      ['x-ratelimit-remaining-requests', '0'],
      ['x-ratelimit-reset-requests', '20s'],
    ],
  },
  overloaded: {
    status: 503,
    type: 'server_error',
    message: 'The server is currently overloaded with other requests. Sorry about that! You can retry your request.',
  },
}

const surface: OpenAiSurface = {
  envelope: openAiEnvelope,
  dialect: {
    tightData: false,
    callId: (_name, index, requestNumber) => `call_sim${requestNumber}x${index}`,
    usageOnChoice: false,
    refusal: 'field',
  },
  checks: [
    ({ ask, world }) =>
      knows(ask.model, world)
        ? undefined
        : {
            status: 404,
            code: 'model_not_found',
            message: `The model \`${ask.model}\` does not exist or you do not have access to it.`,
          },
    ...openAiChecks,
  ],
}

/** The simulated OpenAI. */
export const openAi: SimKind = {
  id: 'openai',
  key: 'sk-proj-sim-valid',
  keyStates: [...(Object.keys(KEY_FAILURES) as KeyState[]), 'valid', 'invalid'],
  model: 'gpt-4.1',
  surfaces: [{ protocol: 'openai-completions', basePath: '/v1' }],
  answer(request, world) {
    const refused = keyFailure(request, world)
    if (refused !== undefined) return failureReply(refused, openAiEnvelope)
    switch (`${request.method} ${request.path}`) {
      case 'POST /v1/chat/completions':
        return answerOpenAi(surface, request, world)
      case 'GET /v1/models':
        return models(world)
      default:
        return failureReply({ status: 404, message: `Invalid URL (${request.method} ${request.path})` }, openAiEnvelope)
    }
  },
}

function keyFailure(request: ReceivedRequest, world: World): Failure | undefined {
  const key = keyOn(request, 'bearer')
  if (key === undefined) {
    return {
      status: 401,
      message:
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
    }
  }
  const foreign = !key.startsWith('sk-') || key.startsWith('sk-ant-') || key.startsWith('sk-kimi-')
  const state = world.stateOf(key) ?? (foreign ? 'invalid' : 'valid')
  if (state !== 'invalid') return KEY_FAILURES[state]
  return {
    status: 401,
    code: 'invalid_api_key',
    message: `Incorrect API key provided: ${key.slice(0, 3)}***. You can find your API key at https://platform.openai.com/account/api-keys.`,
  }
}

function knows(model: string, world: World): boolean {
  return world.models?.includes(model) ?? MODEL_PATTERN.test(model)
}

function models(world: World): Reply {
  const data = (world.models ?? MODELS).map(id => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'openai' }))
  return jsonReply({ object: 'list', data }, openAiEnvelope)
}
