import type { JsonObject } from '../../base/json-value.ts'
import { failureReply, jsonReply, openAiEnvelope } from '../failure.ts'
import type { ReceivedRequest } from '../http-reader.ts'
import { type KeyState, keyOn } from '../keys.ts'
import { withOpenAiLimits } from '../limit-headers.ts'
import { openAiChecks } from '../openai-checks.ts'
import { answerEmbeddings } from '../openai-embeddings.ts'
import type { Failure, Reply } from '../reply.ts'
import { answerResponses, fetchResponse } from '../responses-surface.ts'
import type { SimKind, World } from '../sim-kind.ts'
import { answerOpenAi, type OpenAiSurface } from '../surface.ts'

/** OpenAI's Chat Completions, Responses and embeddings. Statuses and wordings: developers.openai.com, error codes; the invalid key as in continuedev/continue#12778. */

const EMBEDDING_MODELS = new Map([
  ['text-embedding-3-small', 1536],
  ['text-embedding-3-large', 3072],
])
const MODELS = [...['gpt-4.1', 'gpt-4.1-mini', 'gpt-4o', 'gpt-5', 'gpt-5-mini', 'o4-mini'], ...EMBEDDING_MODELS.keys()]
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
  checks: [({ ask, world }) => modelFailure(ask.model, world), ...openAiChecks],
}

/** The simulated OpenAI. */
export const openAi: SimKind = {
  id: 'openai',
  key: 'sk-proj-sim-valid',
  keyStates: [...(Object.keys(KEY_FAILURES) as KeyState[]), 'valid', 'nearly-used-up', 'invalid'],
  model: 'gpt-4.1',
  surfaces: [
    { protocol: 'openai-completions', basePath: '/v1' },
    { protocol: 'openai-responses', basePath: '/v1' },
  ],
  answer(request, world) {
    const refused = keyFailure(request, world)
    if (refused !== undefined) return failureReply(refused, openAiEnvelope)
    switch (`${request.method} ${request.path}`) {
      case 'POST /v1/chat/completions':
        return withOpenAiLimits(answerOpenAi(surface, request, world), request, world)
      case 'POST /v1/responses':
        return withOpenAiLimits(answerResponses(request, world, modelFailure), request, world)
      case 'POST /v1/embeddings':
        return answerEmbeddings(request, EMBEDDING_MODELS, noEmbeddings, openAiEnvelope)
      case 'GET /v1/models':
        return models(world)
      default:
        return fetched(request, world)
    }
  },
}

function fetched(request: ReceivedRequest, world: World): Reply {
  const [, list, id = ''] = /^GET \/v1\/(models|responses)\/([^/]+)$/.exec(`${request.method} ${request.path}`) ?? []
  if (list === 'responses') return fetchResponse(id, world)
  if (list !== 'models') {
    return failureReply({ status: 404, message: `Invalid URL (${request.method} ${request.path})` }, openAiEnvelope)
  }
  const known = (world.models ?? MODELS).includes(id)
  return known ? jsonReply(modelShown(id), openAiEnvelope) : failureReply(noModel(id), openAiEnvelope)
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

function modelFailure(model: string, world: World): Failure | undefined {
  return knows(model, world) ? undefined : noModel(model)
}

function noModel(model: string): Failure {
  return {
    status: 404,
    code: 'model_not_found',
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
  }
}

function noEmbeddings(model: string): Failure {
  if (!MODEL_PATTERN.test(model)) return noModel(model)
  return { status: 403, message: 'You are not allowed to generate embeddings from this model' }
}

function modelShown(id: string): JsonObject {
  return { id, object: 'model', created: 1_700_000_000, owned_by: 'openai' }
}

function models(world: World): Reply {
  return jsonReply({ object: 'list', data: (world.models ?? MODELS).map(modelShown) }, openAiEnvelope)
}
