import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isProblem } from '../../src/canon/problem.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import type { Quirks } from '../../src/wire/quirks.ts'

const decoder = new TextDecoder()

/** The edited text, or the problem. */
function retarget(body: string, quirks: Quirks = {}, model = 'm-1') {
  const edited = openaiCompletions.retarget(new TextEncoder().encode(body), model, quirks)
  return isProblem(edited) ? edited : decoder.decode(edited.body)
}

const EDITS: readonly { name: string; body: string; quirks?: Quirks; edited: string }[] = [
  { name: 'the model alone', body: '{"model":"a/b","x":1}', edited: '{"model":"m-1","x":1}' },
  {
    name: 'spaces and order stay',
    body: ' { "x" : 1 ,\n"model"\t: "a" }\n',
    edited: ' { "x" : 1 ,\n"model"\t: "m-1" }\n',
  },
  {
    name: 'a nested model is not the model',
    body: '{"x":{"model":"n"},"model":"a"}',
    edited: '{"x":{"model":"n"},"model":"m-1"}',
  },
  { name: 'a body without a model gets one', body: '{"x":1}', edited: '{"model":"m-1","x":1}' },
  { name: 'an empty body gets one', body: '{ }', edited: '{"model":"m-1" }' },
  {
    name: 'numbers and escapes keep their spelling',
    body: '{"model":"a","seed":12345678901234567890,"t":1.0e0,"s":"\\u00fc\\/"}',
    edited: '{"model":"m-1","seed":12345678901234567890,"t":1.0e0,"s":"\\u00fc\\/"}',
  },
  {
    name: 'the limit gets the older name',
    body: '{"model":"a","max_completion_tokens": 5}',
    quirks: { maxTokensField: 'max_tokens' },
    edited: '{"model":"m-1","max_tokens": 5}',
  },
  {
    name: 'the limit gets the newer name',
    body: '{"max_tokens":5,"model":"a"}',
    quirks: { maxTokensField: 'max_completion_tokens' },
    edited: '{"max_completion_tokens":5,"model":"m-1"}',
  },
  {
    name: 'two limits stay as they are',
    body: '{"model":"a","max_tokens":5,"max_completion_tokens":5}',
    quirks: { maxTokensField: 'max_tokens' },
    edited: '{"model":"m-1","max_tokens":5,"max_completion_tokens":5}',
  },
  {
    name: 'developer becomes system, as a role only',
    body: '{"messages":[{"role":"developer","content":"developer"}, {"content":"x","role" : "developer"},{"role":"user","role":"developer"},7],"model":"a"}',
    quirks: { noDeveloperRole: true },
    edited:
      '{"messages":[{"role":"system","content":"developer"}, {"content":"x","role" : "system"},{"role":"user","role":"developer"},7],"model":"m-1"}',
  },
  {
    name: 'developer stays where it is taken',
    body: '{"messages":[{"role":"developer"}],"model":"a"}',
    edited: '{"messages":[{"role":"developer"}],"model":"m-1"}',
  },
  {
    name: 'fields not taken go, from the front',
    body: '{"store":true, "model":"a"}',
    quirks: { noStore: true },
    edited: '{"model":"m-1"}',
  },
  {
    name: 'fields not taken go, from the middle and the end',
    body: '{"model":"a", "store" : false , "x":1 , "stream_options":{"include_usage":true} }',
    quirks: { noStore: true, noStreamOptions: true },
    edited: '{"model":"m-1", "x":1  }',
  },
  {
    name: 'neighbours at the end go together',
    body: '{"model":"a","store":1,"stream_options":{}}',
    quirks: { noStore: true, noStreamOptions: true },
    edited: '{"model":"m-1"}',
  },
  {
    name: 'a body that is emptied still gets its model',
    body: '{"store":1, "stream_options":{} }',
    quirks: { noStore: true, noStreamOptions: true },
    edited: '{"model":"m-1" }',
  },
  {
    name: 'an empty list of tools goes',
    body: '{"model":"a","tools":[ ]}',
    quirks: { noEmptyTools: true },
    edited: '{"model":"m-1"}',
  },
  {
    name: 'a list of tools stays',
    body: '{"model":"a","tools":[{}]}',
    quirks: { noEmptyTools: true },
    edited: '{"model":"m-1","tools":[{}]}',
  },
  {
    name: 'a tool of type custom goes',
    body: '{"model":"a","tools":[{"type":"custom","custom":{"name":"p"}}, {"type":"function"}],"tool_choice":"auto"}',
    quirks: { noCustomTools: true },
    edited: '{"model":"m-1","tools":[{"type":"function"}],"tool_choice":"auto"}',
  },
  {
    name: 'custom tools go with their list, and the choice among them',
    body: '{"model":"a","tools":[{"type":"custom"},{"type":"custom"}],"tool_choice":"auto","x":1}',
    quirks: { noCustomTools: true, noEmptyTools: true },
    edited: '{"model":"m-1","x":1}',
  },
  {
    name: 'the choice of a custom tool goes',
    body: '{"tools":[{"type":"function"},{"type":"custom"}],"tool_choice":{"type":"custom","custom":{"name":"p"}}}',
    quirks: { noCustomTools: true },
    edited: '{"model":"m-1","tools":[{"type":"function"}]}',
  },
  {
    name: 'custom tools stay where they are taken',
    body: '{"model":"a","tools":[{"type":"custom"}]}',
    edited: '{"model":"m-1","tools":[{"type":"custom"}]}',
  },
]

describe('edits', () => {
  test.each([...EDITS])('$name', ({ body, quirks, edited }) => {
    expect(retarget(body, quirks)).toBe(edited)
  })

  test('the name is written as JSON', () => {
    expect(retarget('{"model":"a"}', {}, 'x"\\y')).toBe('{"model":"x\\"\\\\y"}')
  })
})

const REFUSALS = [
  { name: 'two models', body: '{"model":"a","x":1,"model":"b"}', paths: ['model'] },
  { name: 'two models, one spelt with an escape', body: '{"model":"a","mod\\u0065l":"b"}', paths: ['model'] },
  { name: 'a model that is no text', body: '{"model":{"id":"a"}}', paths: ['model'] },
  { name: 'no JSON', body: 'hello', paths: [] },
  { name: 'a list', body: '[{"model":"a"}]', paths: [] },
  { name: 'half an object', body: '{"model":"a"', paths: [] },
  { name: 'text behind the object', body: '{"model":"a"}{}', paths: [] },
  { name: 'nothing', body: '', paths: [] },
]

describe('refusals', () => {
  test.each(REFUSALS)('$name', ({ body, paths }) => {
    expect(retarget(body)).toMatchObject({ code: 'bad_request', paths })
  })
})

const space = fc.constantFrom('', ' ', '\n', '\t ', '\r\n  ')
const NAMES = ['store', 'stream_options', 'max_tokens', 'messages', 'temperature', 'tools', 'x', 'ü']
const member = (key: fc.Arbitrary<string>) =>
  fc.tuple(key, fc.jsonValue({ maxDepth: 3 }), space, space, space).map(([name, value, before, middle, after]) => ({
    key: name,
    head: `${before}${JSON.stringify(name)}${middle}:${after}`,
    value: JSON.stringify(value),
  }))
const members = fc.uniqueArray(member(fc.constantFrom(...NAMES)), { selector: one => one.key, maxLength: 6 })

describe('every other byte stays', () => {
  const body = fc.tuple(members, fc.nat(6), space, fc.string()).map(([list, place, after, old]) => {
    const model = { key: 'model', head: `${after}"model":`, value: JSON.stringify(old) }
    return list.toSpliced(place, 0, model)
  })
  const join = (list: readonly { head: string; value: string }[]) =>
    `{${list.map(one => one.head + one.value).join(',')}}`

  test('around the model', () => {
    fc.assert(
      fc.property(body, list => {
        const expected = list.map(one => (one.key === 'model' ? { ...one, value: '"m-1"' } : one))
        expect(retarget(join(list))).toBe(join(expected))
      }),
    )
  })

  test('around fields that are dropped', () => {
    fc.assert(
      fc.property(body, list => {
        const edited = retarget(join(list), {
          noStore: true,
          noStreamOptions: true,
          maxTokensField: 'max_completion_tokens',
        })
        if (typeof edited !== 'string') throw new Error(edited.what)
        const kept = list.filter(one => one.key !== 'store' && one.key !== 'stream_options')
        const names = kept.map(one => (one.key === 'max_tokens' ? 'max_completion_tokens' : one.key))
        expect(Object.keys(JSON.parse(edited))).toEqual(names)
        for (const one of kept)
          if (one.key !== 'model' && one.key !== 'max_tokens')
            expect(edited).toContain(one.head.trimStart() + one.value)
      }),
    )
  })

  test('random bytes are refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        const quirks: Quirks = {
          noDeveloperRole: true,
          noStore: true,
          noEmptyTools: true,
          maxTokensField: 'max_tokens',
        }
        expect(isProblem(openaiCompletions.retarget(bytes, 'm', quirks))).toBe(true)
      }),
    )
  })
})

describe('what a quirk takes out is told', () => {
  test.each([
    { quirks: { noStore: true }, losses: [['store', 'store', 'hint']] },
    { quirks: { noStreamOptions: true }, losses: [['stream_usage', 'stream_options', 'hint']] },
    { quirks: { noEmptyTools: true }, losses: [] },
    { quirks: {}, losses: [] },
  ] as const)('$quirks', ({ quirks, losses }) => {
    const body = '{"model":"a","store":true,"stream_options":{"include_usage":true},"tools":[]}'
    const edited = openaiCompletions.retarget(new TextEncoder().encode(body), 'm-1', quirks)
    if (isProblem(edited)) throw new Error(edited.what)
    expect(edited.losses.map(loss => [loss.parameter, loss.path, loss.kind])).toEqual(losses.map(loss => [...loss]))
  })

  test.each([
    { choice: '"auto"', losses: [['custom_tools', 'tools[1]']] },
    { choice: '{"type":"function","function":{"name":"f"}}', losses: [['custom_tools', 'tools[1]']] },
    {
      choice: '{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"custom"}]}}',
      losses: [
        ['custom_tools', 'tools[1]'],
        ['tool_choice', 'tool_choice'],
      ],
    },
  ] as const)('custom tools, with the choice $choice', ({ choice, losses }) => {
    const body = `{"model":"a","tools":[{"type":"function"},{"type":"custom"}],"tool_choice":${choice}}`
    const edited = openaiCompletions.retarget(new TextEncoder().encode(body), 'm-1', { noCustomTools: true })
    if (isProblem(edited)) throw new Error(edited.what)
    expect(edited.losses.map(loss => [loss.parameter, loss.path])).toEqual(losses.map(loss => [...loss]))
    expect(edited.losses.every(loss => loss.kind === 'semantic')).toBe(true)
  })
})
