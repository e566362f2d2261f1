import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { ROUTE_QUESTION_SCHEMA, routeViews } from '../../src/admin/routes.ts'
import type { App } from '../../src/app/app.ts'
import { openApp } from '../../src/app/assemble.ts'
import { isProblem } from '../../src/canon/problem.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { RouteExplanation } from '../../src/pipeline/explain-route.ts'
import { crossingSum, dayOf } from '../../src/pipeline/lane-fence.ts'
import { startSim } from '../../src/sim/start-sim.ts'
import { temporaryFolder } from '../ledger/temporary-folder.ts'

const PLAN_USED_UP = 'sk-kimi-sim-used-up'
const [kimi, moonshot, openAi, anthropic] = await Promise.all([
  startSim({ kind: 'kimi-coding', keys: { [PLAN_USED_UP]: 'five-hour-used-up' } }),
  startSim({ kind: 'moonshot' }),
  startSim({ kind: 'openai' }),
  startSim({ kind: 'anthropic' }),
])
const sims = [kimi, moonshot, openAi, anthropic]

const KIMI = 'kimi-coding/kimi-for-coding'
const K26 = 'moonshot/kimi-k2.6'
const GPT = 'openai/gpt-4.1'
const CLAUDE = 'anthropic/claude-sonnet-4-5'

const providers = {
  'kimi-coding': {
    baseUrl: `${kimi.origin}/coding/v1`,
    api: 'openai-completions',
    apiKeys: [
      { name: 'work', key: kimi.key },
      { name: 'spare', key: PLAN_USED_UP, priority: 2 },
    ],
  },
  moonshot: { baseUrl: `${moonshot.origin}/v1`, apiKey: moonshot.key, api: 'openai-completions' },
  openai: {
    baseUrl: `${openAi.origin}/v1`,
    apiKey: openAi.key,
    api: 'openai-completions',
    models: [
      { id: 'blind', input: ['text'] },
      { id: 'small', contextWindow: 20 },
    ],
  },
  anthropic: { baseUrl: anthropic.origin, apiKey: anthropic.key, api: 'anthropic-messages' },
}

const routes = {
  coder: {
    targets: [KIMI, K26, 'deepseek/deepseek-chat'],
    fallbackOn: ['plan_exhausted', 'overloaded'],
    crossBilling: true,
  },
  fenced: { targets: [KIMI, K26], fallbackOn: ['plan_exhausted', 'overloaded'] },
  capped: { targets: [KIMI, K26], fallbackOn: ['plan_exhausted', 'overloaded'], crossBilling: { maxUsdPerDay: 5 } },
  alone: { targets: [GPT, CLAUDE] },
  drawn: {
    targets: [
      { model: GPT, weight: 3 },
      { model: CLAUDE, weight: 1 },
    ],
    balance: 'weighted',
    fallbackOn: ['overloaded', 'untranslatable'],
  },
  signed: { targets: [CLAUDE, GPT], fallbackOn: ['overloaded', 'untranslatable'] },
  bare: { targets: [CLAUDE, GPT], fallbackOn: ['overloaded'], signedReasoning: 'remove' },
  fit: { targets: ['openai/blind', 'openai/small', GPT], fallbackOn: ['untranslatable', 'context_too_long'] },
  refused: { targets: [CLAUDE, GPT], fallbackOn: ['untranslatable'] },
  dead: { targets: ['deepseek/deepseek-chat'] },
}

const folder = temporaryFolder()
let app: App

async function opened(): Promise<App> {
  const text = JSON.stringify({ models: { providers, aliases: { 'gpt-*': 'drawn' } }, routes })
  const made = await openApp({
    env: { CANDOR_HOME: folder.path },
    cwd: folder.path,
    home: folder.path,
    configText: { text, label: 'test' },
    log() {},
  })
  if ('kind' in made) throw new Error(made.text)
  return made
}

app = await opened()
beforeEach(async () => {
  for (const sim of sims) {
    sim.setFault(undefined)
    sim.clear()
  }
  // What targets went through is forgotten.
  await app.close()
  app = await opened()
})
afterAll(async () => {
  await app.close()
  await Promise.all(sims.map(sim => sim.stop()))
  folder[Symbol.dispose]()
})

const encoder = new TextEncoder()

async function explained(question: object): Promise<RouteExplanation> {
  const answer = await app.knowledge.explainRoute(encoder.encode(JSON.stringify(question)))
  if (isProblem(answer)) throw new Error(answer.what)
  return answer
}

async function called(body: object, path = '/v1/chat/completions'): Promise<Receipt> {
  const request = new Request(`http://localhost${path}`, { method: 'POST', body: JSON.stringify(body) })
  const response = await app.handle(request)
  await response.text()
  const receipt = await app.knowledge.receipt(response.headers.get('candor-request-id') ?? '')
  if (receipt === undefined) throw new Error('no receipt')
  return receipt
}

const hello = (model: string, rest: object = {}) => ({
  model,
  messages: [{ role: 'user', content: 'Hello' }],
  ...rest,
})

const short = ({ legs }: RouteExplanation) =>
  legs.map(({ target, credential, tried }) => `${target} ${credential} ${tried}`)

describe('the order, and why not the others', () => {
  test('a route with two keys, a target of another lane, and one that cannot be used', async () => {
    const found = await explained({ model: 'coder' })
    expect(short(found)).toEqual([`${KIMI} work first`, `${KIMI} spare after`, `${K26} default after`])
    expect(found).toMatchObject({ route: 'coder', sample: true, drawn: false, first: { ref: KIMI, billing: 'plan' } })
    expect(found.unusable).toEqual([
      { target: 'deepseek/deepseek-chat', code: 'provider_unavailable', reason: expect.stringContaining('deepseek') },
    ])
  })

  test('a problem of one key leads to the next key, one of the route to the next target', async () => {
    const [work, spare, last] = (await explained({ model: 'coder' })).legs
    expect(work?.moves).toHaveLength(1)
    expect(work?.moves[0]).toMatchObject({ to: 2, codes: expect.arrayContaining(['plan_exhausted', 'unreachable']) })
    expect(work?.stops).toEqual(expect.arrayContaining(['invalid_key', 'bad_request', 'content_refused']))
    expect(spare?.moves).toEqual([{ to: 3, codes: ['plan_exhausted', 'overloaded'] }])
    expect(spare?.stops).toContain('unreachable')
    expect(last?.moves).toEqual([])
  })

  test('a fence closes a lane, and says so', async () => {
    const [, , metered] = (await explained({ model: 'fenced' })).legs
    expect(metered).toMatchObject({ tried: 'not', reason: expect.stringContaining('the route has no crossBilling') })
  })

  test('a fence with an amount closes when the amount is used up, and nothing is reserved by asking', async () => {
    const { counters, clock } = app.house()
    const name = crossingSum('capped', dayOf(clock.now()).number)
    expect((await explained({ model: 'capped' })).legs[2]?.tried).toBe('after')
    expect(await counters.sum(name)).toBe(0)
    await counters.add([{ name, amount: 4_999_999_999, expiresAtMs: Number.POSITIVE_INFINITY }])
    const found = await explained({ model: 'capped' })
    expect(found.crossBilling).toEqual({ nanoUsdPerDay: 5_000_000_000, usedNanoUsd: 4_999_999_999 })
    expect(found.legs[2]).toMatchObject({ tried: 'not', fenced: expect.stringContaining('$5.00 a day') })
  })

  test('a route that falls back on nothing', async () => {
    const [first, second] = (await explained({ model: 'alone' })).legs
    expect(first).toMatchObject({ tried: 'first', moves: [] })
    expect(second).toMatchObject({ tried: 'not', reason: 'the route falls back on nothing: its fallbackOn is empty' })
  })

  test('drawn equals have shares, and a conversation fixes them', async () => {
    const drawn = await explained({ model: 'gpt-5' })
    expect(drawn).toMatchObject({ model: 'gpt-5', route: 'drawn', drawn: true })
    expect(drawn.legs.map(({ target, share }) => [target, share])).toEqual([
      [GPT, 0.75],
      [CLAUDE, 0.25],
    ])
    const headers = { 'x-session-id': 'one' }
    const fixed = await explained({ model: 'drawn', request: hello('drawn'), headers })
    expect(fixed).toMatchObject({ drawn: false, session: { header: 'x-session-id' }, sample: false })
    expect(fixed.legs.map(({ share }) => share)).toEqual([undefined, undefined])
  })

  test.each([
    [{}, 'beginning'],
    [{ prompt_cache_key: 'mine' }, 'body'],
  ])('a request with %p is known by its %s', async (rest, by) => {
    expect((await explained({ request: hello('drawn', rest) })).session).toBe(by as 'body')
  })

  test('a model without a route: its keys, in their lane', async () => {
    const found = await explained({ model: KIMI })
    expect(short(found)).toEqual([`${KIMI} work first`, `${KIMI} spare after`])
    expect([found.route, found.fallbackOn, found.crossBilling]).toEqual([undefined, [], false])
  })

  test('nobody to ask', async () => {
    const found = await explained({ model: 'dead' })
    expect([found.legs, found.problem?.code]).toEqual([[], 'provider_unavailable'])
  })
})

const THINKING = {
  messages: [
    { role: 'user', content: 'Hello' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmVkIGJ5IHNvbWVib2R5IGVsc2UgbG9uZyBhZ28=' },
        { type: 'text', text: 'Hello.' },
      ],
    },
    { role: 'user', content: 'Go on.' },
  ],
  max_tokens: 100,
}

describe('what the request itself decides', () => {
  test('a picture, and more than fits', async () => {
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
    const text = { type: 'text', text: 'What do you see? '.repeat(10) }
    const found = await explained({ request: { model: 'fit', messages: [{ role: 'user', content: [text, picture] }] } })
    expect(found.legs.map(({ unfit, tried, reason }) => ({ unfit, tried, reason }))).toEqual([
      { unfit: 'the model takes no image input', tried: 'not', reason: 'the model takes no image input' },
      {
        unfit: expect.stringContaining('and 20 fit'),
        tried: 'not',
        reason: expect.stringContaining('and 20 fit'),
      },
      { unfit: undefined, tried: 'first', reason: undefined },
    ])
    expect(found.fallback).toEqual({ from: 'openai/blind', reason: 'untranslatable' })
  })

  test('what cannot be said is refused there, and the way leads on', async () => {
    const found = await explained({ request: hello('drawn', { logit_bias: { '1': 2 } }), headers: { session_id: 's' } })
    const refused = found.legs.find(({ target }) => target === CLAUDE)
    expect(refused?.saying.refused).toContain('logit_bias')
    expect(found.legs.find(({ target }) => target === GPT)?.tried).toBe('first')
  })

  test.each([
    ['signed', 'refuse', 'not'],
    ['bare', 'remove', 'after'],
  ] as const)('signed thinking on the route %s: %s', async (model, signed, tried) => {
    const found = await explained({ model, protocol: 'anthropic-messages', request: THINKING })
    expect(found).toMatchObject({ signer: CLAUDE, signedReasoning: signed })
    expect(found.legs[1]).toMatchObject({ target: GPT, signed, tried })
  })
})

describe('what is explained is what happens', () => {
  const FAULT = 'status=503'
  test.each([
    { model: 'coder', faults: [] },
    { model: 'coder', faults: [kimi] },
    { model: 'fenced', faults: [kimi] },
    { model: 'capped', faults: [kimi, moonshot] },
    { model: 'alone', faults: [openAi] },
    { model: 'drawn', faults: [openAi], rest: { logit_bias: { '1': 2 } } },
    { model: 'drawn', faults: [anthropic] },
    { model: KIMI, faults: [kimi] },
    { model: 'dead', faults: [] },
  ])('$model', async ({ model, faults, rest }) => {
    for (const sim of faults) sim.setFault(FAULT)
    const body = hello(model, rest)
    // The second call meets what the first one taught.
    for (let call = 0; call < 3; call += 1) {
      const found = await explained({ request: body })
      const receipt = await called(body)
      const asked = receipt.attempts.map(
        ({ provider, model, credential }) => `${provider}/${model} ${credential ?? 'default'}`,
      )
      const first = found.legs.filter(({ tried }) => tried === 'first').map(leg => `${leg.target} ${leg.credential}`)
      expect(first).toEqual(asked.slice(0, 1))
      const may = found.legs.filter(({ tried }) => tried !== 'not').map(leg => `${leg.target} ${leg.credential}`)
      for (const each of asked) expect(may).toContain(each)
      if (asked.length === 0) expect(found.problem?.code).toBe(receipt.problem?.code ?? 'internal')
      if (receipt.attempts.length === 1 && receipt.fallback !== undefined)
        expect(found.fallback).toEqual(receipt.fallback)
    }
  })

  test('every leg that was left out stands in the receipt, with the reason the explanation gives', async () => {
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
    const text = { type: 'text', text: 'What do you see? '.repeat(10) }
    const unfit = { model: 'fit', messages: [{ role: 'user', content: [text, picture] }] }
    const unsayable = hello('refused', { logit_bias: { '1': 2 } })
    for (const [body, targets] of [
      [unfit, ['openai/small', 'openai/blind']],
      [unsayable, [CLAUDE]],
    ] as const) {
      const { legs } = await explained({ request: body })
      const { passed } = await called(body)
      expect(passed.map(({ target }) => target)).toEqual([...targets])
      for (const { target, reason } of passed) expect(legs.find(leg => leg.target === target)?.reason).toBe(reason)
    }
  })

  test('asking changes nothing: no call, no receipt, no health', async () => {
    const before = [app.house().health.views(), (await app.knowledge.receipts(10, undefined)).length]
    await explained({ model: 'coder' })
    expect([app.house().health.views(), (await app.knowledge.receipts(10, undefined)).length]).toEqual(before)
    expect(sims.flatMap(sim => sim.requests())).toEqual([])
  })

  test('a target that cools down is passed over, with the reason', async () => {
    anthropic.setFault('status=529;retry-after=60')
    await called(hello('signed'))
    const [claude, gpt] = (await explained({ model: 'signed' })).legs
    expect(claude).toMatchObject({ tried: 'not', reason: 'it cools down after overloaded' })
    expect(claude?.health).toMatchObject({ state: 'open', until: expect.any(Number) })
    expect(gpt?.tried).toBe('first')
  })
})

describe('the question', () => {
  test.each([
    ['[]', 'not a JSON object'],
    ['{"modle":"x"}', '"modle" is not known'],
    ['{"protocol":"soap"}', '"protocol" must be one of'],
    ['{"request":{"x":1}}', 'none of the protocols'],
    ['{"headers":{"a b":"c"}}', '"headers" must be'],
    ['{"key":"nobody"}', '"key" is neither'],
    ['{"stream":"yes"}', '"stream" must be true or false'],
  ])('%s is refused', async (text, words) => {
    const answer = await app.knowledge.explainRoute(encoder.encode(text))
    expect(isProblem(answer) ? [answer.code, answer.what] : answer).toEqual([
      'bad_request',
      expect.stringContaining(words),
    ])
  })

  test('a name that leads nowhere', async () => {
    const answer = await app.knowledge.explainRoute(encoder.encode('{"model":"codr"}'))
    expect(answer).toMatchObject({ code: 'model_not_found', candidates: ['coder'] })
  })

  test('every protocol has a greeting', async () => {
    const protocols = [...app.house().protocols.keys()]
    const found = await Promise.all(protocols.map(protocol => explained({ model: 'alone', protocol })))
    expect(found.map(({ protocol, legs }) => [protocol, legs[0]?.tried])).toEqual(protocols.map(id => [id, 'first']))
  })

  test('the schema names every field', () => {
    expect(Object.keys(Object(ROUTE_QUESTION_SCHEMA['properties'])).sort()).toEqual([
      'headers',
      'key',
      'model',
      'protocol',
      'request',
      'stream',
    ])
  })
})

test('routes are listed with what their targets are', async () => {
  const views = await routeViews(app.house())
  expect(views.map(({ name, available }) => [name, available])).toEqual(
    Object.keys(routes).map(name => [name, name !== 'dead']),
  )
  expect(views[0]?.targets).toMatchObject([
    { ref: KIMI, available: true, billing: 'plan', priority: 1 },
    { ref: K26, available: true, billing: 'metered', priority: 2 },
    { name: 'deepseek/deepseek-chat', available: false, unavailable: expect.any(String), priority: 3 },
  ])
  expect(views[2]?.crossBilling).toEqual({ nanoUsdPerDay: 5_000_000_000, usedNanoUsd: 0 })
})
