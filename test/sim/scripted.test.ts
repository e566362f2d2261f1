import { describe, expect, test } from 'bun:test'
import { scriptedCalls, withoutScript } from '../../src/sim/scripted.ts'

const TOOLS = ['write', 'Read', 'mcp.read'].map(name => ({ name, schema: {} }))

describe('calls a text asks for', () => {
  const cases: readonly [string, string, readonly (readonly [string, string])[]][] = [
    ['one', 'Do it. [[call write {"path": "a"}]] Now.', [['write', '{"path": "a"}']]],
    [
      'two, in their order',
      '[[call Read {}]][[call write {"a":1}]]',
      [
        ['Read', '{}'],
        ['write', '{"a":1}'],
      ],
    ],
    ['brackets inside the arguments', '[[call mcp.read {"a":[["x]]"]]}]]', [['mcp.read', '{"a":[["x]]"]]}']]],
    ['a tool that is not offered', '[[call rm {}]]', []],
    ['arguments that are no object', '[[call write {"a":]]', []],
    ['an end that is missing', '[[call write {"a":1}', []],
    ['none', 'call write {}', []],
  ]
  for (const [name, text, calls] of cases)
    test(name, () =>
      expect(scriptedCalls(text, TOOLS).map(call => [call.name, call.input])).toEqual(calls.map(each => [...each])),
    )

  test('are taken out of what is quoted', () => {
    expect(withoutScript('a [[call x {"b":[1]}]]c [[call y {}]]')).toBe('a c ')
  })
})
