import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { sessionOf } from '../../src/pipeline/affinity.ts'

const encoder = new TextEncoder()

function session(body: unknown, headers: Record<string, string> = {}, key?: string): string | undefined {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return sessionOf({ headers: new Headers(headers), body: encoder.encode(text) }, key)
}

const MARK = { cache_control: { type: 'ephemeral' } }

interface Told {
  readonly instructions: string
  readonly first: string
  /** Answers and further questions. */
  readonly turns: readonly string[]
}

/** A conversation's request in each protocol. */
const PROTOCOLS = {
  'openai-completions': ({ instructions, first, turns }: Told) => ({
    model: 'kimi-k2',
    messages: [
      { role: 'system', content: instructions },
      { role: 'user', content: first },
      ...turns.map((content, n) => ({ role: n % 2 === 0 ? 'assistant' : 'user', content })),
    ],
  }),
  'openai-responses': ({ instructions, first, turns }: Told) => ({
    model: 'kimi-k2',
    instructions,
    input: [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: first }] },
      ...turns.map((text, n) =>
        n % 2 === 0
          ? { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }
          : { role: 'user', content: text },
      ),
    ],
  }),
  'anthropic-messages': ({ instructions, first, turns }: Told) => ({
    model: 'kimi-k2',
    system: [{ type: 'text', text: instructions, ...MARK }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: first }] },
      ...turns.map((content, n) => ({ role: n % 2 === 0 ? 'assistant' : 'user', content })),
    ],
  }),
  'google-generative-ai': ({ instructions, first, turns }: Told) => ({
    systemInstruction: { parts: [{ text: instructions }] },
    contents: [
      { role: 'user', parts: [{ text: first }] },
      ...turns.map((text, n) => ({ role: n % 2 === 0 ? 'model' : 'user', parts: [{ text }] })),
    ],
  }),
} as const

type Protocol = keyof typeof PROTOCOLS
const NAMES = Object.keys(PROTOCOLS) as Protocol[]

const TOLD: Told = { instructions: 'You are brief.', first: 'What is a gateway?', turns: [] }

describe('how a conversation begins', () => {
  test.each(NAMES)('%s: it stays the same while turns are added', name => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.array(fc.string(), { maxLength: 20 }), (instructions, first, turns) => {
        const build = PROTOCOLS[name]
        expect(session(build({ instructions, first, turns }))).toBe(session(build({ instructions, first, turns: [] })))
      }),
    )
  })

  test.each(NAMES)('%s: other instructions or another first turn are another one', name => {
    const build = PROTOCOLS[name]
    const told = [TOLD, { ...TOLD, first: 'What is a road?' }, { ...TOLD, instructions: 'You are long.' }]
    expect(new Set(told.map(each => session(build(each)))).size).toBe(3)
  })

  test.each(NAMES)('%s: every gateway key has its own', name => {
    const body = PROTOCOLS[name](TOLD)
    expect(new Set([session(body), session(body, {}, 'key_1'), session(body, {}, 'key_2')]).size).toBe(3)
  })

  const MARKED: readonly (readonly [what: string, first: unknown])[] = [
    ['a text', 'Read this.'],
    ['a part', [{ type: 'text', text: 'Read this.' }]],
    ['a part with a mark', [{ type: 'text', text: 'Read this.', ...MARK }]],
    ['a part with a mark in front', [{ ...MARK, text: 'Read this.', type: 'text' }]],
  ]

  test.each([...MARKED])('a mark for the provider cache that moves on changes nothing: %s', (_, content) => {
    const marked = { role: 'user', content: [{ type: 'text', text: 'And now?', ...MARK }] }
    const answer = { role: 'assistant', content: 'I have.' }
    const turn = session({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Read this.', ...MARK }] }] })
    expect(session({ messages: [{ role: 'user', content }, answer, marked] })).toBe(turn)
  })

  test('what stands before the user counts, what stands behind does not', () => {
    const user = { role: 'user', content: 'Hello' }
    const before = (content: string) => ({ messages: [{ role: 'assistant', content }, user] })
    expect(session(before('Good morning'))).not.toBe(session(before('Good evening')))
    const behind = (content: string) => ({ messages: [user, { role: 'user', content }] })
    expect(session(behind('Good morning'))).toBe(session(behind('Good evening')))
  })

  test('only the first turns are looked at, even if the user is not among them', () => {
    const answers = Array.from({ length: 8 }, (_, n) => ({ role: 'assistant', content: `answer ${n}` }))
    const user = (content: string) => ({ messages: [...answers, { role: 'user', content }] })
    expect(session(user('Hello'))).toBe(session(user('Goodbye')))
    expect(session({ messages: answers.slice(1) })).not.toBe(session({ messages: answers }))
  })

  test('a text alone, and a list, as the user may write them', () => {
    const alone = session({ input: 'Hello' })
    expect(alone).toBeDefined()
    expect(session({ input: [{ role: 'user', content: 'Hello' }] })).toBe(alone)
    expect(session({ contents: [{ parts: [{ text: 'Hello' }] }, { parts: [{ text: 'more' }] }] })).toBe(
      session({ contents: [{ parts: [{ text: 'Hello' }] }] }),
    )
  })

  const PICTURES: readonly (readonly [protocol: string, body: (data: string) => unknown])[] = [
    ['anthropic', data => ({ messages: [{ role: 'user', content: [{ type: 'image', source: { data } }] }] })],
    ['openai', url => ({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] })],
    ['responses', url => ({ input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }] })],
    ['google', data => ({ contents: [{ role: 'user', parts: [{ inlineData: { data } }] }] })],
  ]

  test.each([...PICTURES])('a picture alone tells one from another: %s', (_, body) => {
    expect(session(body('AAAA'))).toBe(session(body('AAAA')))
    expect(session(body('AAAA'))).not.toBe(session(body('BBBB')))
  })

  test('of a long text both ends and the length count', () => {
    const long = 'x'.repeat(100_000)
    const texts = [long, `y${long.slice(1)}`, `${long.slice(1)}y`, `${long}x`]
    expect(new Set(texts.map(first => session(PROTOCOLS['anthropic-messages']({ ...TOLD, first })))).size).toBe(4)
  })

  const NOTHING: readonly string[] = [
    '',
    '[]',
    '{}',
    '{"messages":[]}',
    '{"messages":[1,2]}',
    '{"input":[1,2]}',
    '{"a"',
  ]
  test.each([...NOTHING])('nothing tells: %s', body => {
    expect(session(body)).toBeUndefined()
  })

  test('the result of a tool counts, what is nested without end does not', () => {
    const result = (text: string) => ({
      messages: [{ role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text }] }] }],
    })
    expect(session(result('one'))).not.toBe(session(result('two')))
    const nested = (text: string) =>
      `{"messages":[{"role":"user","content":${'[{"content":'.repeat(12)}"${text}"${'}]'.repeat(12)}}]}`
    expect(session(nested('one'))).toBe(session(nested('two')))
  })

  test('only a hash comes out', () => {
    for (const name of NAMES) expect(session(PROTOCOLS[name](TOLD))).toMatch(/^[\w-]{22}$/)
    expect(session(TOLD, { 'session-id': 'secret-session' })).toMatch(/^[\w-]{22}$/)
  })

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), body => {
        const found = session(body)
        expect(found === undefined || found.length === 22).toBe(true)
      }),
    )
  })
})

describe('what the client says itself', () => {
  const BODY = PROTOCOLS['anthropic-messages'](TOLD)
  const OTHER = PROTOCOLS['anthropic-messages']({ ...TOLD, first: 'Something else.' })

  const HEADERS: readonly string[] = [
    'X-Claude-Code-Session-Id',
    'session_id',
    'session-id',
    'x-session-id',
    'x-session-affinity',
    'x-opencode-session',
    'thread-id',
  ]

  test.each([...HEADERS])('the header %s', name => {
    const one = session(BODY, { [name]: 'one' })
    expect(session(OTHER, { [name]: 'one' })).toBe(one)
    expect(session(BODY, { [name]: 'two' })).not.toBe(one)
    expect(session(BODY, { [name]: 'one' }, 'key_1')).not.toBe(one)
    expect(session(BODY, { [name]: '' })).toBe(session(BODY))
  })

  const LEGACY = 'user_0a1b_account__session_57a121ec-f78c-48c3-a745-e3036a3ecc33'
  const FIELDS: readonly (readonly [what: string, fields: object])[] = [
    ['prompt_cache_key', { prompt_cache_key: 'one' }],
    ['metadata.session_id', { metadata: { session_id: 'one', user_id: 'anna' } }],
    ['metadata.user_id of Claude Code', { metadata: { user_id: LEGACY } }],
    ['metadata.user_id since 2.1.78', { metadata: { user_id: JSON.stringify({ device_id: '0a', session_id: '57' }) } }],
  ]

  test.each([...FIELDS])('the field %s', (_, fields) => {
    const one = session({ ...BODY, ...fields })
    expect(session({ ...OTHER, ...fields })).toBe(one)
    expect(one).not.toBe(session(BODY))
    expect(session({ ...BODY, ...fields }, {}, 'key_1')).not.toBe(one)
  })

  const SAYING_NOTHING: readonly object[] = [
    { metadata: { user_id: 'anna' } },
    { metadata: null },
    { metadata: { session_id: 7 } },
    { prompt_cache_key: '' },
    { prompt_cache_key: null },
  ]

  test.each([...SAYING_NOTHING])('%j names no conversation', fields => {
    expect(session({ ...BODY, ...fields })).toBe(session(BODY))
  })

  test('a header is before a field, a field before how it begins', () => {
    const field = { ...BODY, prompt_cache_key: 'one' }
    expect(session(field, { 'session-id': 'two' })).toBe(session(BODY, { 'session-id': 'two' }))
    expect(session(field)).not.toBe(session(BODY))
  })
})
