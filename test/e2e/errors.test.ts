import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from '../../src/canon/problem.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { SimKindId } from '../../src/sim/sim-kind.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, type Client, call, noteOf } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'

const KIMI_KEY = 'sk-kimi-0123456789abcdefghijklmnop'
const BODY_MAX = 20_000

let sims: Readonly<Record<SimKindId, Sim>>
let gateway: Gateway
let guarded: Gateway

beforeAll(async () => {
  const [kimi, moonshot, anthropic, openai, google] = await Promise.all([
    simulate('kimi-coding'),
    simulate('moonshot'),
    simulate('anthropic'),
    simulate('openai'),
    simulate('google'),
  ])
  sims = { 'kimi-coding': kimi, moonshot, anthropic, openai, google }
  const closed = await simulate('openai')
  await closed.stop()
  const models = [{ id: 'twin' }]
  const providers = {
    'kimi-coding': entryOf(kimi, KIMI_KEY),
    moonshot: entryOf(moonshot, KIMI_KEY),
    anthropic: entryOf(anthropic),
    openai: entryOf(openai),
    google: entryOf(google),
    one: { ...entryOf(openai), models },
    two: { ...entryOf(openai), models },
    impatient: { ...entryOf(openai), timeouts: { firstByteMs: 50 } },
    gone: entryOf(closed),
    deepseek: {},
  }
  gateway = await startGateway({ config: { models: { providers }, gateway: { limits: { bodyBytesMax: BODY_MAX } } } })
  guarded = await startGateway({
    config: { models: { providers }, gateway: { keys: ['cnd_0123456789abcdef'] } },
    key: 'cnd_0123456789abcdef',
  })
})
afterEach(() => {
  for (const sim of Object.values(sims)) sim.setFault(undefined)
  sims.openai.setKey(sims.openai.key, 'valid')
  sims.anthropic.setKey(sims.anthropic.key, 'valid')
  sims['kimi-coding'].setKey(KIMI_KEY, 'valid')
})
afterAll(async () => {
  await Promise.all([gateway.stop(), guarded.stop()])
  await Promise.all(Object.values(sims).map(sim => sim.stop()))
})

interface Row {
  readonly code: ProblemCode
  readonly model?: string
  readonly text?: string
  /** Fields that bring it about, by the client's protocol. */
  readonly rest?: (client: Client) => object
  readonly arrange?: () => void
  /** What the protocols call it: the `type` of Anthropic's envelope, `code` of OpenAI's. Google's goes by the status. */
  readonly anthropic: string
  /** Where Anthropic has a status of its own for it. */
  readonly anthropicStatus?: number
  readonly openai: string
}

const fault = (kind: SimKindId, text: string) => () => sims[kind].setFault(text)
const told = (status: number, error: object) => `status=${status};body=${JSON.stringify({ error })}`

/** What only the protocol's own provider understands, asked of another one. */
const UNTRANSLATABLE: Readonly<Record<ProtocolId, object>> = {
  'openai-completions': { model: 'anthropic/claude-sonnet-5-5', logit_bias: { 50256: -100 } },
  'openai-responses': { model: 'anthropic/claude-sonnet-5-5', previous_response_id: 'resp_1' },
  'anthropic-messages': {
    model: 'openai/gpt-4.1',
    mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'x' }],
  },
  'google-generative-ai': { model: 'openai/gpt-4.1', cachedContent: 'cachedContents/1' },
}

/** Google's word for each status. */
const GOOGLE_WORDS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  502: 'UNKNOWN',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

const ROWS: readonly Row[] = [
  {
    code: 'bad_request',
    rest: ({ named }) => (named === 'body' ? { stream: 1 } : { contents: 1 }),
    anthropic: 'invalid_request_error',
    openai: 'bad_request',
  },
  { code: 'body_too_large', text: 'x'.repeat(BODY_MAX), anthropic: 'request_too_large', openai: 'request_too_large' },
  { code: 'model_not_found', model: 'openai-gpt', anthropic: 'not_found_error', openai: 'model_not_found' },
  { code: 'ambiguous_model', model: 'twin', anthropic: 'invalid_request_error', openai: 'ambiguous_model' },
  {
    code: 'provider_unavailable',
    model: 'deepseek/deepseek-chat',
    anthropic: 'overloaded_error',
    openai: 'provider_unavailable',
  },
  {
    code: 'untranslatable',
    rest: client => UNTRANSLATABLE[client.protocol],
    anthropic: 'invalid_request_error',
    openai: 'unsupported_parameter',
  },
  {
    code: 'invalid_key',
    arrange: () => sims.openai.setKey(sims.openai.key, 'invalid'),
    anthropic: 'authentication_error',
    openai: 'invalid_api_key',
  },
  {
    code: 'wrong_service_key',
    model: 'moonshot/kimi-k2.7-code',
    anthropic: 'authentication_error',
    openai: 'invalid_api_key',
  },
  {
    code: 'client_not_admitted',
    model: 'kimi-coding/k2p5',
    arrange: fault(
      'kimi-coding',
      told(403, {
        type: 'access_terminated_error',
        message: 'Kimi For Coding is currently only available for Coding Agents',
      }),
    ),
    anthropic: 'permission_error',
    openai: 'client_not_admitted',
  },
  {
    code: 'account_blocked',
    model: 'anthropic/claude-sonnet-5-5',
    arrange: () => sims.anthropic.setKey(sims.anthropic.key, 'banned'),
    anthropic: 'permission_error',
    openai: 'account_blocked',
  },
  {
    code: 'region_blocked',
    arrange: fault(
      'openai',
      told(403, {
        code: 'unsupported_country_region_territory',
        message: 'Country, region, or territory not supported',
      }),
    ),
    anthropic: 'permission_error',
    openai: 'unsupported_country_region_territory',
  },
  {
    code: 'upstream_refused',
    arrange: fault('openai', told(403, { message: 'No.' })),
    anthropic: 'permission_error',
    openai: 'upstream_refused',
  },
  {
    code: 'plan_expired',
    model: 'kimi-coding/k2p5',
    arrange: () => sims['kimi-coding'].setKey(KIMI_KEY, 'lapsed'),
    anthropic: 'billing_error',
    openai: 'plan_expired',
  },
  {
    code: 'plan_exhausted',
    model: 'kimi-coding/k2p5',
    arrange: () => sims['kimi-coding'].setKey(KIMI_KEY, 'monthly-used-up'),
    anthropic: 'rate_limit_error',
    openai: 'insufficient_quota',
  },
  {
    code: 'balance_exhausted',
    arrange: () => sims.openai.setKey(sims.openai.key, 'no-balance'),
    anthropic: 'billing_error',
    openai: 'insufficient_quota',
  },
  {
    code: 'model_not_in_plan',
    model: 'kimi-coding/k3',
    arrange: () => sims['kimi-coding'].setKey(KIMI_KEY, 'low-tier'),
    anthropic: 'permission_error',
    openai: 'model_not_in_plan',
  },
  {
    code: 'upstream_model_not_found',
    model: 'openai/nobody-1',
    anthropic: 'not_found_error',
    openai: 'model_not_found',
  },
  {
    code: 'rate_limited',
    arrange: () => sims.openai.setKey(sims.openai.key, 'rate-limited'),
    anthropic: 'rate_limit_error',
    openai: 'rate_limit_exceeded',
  },
  {
    code: 'overloaded',
    arrange: () => sims.openai.setKey(sims.openai.key, 'overloaded'),
    anthropic: 'overloaded_error',
    anthropicStatus: 529,
    openai: 'overloaded',
  },
  {
    code: 'context_too_long',
    arrange: fault(
      'openai',
      told(400, { code: 'context_length_exceeded', message: 'maximum context length is 8192 tokens' }),
    ),
    anthropic: 'invalid_request_error',
    openai: 'context_length_exceeded',
  },
  {
    code: 'content_refused',
    model: 'kimi-coding/k2p5',
    text: '[[risk]]',
    anthropic: 'invalid_request_error',
    openai: 'content_policy_violation',
  },
  {
    code: 'upstream_bad_request',
    arrange: fault('openai', 'status=400'),
    anthropic: 'invalid_request_error',
    openai: 'upstream_bad_request',
  },
  { code: 'upstream_error', arrange: fault('openai', 'status=500'), anthropic: 'api_error', openai: 'upstream_error' },
  { code: 'unreachable', model: 'gone/gpt-4.1', anthropic: 'api_error', openai: 'unreachable' },
  {
    code: 'timeout',
    model: 'impatient/gpt-4.1',
    arrange: fault('openai', 'delay=never'),
    anthropic: 'timeout_error',
    openai: 'timeout',
  },
  {
    code: 'stream_truncated',
    arrange: fault('openai', 'reset=headers'),
    anthropic: 'api_error',
    openai: 'stream_truncated',
  },
  {
    code: 'upstream_protocol',
    arrange: fault('openai', 'content-type=text/html'),
    anthropic: 'api_error',
    openai: 'upstream_protocol',
  },
]

/** Told elsewhere: at the door (below and limits.test.ts), at a shutdown (drain.test.ts), by policies there are none of yet, or by a bug. */
const ELSEWHERE: readonly ProblemCode[] = [
  'unauthorized',
  'forbidden',
  'draining',
  'budget_exceeded',
  'key_rate_limited',
  'internal',
]

test('every code of the table is brought about here or told elsewhere', () => {
  expect([...ROWS.map(row => row.code), ...ELSEWHERE].sort()).toEqual([...PROBLEM_CODES].sort())
})

const cases = ROWS.flatMap(row =>
  CLIENTS.flatMap(client => [false, true].map(stream => ({ ...row, client, protocol: client.protocol, stream }))),
)

describe('a failure in the caller’s protocol', () => {
  test.each(cases)('$code over $protocol, stream $stream', async row => {
    const { code, client, stream } = row
    row.arrange?.()
    const body = client.body(row.model ?? 'openai/gpt-4.1', row.text ?? 'hello', { stream, ...row.rest?.(client) })
    const got = await call(gateway, client, body)
    const own = client.protocol === 'anthropic-messages' ? row.anthropicStatus : undefined
    expect(got.status).toBe(own ?? PROBLEMS[code].status)
    expect(got.headers.get('content-type')).toBe('application/json')
    expect(got.headers.get('x-should-retry')).toBe(String(PROBLEMS[code].retryable))
    expect(client.isEnvelope(got.json())).toBe(true)
    const { error, request_id } = got.json()
    const id = got.headers.get('candor-request-id')
    expect(error?.candor).toMatchObject({ code, request_id: id, docs: `/candor/problems#${code}` })
    expect(error?.candor.what.length).toBeGreaterThan(10)
    expect(error?.candor.why.length).toBeGreaterThan(10)
    expect(error?.candor.fix.length).toBeGreaterThan(0)
    expect(error?.message).toContain('Fix: ')
    if (client.protocol === 'anthropic-messages') expect([error?.type, request_id]).toEqual([row.anthropic, String(id)])
    else if (client.protocol === 'google-generative-ai')
      expect([error?.code, error?.status]).toEqual([got.status, GOOGLE_WORDS[got.status]])
    else expect(error?.code).toBe(row.openai)
    expect(got.receipt).toMatchObject({
      status: got.status,
      problem: { code },
      ending: code === 'stream_truncated' ? 'truncated' : 'failed',
    })
    expect(got.headers.get('candor-attempts')).toBe(String(got.receipt.attempts.length))
    expect(got.headers.get('candor-requested-model')).toBe(got.receipt.requestedModel)
    expect(got.receipt.attempts.at(-1)?.problem?.code ?? code).toBe(code)
  })

  test.each([...CLIENTS])('unauthorized over $protocol', async client => {
    const got = await call(guarded, client, client.body('openai/gpt-4.1', 'x'), {
      authorization: 'Bearer cnd_not-the-right-one',
    })
    expect(got.status).toBe(401)
    expect(client.isEnvelope(got.json())).toBe(true)
    expect(noteOf(got.json()).code).toBe('unauthorized')
    expect(got.receipt).toMatchObject({ ending: 'failed', attempts: [], problem: { code: 'unauthorized' } })
  })

  test('each code has its section where the note points', async () => {
    const page = await (await gateway.fetch('/candor/problems')).text()
    for (const code of PROBLEM_CODES) expect(page).toContain(code)
  })
})
