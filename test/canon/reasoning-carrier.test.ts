import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { PROTOCOL_IDS } from '../../src/canon/protocol.ts'
import { packCallId, packReasoning, unpackCallId, unpackReasoning } from '../../src/canon/reasoning-carrier.ts'

const carried = fc.record(
  {
    origin: fc.constantFrom(...PROTOCOL_IDS),
    text: fc.string({ unit: 'grapheme' }),
    signature: fc.string({ unit: 'grapheme' }),
    redacted: fc.string(),
    details: fc.array(
      fc.jsonValue().map(value => JSON.parse(JSON.stringify(value))),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['origin'] },
)

describe('reasoning carried in a signature', () => {
  test('comes back as it went', () => {
    fc.assert(fc.property(carried, value => expect(unpackReasoning(packReasoning(value))).toEqual(value)))
  })

  test('is text that any JSON field and any header can hold', () => {
    fc.assert(fc.property(carried, value => /^[\w.-]+$/.test(packReasoning(value))))
  })

  const pack = (value: unknown) => `candor1.${Buffer.from(JSON.stringify(value)).toString('base64url')}`
  test.each([
    ['the signature of a provider', 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk'],
    ['nothing', ''],
    ['a prefix alone', 'candor1.'],
    ['what is no JSON', 'candor1.////'],
    ['what is no object', pack([1])],
    ['an unknown origin', pack({ origin: 'acme' })],
    ['no origin', pack({ signature: 'x' })],
  ])('%s is not one of ours', (_, signature) => {
    expect(unpackReasoning(signature)).toBeUndefined()
  })

  test('fields of a wrong kind are left out', () => {
    const signature = pack({ origin: 'anthropic-messages', signature: 5, redacted: null, details: 'x' })
    expect(unpackReasoning(signature)).toEqual({ origin: 'anthropic-messages' })
  })

  test('any text gives an answer', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const read = unpackReasoning(`candor1.${text}`)
        expect(read === undefined || PROTOCOL_IDS.includes(read.origin)).toBe(true)
      }),
    )
  })
})

describe('a signature carried in the id of a tool call', () => {
  test('comes back as it went, with the id', () => {
    fc.assert(
      fc.property(fc.string(), carried, (id, value) =>
        expect(unpackCallId(packCallId(id, packReasoning(value)))).toEqual({ id, carried: value }),
      ),
    )
  })

  test('adds nothing to an id that not every protocol allows', () => {
    fc.assert(
      fc.property(carried, value => expect(packCallId('call_1', packReasoning(value))).toMatch(/^[a-zA-Z0-9_-]+$/)),
    )
  })

  test.each(['call_1', '', 'call_candor1_', 'call_candor1_AAAA', '_candor1_'])('"%s" carries nothing', id => {
    expect(unpackCallId(id)).toEqual({ id })
    expect(packCallId(id, undefined)).toBe(id)
    expect(packCallId(id, 'not a carrier')).toBe(id)
  })
})
