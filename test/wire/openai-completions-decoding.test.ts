import { describe, expect, test } from 'bun:test'
import { faultIn } from '../../src/canon/grammar.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import { bytesOf, fixtures, golden, jsonOf, recorded, recordedFrames } from './openai-completions-goldens.ts'
import { decodeFrames, decodePieces, lawBreaks, sseBytes } from './stream-laws.ts'

describe.each(fixtures('streams'))('stream $name', fixture => {
  test('gives the events of its golden', () => {
    const events = decodePieces(openaiCompletions, [bytesOf(fixture)])
    expect(events).toEqual(golden(fixture, 'canon', events) as typeof events)
  })

  test('keeps the laws of streams', () => {
    expect(lawBreaks(openaiCompletions, bytesOf(fixture), { stopsSuffice: true })).toEqual([])
  })
})

describe.each(fixtures('replies'))('whole reply $name', fixture => {
  test('gives the events of its golden, in the order of the grammar', () => {
    const events = openaiCompletions.decodeReply(jsonOf(fixture))
    expect(events).toEqual(golden(fixture, 'canon', events) as typeof events)
    expect(faultIn(events)).toBeUndefined()
  })
})

describe('recorded replies', () => {
  const streams = recorded('.chunks.txt')
  const replies = recorded('.json')

  test(`there are ${streams.length} streams and ${replies.length} whole replies`, () => {
    expect(streams.length > 0).toBe(replies.length > 0)
  })

  for (const fixture of streams) {
    test(`stream ${fixture.name} is complete and keeps the laws`, () => {
      const frames = recordedFrames(fixture)
      const events = decodeFrames(openaiCompletions, frames)
      expect(events.at(-1)).toEqual({ type: 'reply-end' })
      expect(events.filter(event => event.type === 'unknown')).toEqual([])
      expect(lawBreaks(openaiCompletions, sseBytes(frames), { stopsSuffice: true })).toEqual([])
    }, 30_000)
  }

  for (const fixture of replies) {
    test(`whole reply ${fixture.name} keeps the grammar`, () => {
      const body = jsonOf(fixture)
      const events = openaiCompletions.decodeReply(body)
      expect(faultIn(events)).toBeUndefined()
      expect(events.at(-1)?.type).toBe(body.error === undefined ? 'reply-end' : 'failure')
      expect(events.filter(event => event.type === 'unknown')).toEqual([])
    })
  }
})
