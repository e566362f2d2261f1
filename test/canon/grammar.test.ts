import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Event } from '../../src/canon/event.ts'
import { faultIn, openGrammar } from '../../src/canon/grammar.ts'
import { problem } from '../../src/canon/problem.ts'

const start: Event = { type: 'reply-start', id: '', model: '' }
const end: Event = { type: 'reply-end' }
const ping: Event = { type: 'ping' }
const usage: Event = { type: 'usage', usage: { input: 1 } }
const failure: Event = { type: 'failure', problem: problem('stream_truncated', 'Cut.') }
const open = (index: number, choice = 0): Event => ({ type: 'block-start', index, choice, block: { type: 'text' } })
const more = (index: number): Event => ({ type: 'block-delta', index, delta: { type: 'text', text: 'x' } })
const close = (index: number): Event => ({ type: 'block-stop', index })
const stop = (choice = 0): Event => ({ type: 'choice-stop', choice, reason: 'end', raw: 'stop' })

const accepted: readonly [string, readonly Event[]][] = [
  ['one block', [start, open(0), more(0), close(0), stop(), end]],
  ['a reply without blocks', [start, stop(), end]],
  ['nothing but an ending', [start, end]],
  ['a failure alone', [failure]],
  ['a failure in a block', [start, open(0), more(0), failure]],
  ['pings before the start', [ping, start, ping, stop(), end]],
  ['usage at any place', [start, usage, open(0), usage, close(0), stop(), usage, end]],
  ['blocks that overlap', [start, open(0), open(1), more(0), more(1), close(0), close(1), stop(), end]],
  ['two choices', [start, open(0, 0), open(1, 1), close(0), stop(0), more(1), close(1), stop(1), end]],
]

const refused: readonly [string, readonly Event[], RegExp][] = [
  ['no ending', [start, open(0), close(0), stop()], /no ending/],
  ['nothing at all', [], /no ending/],
  ['a block before the start', [open(0)], /before reply-start/],
  ['two starts', [start, start], /second/],
  ['a second ending', [start, end, end], /after the end/],
  ['a ping behind a failure', [failure, ping], /after the end/],
  ['an index used twice', [start, open(0), close(0), open(0)], /starts twice/],
  ['a delta for a closed block', [start, open(0), close(0), more(0)], /not open/],
  ['a delta for no block', [start, more(3)], /not open/],
  ['a block that stops twice', [start, open(0), close(0), close(0)], /not open/],
  ['an ending with a block open', [start, open(0), end], /block open/],
  ['a stop with a block open', [start, open(0), stop()], /block open/],
  ['an ending without a stop', [start, open(0), close(0), end], /not stopped/],
  ['one choice not stopped', [start, open(0, 0), open(1, 1), close(0), close(1), stop(0), end], /not stopped/],
  ['a choice that stops twice', [start, stop(), stop()], /stops twice/],
  ['a block behind the stop', [start, stop(), open(0)], /after choice 0 stopped/],
]

describe('the order of events', () => {
  test.each(accepted)('allows %s', (_, events) => {
    expect(faultIn(events)).toBeUndefined()
  })

  test.each(refused)('refuses %s', (_, events, fault) => {
    expect(faultIn(events)).toMatch(fault)
  })

  test('any accepted reply may be cut anywhere by a failure', () => {
    for (const [, events] of accepted) {
      for (let cut = 0; cut < events.length; cut += 1) {
        expect(faultIn([...events.slice(0, cut), failure])).toBeUndefined()
      }
    }
  })

  test('ended is told by the terminal event, and by nothing else', () => {
    const anyEvent = fc.constantFrom(start, ping, usage, open(0), open(1), more(0), close(0), stop(), end, failure)
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), events => {
        const grammar = openGrammar()
        const faults = events.map(event => grammar.take(event))
        const first = events.findIndex(
          (event, at) => event.type === 'failure' || (event.type === 'reply-end' && startedBefore(events, at)),
        )
        expect(grammar.ended()).toBe(first >= 0)
        if (first >= 0) expect(faults.slice(first + 1).every(fault => fault?.includes('after the end'))).toBe(true)
      }),
    )
  })
})

function startedBefore(events: readonly Event[], at: number): boolean {
  return events.slice(0, at).some(event => event.type === 'reply-start')
}
