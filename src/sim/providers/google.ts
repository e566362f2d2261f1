import { asArray, asObject, asString, type JsonObject } from '../../base/json-value.ts'
import { type Check, callIdsOf, messagesOf } from '../check.ts'
import { failureReply, jsonReply } from '../failure.ts'
import {
  errorInfo,
  googleEnvelope,
  googleListEnvelope,
  googleRefusal,
  localized,
  quotaDetails,
} from '../google-failure.ts'
import { demandsSignatures, missingSignature, signatureFailure, thoughtSignature } from '../google-signatures.ts'
import { answerGoogle, countGoogle, embedGoogle, embedGoogleBatch, envelopeFor } from '../google-surface.ts'
import { headerOf, type ReceivedRequest } from '../http-reader.ts'
import { type KeyState, keyOn } from '../keys.ts'
import { answerEmbeddings } from '../openai-embeddings.ts'
import type { Envelope, Failure, Reply } from '../reply.ts'
import type { SimKind, World } from '../sim-kind.ts'
import { answerOpenAi, type OpenAiSurface } from '../surface.ts'

/** Google's Gemini API. Statuses: ai.google.dev/gemini-api/docs, troubleshooting and api-errors. */

const EMBEDDING_MODELS = new Map([['gemini-embedding-001', 3072]])
const MODELS = [
  ...['gemini-3.5-flash', 'gemini-3.1-pro-preview', 'gemini-3-flash-preview', 'gemini-2.5-pro', 'gemini-2.5-flash'],
  ...EMBEDDING_MODELS.keys(),
]
/** Ids of the same family exist too: the list above is only what the list shows. */
const MODEL_PATTERN = /^gemini-(?!embedding-)/

const ANSWERING = ['generateContent', 'countTokens', 'streamGenerateContent'] as const
const EMBEDDING = ['embedContent', 'batchEmbedContents'] as const
const PAGE_SIZE = 50

const INVALID = 'API key not valid. Please pass a valid API key.'
const OUT_OF_QUOTA =
  'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.'

/** By the model that is asked for: it stands in the details of a quota. */
const KEY_FAILURES: Readonly<Partial<Record<KeyState, (model: string) => Failure>>> = {
  invalid: () => googleRefusal(400, INVALID, [errorInfo('API_KEY_INVALID'), localized(INVALID)]),
  banned: () => googleRefusal(403, 'Your API key was reported as leaked. Please use another API key.'),
  'no-balance': () => googleRefusal(402, 'Your prepaid credits are used up. Please buy more in AI Studio.'),
  'rate-limited': model =>
    googleRefusal(
      429,
      `${OUT_OF_QUOTA}\nPlease retry in 20s.`,
      quotaDetails('GenerateRequestsPerMinutePerProjectPerModel-FreeTier', 20, model),
    ),
  'daily-used-up': model =>
    googleRefusal(429, OUT_OF_QUOTA, quotaDetails('GenerateRequestsPerDayPerProjectPerModel-FreeTier', 47, model)),
  overloaded: () => googleRefusal(503, 'The model is overloaded. Please try again later.'),
}

/** The simulated Google. */
export const google: SimKind = {
  id: 'google',
  key: 'AIza-sim-valid',
  keyStates: [...(Object.keys(KEY_FAILURES) as KeyState[]), 'valid'],
  model: 'gemini-3.5-flash',
  surfaces: [
    { protocol: 'google-generative-ai', basePath: '/v1beta' },
    { protocol: 'openai-completions', basePath: '/v1beta/openai' },
  ],
  answer(request, world) {
    const asked = readPath(request)
    const envelope = asked.compatible ? googleListEnvelope : envelopeFor(request, asked.method === ANSWERING[2])
    const key = asked.compatible ? keyOn(request, 'bearer') : nativeKey(request)
    const refused = key === undefined ? withoutKey(request) : keyFailure(key, asked.model, world)
    if (refused !== undefined) return failureReply(refused, envelope)
    return asked.compatible ? compatible(request, world) : native(request, world, asked, envelope)
  },
}

interface Asked {
  /** For the clients of OpenAI. */
  readonly compatible: boolean
  /** `v1beta`, or `v1` as the official client, 3.1, asks for. */
  readonly version: string
  readonly model: string
  readonly method: string
}

function readPath({ path }: ReceivedRequest): Asked {
  const found = /^\/(v1|v1beta)\/models(?:\/([^/:]+)(?::([A-Za-z]+))?)?$/.exec(path.replace(/%3A/gi, ':'))
  const [, version = '', model = '', method = ''] = found ?? []
  return { compatible: path.startsWith('/v1beta/openai/'), version, model, method }
}

function native(request: ReceivedRequest, world: World, asked: Asked, envelope: Envelope): Reply {
  const { model, method, version } = asked
  if (request.method === 'GET' && version !== '' && method === '') {
    return model === '' ? listed(request, world) : shown(asked, world)
  }
  const isEmbedding = EMBEDDING.some(each => each === method)
  const most = EMBEDDING_MODELS.get(model)
  const known = isEmbedding ? most !== undefined : knows(model, world)
  if (request.method !== 'POST' || model === '' || ![...ANSWERING, ...EMBEDDING].some(each => each === method)) {
    return failureReply(googleRefusal(404, 'Requested entity was not found.'), envelope)
  }
  if (!known) return failureReply(noModel(model, method, version), envelope)
  switch (method) {
    case 'countTokens':
      return countGoogle(request, model)
    case 'embedContent':
      return embedGoogle(request, most ?? 0)
    case 'batchEmbedContents':
      return embedGoogleBatch(request, most ?? 0, model)
    default:
      return answerGoogle(request, world, { model, stream: method === 'streamGenerateContent' })
  }
}

/** In the header, or in the URL. */
function nativeKey(request: ReceivedRequest): string | undefined {
  return headerOf(request.headers, 'x-goog-api-key') ?? new URLSearchParams(request.query).get('key') ?? undefined
}

function keyFailure(key: string, model: string, world: World): Failure | undefined {
  const own = key.startsWith('AIza') || key.startsWith('AQ.')
  return KEY_FAILURES[world.stateOf(key) ?? (own ? 'valid' : 'invalid')]?.(model)
}

function withoutKey(request: ReceivedRequest): Failure {
  if (headerOf(request.headers, 'authorization') !== undefined) {
    return googleRefusal(
      401,
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
      [errorInfo('ACCESS_TOKEN_TYPE_UNSUPPORTED')],
    )
  }
  return googleRefusal(
    403,
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
  )
}

function knows(model: string, world: World): boolean {
  return world.models?.includes(model) ?? MODEL_PATTERN.test(model)
}

function noModel(model: string, method: string, version = 'v1beta'): Failure {
  return googleRefusal(
    404,
    `models/${model} is not found for API version ${version}, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`,
  )
}

function listed(request: ReceivedRequest, world: World): Reply {
  const query = new URLSearchParams(request.query)
  const from = Number(query.get('pageToken') ?? 0) || 0
  const to = from + (Number(query.get('pageSize') ?? PAGE_SIZE) || PAGE_SIZE)
  const ids = world.models ?? MODELS
  const next = to < ids.length ? { nextPageToken: String(to) } : {}
  return jsonReply({ models: ids.slice(from, to).map(modelShown), ...next }, googleEnvelope)
}

function shown({ model, version }: Asked, world: World): Reply {
  if ((world.models ?? MODELS).includes(model)) return jsonReply(modelShown(model), googleEnvelope)
  return failureReply(
    googleRefusal(404, `Model is not found: models/${model} for api version ${version}`),
    googleEnvelope,
  )
}

function modelShown(id: string): JsonObject {
  const embeds = EMBEDDING_MODELS.has(id)
  return {
    name: `models/${id}`,
    version: '001',
    displayName: id,
    inputTokenLimit: embeds ? 2048 : 1_048_576,
    outputTokenLimit: embeds ? 1 : 65_536,
    supportedGenerationMethods: embeds ? EMBEDDING : ANSWERING,
    ...(embeds ? {} : { thinking: true }),
  }
}

/** Clients of OpenAI's may write `models/` before the name. */
function bare(model: string): string {
  return model.replace(/^models\//, '')
}

const knownModel: Check = ({ ask, world }) =>
  knows(bare(ask.model), world) ? undefined : noModel(bare(ask.model), 'generateContent')

/** Here signatures travel in `extra_content` of a call (ai.google.dev/gemini-api/docs/openai); what demands them is the same. */
const signatures: Check = ({ ask, body }) => {
  const messages = messagesOf(body)
  const start = messages.findLastIndex(message => message.role === 'user')
  for (const [at, message] of messages.entries()) {
    const calls = asArray(message.tool_calls).map(call => asObject(call) ?? {})
    const given = calls.map(call => asString(asObject(asObject(call.extra_content)?.google)?.thought_signature))
    for (const signature of given) {
      const failure = signature === undefined ? undefined : signatureFailure(signature)
      if (failure !== undefined) return failure
    }
    if (at <= start || callIdsOf(message).length === 0 || given[0] !== undefined) continue
    if (demandsSignatures(bare(ask.model))) {
      return missingSignature(asString(asObject(calls[0]?.function)?.name) ?? '', at + 1)
    }
  }
  return undefined
}

/** Fields the surface does not know are named as the native one names them. */
const functionsOnly: Check = ({ body }) => {
  const at = asArray(body.tools).findIndex(tool => asObject(tool)?.type === 'custom')
  if (at < 0) return undefined
  return googleRefusal(
    400,
    `Invalid JSON payload received. Unknown name "custom" at 'tools[${at}]': Cannot find field.`,
  )
}

const openAi: OpenAiSurface = {
  envelope: googleListEnvelope,
  dialect: {
    tightData: false,
    callId: (_name, index, requestNumber) => `function-call-sim${requestNumber}x${index}`,
    callFields: index =>
      index === 0 ? { extra_content: { google: { thought_signature: thoughtSignature('') } } } : {},
    usageOnChoice: false,
    refusal: 'content_filter',
  },
  checks: [knownModel, functionsOnly, signatures],
}

function compatible(request: ReceivedRequest, world: World): Reply {
  switch (`${request.method} ${request.path}`) {
    case 'POST /v1beta/openai/chat/completions':
      return answerOpenAi(openAi, request, world)
    case 'POST /v1beta/openai/embeddings':
      return answerEmbeddings(request, EMBEDDING_MODELS, model => noModel(model, 'embedContent'), googleListEnvelope)
    case 'GET /v1beta/openai/models': {
      const data = (world.models ?? MODELS).map(id => ({ id: `models/${id}`, object: 'model', owned_by: 'google' }))
      return jsonReply({ object: 'list', data }, googleListEnvelope)
    }
    default:
      return failureReply(googleRefusal(404, 'Requested entity was not found.'), googleListEnvelope)
  }
}
