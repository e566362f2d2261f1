import { describe, expect, test } from 'bun:test'
import { isProblem } from '../../src/canon/problem.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import { fixtures, golden, jsonOf } from './openai-completions-goldens.ts'

describe.each(fixtures('requests'))('request $name', fixture => {
  test('is read as its golden says', () => {
    const read = openaiCompletions.decodeRequest(jsonOf(fixture))
    expect(read).toEqual(golden(fixture, 'canon', read) as typeof read)
    expect(isProblem(read)).toBe(fixture.name.startsWith('fault-'))
  })
})

/** What a fixture of an encoding need not say. */
const BASE: CanonRequest = {
  from: 'anthropic-messages',
  model: 'm-1',
  stream: false,
  streamUsage: true,
  turns: [],
  tools: [],
  settings: [],
  unknown: [],
}

describe.each(fixtures('encodings'))('encoding $name', fixture => {
  const { quirks, request } = jsonOf(fixture) as { quirks?: Quirks; request?: Partial<CanonRequest> }

  test('is written as its golden says', () => {
    const written = openaiCompletions.encodeRequest({ ...BASE, ...request }, quirks ?? {})
    expect(written).toEqual(golden(fixture, 'wire', written) as typeof written)
  })
})

describe('what was read is written again', () => {
  const readable = fixtures('requests').filter(fixture => !/^(?:fault-|unknown-fields)/.test(fixture.name))

  test.each(readable)('$name', fixture => {
    const all: Quirks = { cacheMarks: true, replayReasoning: 'reasoning_details' }
    const read = openaiCompletions.decodeRequest(jsonOf(fixture))
    if (isProblem(read)) throw new Error(read.what)
    const again = openaiCompletions.decodeRequest(openaiCompletions.encodeRequest(read, all).body)
    if (isProblem(again)) throw new Error(again.what)
    expect(again.turns.map(turn => turn.role)).toEqual(read.turns.map(turn => turn.role))
    expect(again.tools.map(tool => tool.type)).toEqual(read.tools.map(tool => tool.type))
    expect(again.settings).toEqual(read.settings)
    expect(again.toolChoice).toEqual(read.toolChoice)
  })
})
