import { describe, expect, test } from 'bun:test'
import { Secret } from '../../src/base/secret.ts'
import { isProblem } from '../../src/canon/problem.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Call } from '../../src/pipeline/call.ts'
import { type Framing, JSON_ARRAY, SSE } from '../../src/pipeline/framing.ts'
import { readRequestHead } from '../../src/pipeline/read-request.ts'
import { cacheKeyOf, keptOf, openKeeper, replay } from '../../src/pipeline/response-cache.ts'
import type { KeptResponse } from '../../src/shared/response-cache.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

function protocolOf(id: string): WireProtocol {
  const found = WIRE_PROTOCOLS.find(protocol => protocol.id === id)
  if (found === undefined) throw new Error(id)
  return found
}

interface Asked {
  readonly body?: string | Uint8Array
  readonly headers?: Record<string, string>
  readonly protocol?: string
  readonly operation?: Call['operation']
  readonly framing?: Framing
  readonly names?: { readonly model: string; readonly stream: boolean }
  readonly route?: string
  readonly tenant?: string
}

const PLAIN = '{"model":"coder","messages":[{"role":"user","content":"Hi"}],"temperature":1}'

function keyOf(asked: Asked): string | undefined {
  const body = asked.body ?? PLAIN
  const call: Call = {
    id: 'req',
    at: 1,
    startedMs: 0,
    operation: asked.operation ?? 'generate',
    protocol: protocolOf(asked.protocol ?? 'openai-completions'),
    ...(asked.names === undefined ? {} : { names: asked.names }),
    framing: asked.framing ?? SSE,
    body: typeof body === 'string' ? encode(body) : body,
    headers: new Headers(asked.headers),
    key: new Secret('cnd_x'),
    leaving: new AbortController(),
    ended: () => {},
  }
  const head = readRequestHead(call)
  if (isProblem(head)) throw new Error(head.what)
  return cacheKeyOf(call, head, asked.route ?? 'coder', asked.tenant ?? 'local')
}

describe('the name of an answer', () => {
  const plain = keyOf({})

  test('is a hash', () => {
    expect(plain).toMatch(/^[0-9a-f]{64}$/)
  })

  test.each<[string, Asked]>([
    [
      'fields in another order',
      { body: '{"temperature":1,"messages":[{"content":"Hi","role":"user"}],"model":"coder"}' },
    ],
    ['other white space', { body: JSON.stringify(JSON.parse(PLAIN), undefined, 2) }],
    [
      'headers that change no answer',
      { headers: { 'user-agent': 'x', 'x-session-id': '1', 'candor-cache': 'max-age=1' } },
    ],
  ])('%s: the same', (_, asked) => {
    expect(keyOf(asked)).toBe(plain)
  })

  test.each<[string, Asked]>([
    ['another key', { tenant: 'key_2' }],
    ['another route', { route: 'other' }],
    ['another protocol', { protocol: 'anthropic-messages' }],
    ['another operation', { operation: 'embed' }],
    ['another framing', { framing: JSON_ARRAY }],
    ['a stream', { body: PLAIN.replace('{', '{"stream":true,') }],
    ['another model in the path', { names: { model: 'coder', stream: false }, body: PLAIN.replace('coder', 'x') }],
    ['a stream by the path', { names: { model: 'coder', stream: true } }],
    ['another text', { body: PLAIN.replace('Hi', 'hi') }],
    ['a number written in another way', { body: PLAIN.replace(':1}', ':1.0}') }],
    ['anthropic-beta', { headers: { 'anthropic-beta': 'a' } }],
    ['anthropic-version', { headers: { 'anthropic-version': '2023-06-01' } }],
    ['openai-beta', { headers: { 'openai-beta': 'a' } }],
    ['candor-allow-loss', { headers: { 'candor-allow-loss': '*' } }],
    ['the order of messages', { body: PLAIN.replace('[', '[{"role":"system","content":"x"},') }],
  ])('%s: another', (_, asked) => {
    const key = keyOf(asked)
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(key).not.toBe(plain)
  })

  test('header values do not run into each other', () => {
    const a = keyOf({ headers: { 'anthropic-beta': 'x', 'openai-beta': '' } })
    expect(keyOf({ headers: { 'anthropic-version': 'x', 'openai-beta': '' } })).not.toBe(a)
  })

  const withField = (field: string) => PLAIN.replace('{', `{${field},`)
  test.each<[string, Asked]>([
    ['counting tokens', { operation: 'count-tokens' }],
    ['more than a mebibyte', { body: PLAIN.replace('Hi', 'x'.repeat(1024 * 1024)) }],
    ['no-store', { headers: { 'candor-cache': 'No-Store' } }],
    ['no-store among others', { headers: { 'candor-cache': 'x, no-store' } }],
    ['store: true', { body: withField('"store":true') }],
    ['background', { body: withField('"background":true') }],
    ['previous_response_id', { body: withField('"previous_response_id":"resp_1"') }],
    ['conversation', { body: withField('"conversation":{"id":"conv_1"}') }],
    ['container', { body: withField('"container":"c"') }],
    ['a field that stands twice', { body: withField('"temperature":0') }],
    ['a field that stands twice inside', { body: PLAIN.replace('"role"', '"role":"user","role"') }],
    ['no JSON inside', { body: PLAIN.replace(':1}', ':1x}') }],
    [
      'no UTF-8',
      {
        body: Buffer.concat([encode('{"model":"'), Uint8Array.of(0xff), encode('"}')]),
        names: { model: 'm', stream: false },
      },
    ],
  ])('%s: none', (_, asked) => {
    expect(keyOf(asked)).toBeUndefined()
  })

  test.each([
    '"store":false',
    '"store":null',
    '"background":false',
    '"previous_response_id":null',
    '"conversation":null',
  ])('%s asks for nothing to be kept', field => {
    expect(keyOf({ body: withField(field) })).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('what a client is given', () => {
  test('is collected, signs of life left out', () => {
    const keeper = openKeeper(100, SSE)
    keeper.push(encode('data: 1\n\n'))
    keeper.push(SSE.heartbeat)
    keeper.push(encode('data: 2\n\n'))
    expect(decode(keeper.bytes() ?? new Uint8Array())).toBe('data: 1\n\ndata: 2\n\n')
  })

  test('is let go if it is too much', () => {
    const keeper = openKeeper(10, JSON_ARRAY)
    keeper.push(encode('1234567890'))
    expect(keeper.bytes()).toHaveLength(10)
    keeper.push(encode('1'))
    keeper.push(encode('2'))
    expect(keeper.bytes()).toBeUndefined()
  })
})

const RECEIPT: Receipt = {
  id: 'r',
  at: 5,
  operation: 'generate',
  clientProtocol: 'openai-completions',
  client: '',
  stream: true,
  requestedModel: 'coder',
  servedModel: 'p/m',
  reportedModel: 'm-1',
  upstreamProtocol: 'anthropic-messages',
  fallback: { from: 'q/n', reason: 'overloaded' },
  attempts: [],
  passed: [],
  losses: [{ parameter: 'user', path: 'user', kind: 'hint', reason: 'r' }],
  assumptions: [{ path: 'max_tokens', value: '1', reason: 'r' }],
  replyLosses: ['logprobs'],
  usage: { input: 1, output: 2 },
  cost: { type: 'plan' },
  requestBytes: 1,
  replyBytes: 1,
  totalMs: 1,
  ending: 'complete',
  status: 200,
  stopReason: 'tool-calls',
}

describe('what is kept', () => {
  const bytes = encode('x')

  test('a whole answer, with what its receipt told of it', () => {
    expect(keptOf(RECEIPT, bytes, 'text/plain')).toEqual({
      bytes,
      contentType: 'text/plain',
      servedModel: 'p/m',
      reportedModel: 'm-1',
      upstreamProtocol: 'anthropic-messages',
      stopReason: 'tool-calls',
      usage: { input: 1, output: 2 },
      fallback: { from: 'q/n', reason: 'overloaded' },
      losses: RECEIPT.losses,
      assumptions: RECEIPT.assumptions,
      replyLosses: ['logprobs'],
      at: 5,
    })
  })

  test.each(['truncated', 'failed', 'abandoned', 'interrupted', 'in-flight'] as const)('not one that is %s', ending => {
    expect(keptOf({ ...RECEIPT, ending }, bytes, 'text/plain')).toBeUndefined()
  })

  test.each<[string, Partial<Receipt>, Uint8Array | undefined]>([
    ['another status', { status: 206 }, bytes],
    ['a problem', { problem: { code: 'internal', what: '', fix: [] } }, bytes],
    ['too many bytes', {}, undefined],
  ])('not one with %s', (_, changed, given) => {
    expect(keptOf({ ...RECEIPT, ...changed }, given, 'text/plain')).toBeUndefined()
  })
})

async function piecesOf(text: string, framing: Framing): Promise<string[]> {
  const kept: KeptResponse = { bytes: encode(text), contentType: framing.contentType, servedModel: 'p/m', at: 1 }
  const pieces: string[] = []
  for await (const piece of replay(kept, framing)) pieces.push(decode(piece))
  return pieces
}

describe('a stream comes again as a stream', () => {
  test.each([
    ['events', SSE, ['data: 1\n\n', 'event: x\ndata: 2\n\n', 'data: [DONE]\n\n']],
    ['events with other line ends', SSE, ['data: 1\r\n\r\n', 'data: 2\r\n\r\n']],
    ['an event without its blank line', SSE, ['data: 1\n\n', 'data: 2\n']],
    ['an array', JSON_ARRAY, ['[{"a":[1,"]"]}', ',\n{"b":2}', '\n]']],
    ['an array of nothing', JSON_ARRAY, ['[\n]']],
    ['nothing', SSE, []],
    ['no array', JSON_ARRAY, ['{"a":1}']],
  ] as const)('%s', async (_, framing, pieces) => {
    expect(await piecesOf(pieces.join(''), framing)).toEqual([...pieces])
  })

  test('an element for each event that was written', async () => {
    const writer = JSON_ARRAY.openWriter()
    const text = ['{"n":1}', '{"n":2}'].map(data => writer.write([{ data }])).join('') + writer.close()
    expect(await piecesOf(text, JSON_ARRAY)).toEqual(['[{"n":1}', ',\n{"n":2}', '\n]'])
  })

  test('only as fast as it is read', async () => {
    const kept: KeptResponse = {
      bytes: encode('data: 1\n\ndata: 2\n\n'),
      contentType: SSE.contentType,
      servedModel: 'p/m',
      at: 1,
    }
    const reader = replay(kept, SSE).getReader()
    const first = await reader.read()
    expect(decode(first.value ?? new Uint8Array())).toBe('data: 1\n\n')
    await reader.cancel()
    expect((await reader.read()).done).toBe(true)
  })
})
