import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { PROTOCOL_IDS } from '../../src/canon/protocol.ts'
import {
  bytesHeldBy,
  decodeBodies,
  encodeBodies,
  isCut,
  type KeptBodies,
  type KeptBody,
  openBodyRoom,
} from '../../src/ledger/kept-bodies.ts'
import { bodiesAt, wholeBody } from './bodies-of-calls.ts'

const anyBody: fc.Arbitrary<KeptBody> = fc
  .record({ contentType: fc.string(), data: fc.uint8Array({ maxLength: 300 }), more: fc.nat({ max: 5 }) })
  .map(({ contentType, data, more }) => ({ contentType, data, bytes: data.length + more }))

const anyBodies: fc.Arbitrary<KeptBodies> = fc.record(
  {
    id: fc.string(),
    at: fc.nat(),
    protocol: fc.constantFrom(...PROTOCOL_IDS),
    operation: fc.constantFrom('generate' as const, 'count-tokens' as const, 'embed' as const),
    names: fc.record({ model: fc.string(), stream: fc.boolean() }),
    jsonArray: fc.boolean(),
    headers: fc.dictionary(
      fc.string().filter(name => name !== '__proto__'),
      fc.string(),
    ),
    request: anyBody,
    reply: anyBody,
  },
  { requiredKeys: ['id', 'at', 'protocol', 'operation', 'jsonArray', 'headers', 'request'] },
)

/** With plain arrays, however the bytes are held. */
function plain({ request, reply, headers, ...facts }: KeptBodies) {
  const bytesOf = (body: KeptBody) => ({ ...body, data: [...body.data] })
  return {
    ...facts,
    headers: { ...headers },
    request: bytesOf(request),
    ...(reply === undefined ? {} : { reply: bytesOf(reply) }),
  }
}

describe('the file of a call', () => {
  test('gives back what was written, whatever the bytes are', () => {
    fc.assert(
      fc.property(anyBodies, bodies => {
        const read = decodeBodies(encodeBodies(bodies))
        expect(read && plain(read)).toEqual(plain(bodies))
      }),
    )
  })

  test('cut anywhere is none, never one with wrong data', () => {
    fc.assert(
      fc.property(anyBodies, bodies => {
        const file = encodeBodies(bodies)
        for (let end = 0; end < file.length; end += 1) expect(decodeBodies(file.subarray(0, end))).toBeUndefined()
      }),
      { numRuns: 20 },
    )
  })

  test('garbage is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), garbage => {
        expect(decodeBodies(garbage)).toBeUndefined()
        expect(decodeBodies(new Uint8Array([...garbage, 0x0a, ...garbage]))).toBeUndefined()
      }),
    )
  })

  const facts = { version: 1, id: 'req_1', at: 1, protocol: 'openai-completions', operation: 'generate' }
  const line = { ...facts, jsonArray: false, headers: {}, request: { contentType: '', bytes: 2, kept: 2 } }
  const size = (kept: unknown) => ({ ...line, request: { ...line.request, kept } })

  test.each([
    ['another version', { ...line, version: 2 }],
    ['no version', { ...line, version: undefined }],
    ['an id that is no text', { ...line, id: 1 }],
    ['a time that is no number', { ...line, at: '1' }],
    ['an unknown protocol', { ...line, protocol: 'telnet' }],
    ['an unknown operation', { ...line, operation: 'constructor' }],
    ['no headers', { ...line, headers: null }],
    ['no request', { ...line, request: undefined }],
    ['a reply that is none', { ...line, reply: 1 }],
    ['a reply that is not there', { ...line, reply: { contentType: '', bytes: 1, kept: 1 } }],
    ['fewer bytes than told', size(3)],
    ['a negative length', size(-1)],
    ['half a byte', size(1.5)],
    ['an endless length', size(1e308)],
    ['a length that is no number', size('2')],
    ['a list', [line]],
  ])('with %s is none', (_about, first) => {
    expect(decodeBodies(Buffer.from(`${JSON.stringify(line)}\n{}`))).toBeDefined()
    expect(decodeBodies(Buffer.from(`${JSON.stringify(first)}\n{}`))).toBeUndefined()
  })
})

test('a body is cut if it had more bytes than are there', () => {
  expect(isCut(wholeBody('abc'))).toBeFalse()
  expect(isCut({ ...wholeBody('abc'), bytes: 4 })).toBeTrue()
})

test('a small view counts with all that it is a view of', () => {
  const large = new Uint8Array(1_000_000)
  const held = (data: Uint8Array) => bytesHeldBy(bodiesAt(0, { request: wholeBody(data) }))
  expect(held(large.subarray(0, 10)) - held(new Uint8Array(10))).toBe(1_000_000 - 10)
})

test('there is room until it is taken, and again once it is given back', () => {
  const room = openBodyRoom(10)
  expect([room.take(6), room.take(5), room.take(4), room.take(1)]).toEqual([true, false, true, false])
  room.give(6)
  expect([room.take(7), room.take(6)]).toEqual([false, true])
})
