import { anthropicChecks } from '../anthropic-checks.ts'
import { anthropicEnvelope, failureReply, jsonReply } from '../failure.ts'
import { headerOf, type ReceivedRequest } from '../http-reader.ts'
import { type KeyState, keyOn } from '../keys.ts'
import { withAnthropicLimits } from '../limit-headers.ts'
import type { Failure, Reply } from '../reply.ts'
import type { SimKind, World } from '../sim-kind.ts'
import { type AnthropicSurface, answerAnthropic, countAnthropic } from '../surface.ts'

/** Anthropic's Messages API. Statuses and error types: platform.claude.com/docs/en/api/errors. */

const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'] as const
/** Ids of the same family exist too: the list above is only what `/v1/models` shows. */
const MODEL_PATTERN = /^claude-/

const KEY_FAILURES: Readonly<Partial<Record<KeyState, Failure>>> = {
  invalid: { status: 401, message: 'invalid x-api-key' },
  banned: { status: 403, message: 'Your API key does not have permission to use the specified resource.' },
  'no-balance': {
    status: 400,
    message:
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
  },
  lapsed: { status: 402, message: 'There is an issue with your billing or payment information.' },
  'rate-limited': {
    status: 429,
    message: "This request would exceed your organization's rate limit.",
    headers: [
      ['retry-after', '20'],
      ['anthropic-ratelimit-requests-limit', '50'],
      ['anthropic-ratelimit-requests-remaining', '0'],
    ],
  },
  overloaded: { status: 529, message: 'Overloaded' },
}

const SIGNER = 'anthropic'

const surface: AnthropicSurface = {
  envelope: anthropicEnvelope,
  signer: SIGNER,
  callId: (_name, index, requestNumber) => `toolu_sim${requestNumber}x${index}`,
  checks: [
    ({ ask, world }) => (knows(ask.model, world) ? undefined : { status: 404, message: `model: ${ask.model}` }),
    ...anthropicChecks(SIGNER),
  ],
}

/** The simulated Anthropic. */
export const anthropic: SimKind = {
  id: 'anthropic',
  key: 'sk-ant-api03-sim-valid',
  keyStates: [...(Object.keys(KEY_FAILURES) as KeyState[]), 'valid', 'nearly-used-up'],
  model: 'claude-sonnet-5-5',
  surfaces: [{ protocol: 'anthropic-messages', basePath: '' }],
  answer(request, world) {
    const refused = headFailure(request, world)
    if (refused !== undefined) return failureReply(refused, anthropicEnvelope)
    switch (`${request.method} ${request.path}`) {
      case 'POST /v1/messages':
        return withAnthropicLimits(answerAnthropic(surface, request, world), request, world)
      case 'POST /v1/messages/count_tokens':
        return countAnthropic(surface, request, world)
      case 'GET /v1/models':
        return models(world)
      default:
        return failureReply({ status: 404, message: 'Not found' }, anthropicEnvelope)
    }
  },
}

function headFailure(request: ReceivedRequest, world: World): Failure | undefined {
  // The official client, 1.12.0, sends an API key as Bearer.
  const key = keyOn(request, 'either')
  if (key === undefined) return { status: 401, message: 'x-api-key header is required' }
  const state = world.stateOf(key) ?? (key.startsWith('sk-ant-') ? 'valid' : 'invalid')
  const failure = KEY_FAILURES[state]
  if (failure !== undefined) return failure
  return headerOf(request.headers, 'anthropic-version') === undefined
    ? { status: 400, message: 'anthropic-version: header is required' }
    : undefined
}

function knows(model: string, world: World): boolean {
  return world.models?.includes(model) ?? MODEL_PATTERN.test(model)
}

function models(world: World): Reply {
  const ids = world.models ?? MODELS
  const data = ids.map(id => ({ type: 'model', id, display_name: id, created_at: '2025-09-29T00:00:00Z' }))
  const [first = null] = ids
  return jsonReply({ data, has_more: false, first_id: first, last_id: ids.at(-1) ?? null }, anthropicEnvelope)
}
