import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { JSON_DEPTH_MAX, parseJson } from '../../src/base/json.ts'
import {
  type ObjectScan,
  scanArray,
  scanObject,
  spanString,
  spanText,
  spliceBytes,
} from '../../src/base/json-splice.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

function scanned(bytes: Uint8Array, wanted: readonly string[]): ObjectScan {
  const scan = scanObject(bytes, wanted)
  if ('fault' in scan) throw new Error(`${scan.fault} at ${scan.at} of ${textOf(bytes)}`)
  return scan
}

const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 3 })

/** A key as JSON text, with some of its characters escaped although they need not be. */
const keyText = (key: string, escapes: readonly boolean[]) =>
  `"${[...key].map((c, at) => (escapes[at] ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : JSON.stringify(c).slice(1, -1))).join('')}"`

const otherFields = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 6 })

interface WrittenObject {
  readonly text: string
  readonly value: Readonly<Record<string, unknown>>
}

/** An object as people and libraries write it: any order, any white space, keys escaped, `model` and `stream` somewhere or not at all. */
const written: fc.Arbitrary<WrittenObject> = fc
  .record({
    others: otherFields,
    model: fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }),
    stream: fc.option(fc.boolean(), { nil: undefined }),
    spaces: fc.array(space, { minLength: 5, maxLength: 5 }),
    escapes: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    indent: fc.nat({ max: 2 }),
    turn: fc.nat({ max: 8 }),
  })
  .map(({ others, model, stream, spaces, escapes, indent, turn }) => {
    const fields = Object.entries(others).filter(([key]) => key !== 'model' && key !== 'stream')
    if (model !== undefined) fields.splice(turn % (fields.length + 1), 0, ['model', model])
    if (stream !== undefined) fields.splice((turn * 3) % (fields.length + 1), 0, ['stream', stream])
    const [a, b, c, d, e] = spaces
    const inner = fields.map(
      ([key, value]) => `${a}${keyText(key, escapes)}${b}:${c}${JSON.stringify(value, undefined, indent)}${d}`,
    )
    const text = `${e}{${inner.length === 0 ? a : inner.join(',')}}${b}`
    return { text, value: JSON.parse(text) }
  })

describe('finding top-level fields', () => {
  test('agrees with a full parse', () => {
    fc.assert(
      fc.property(written, ({ text, value }) => {
        const bytes = bytesOf(text)
        const { fields, empty } = scanned(bytes, ['model', 'stream'])
        expect(empty).toBe(Object.keys(value).length === 0)
        for (const key of ['model', 'stream']) {
          const span = fields.get(key)
          expect(span !== undefined).toBe(Object.hasOwn(value, key))
          if (span === undefined) continue
          expect(JSON.parse(spanText(bytes, span.valueStart, span.valueEnd))).toEqual(value[key])
          expect(JSON.parse(spanText(bytes, span.keyStart, span.keyEnd))).toBe(key)
          expect(spanString(bytes, span.valueStart, span.valueEnd)).toBe(
            typeof value[key] === 'string' ? value[key] : undefined,
          )
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a nested field of the same name is not taken for it', () => {
    const bytes = bytesOf('{"messages":[{"model":"inner"}],"x":{"model":"inner"},"model":"outer"}')
    const span = scanned(bytes, ['model']).fields.get('model')
    expect(span && spanText(bytes, span.valueStart, span.valueEnd)).toBe('"outer"')
  })

  const faults: readonly [string, string, RegExp][] = [
    ['not an object', '[1]', /not a JSON object/],
    ['nothing', '', /not a JSON object/],
    ['a field twice', '{"model":"a","model":"b"}', /"model" stands twice/],
    ['a field twice, once escaped', '{"model":"a","m\\u006fdel":"b"}', /"model" stands twice/],
    ['text behind the end', '{"model":"a"} x', /text after the end/],
    ['a second object', '{}{}', /text after the end/],
    ['no colon', '{"model" "a"}', /colon/],
    ['no value', '{"model":}', /value is missing/],
    ['a key without quotes', '{model:"a"}', /field name/],
    ['a string not closed', '{"model":"a', /not closed/],
    ['a string whose last quote is escaped', '{"model":"a\\"}', /not closed/],
    ['an array not closed', '{"model":[1,2}', /not closed/],
    ['a trailing comma', '{"model":"a",}', /field name/],
    ['no comma', '{"model":"a" "b":1}', /comma/],
  ]

  test.each(faults)('%s is told', (_, text, words) => {
    const scan = scanObject(bytesOf(text), ['model'])
    expect('fault' in scan ? scan.fault : 'no fault').toMatch(words)
  })

  test('a body with a byte-order mark is no object', () => {
    expect('fault' in scanObject(bytesOf('\uFEFF{}'), [])).toBe(true)
  })

  test('a cut object is always a fault', () => {
    fc.assert(
      fc.property(written, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), ({ text }, share) => {
        const bytes = bytesOf(text.trim())
        expect('fault' in scanObject(bytes.subarray(0, Math.floor(bytes.length * share)), ['model'])).toBe(true)
      }),
    )
  })

  test('any bytes give a scan or a fault', () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\ a1'), maxLength: 30 }).map(bytesOf),
    )
    fc.assert(
      fc.property(anything, bytes => {
        const scan = scanObject(bytes, ['a'])
        expect('fault' in scan ? scan.at <= bytes.length : scan.close < bytes.length).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('nesting is bounded exactly as in a full parse', () => {
    for (const depth of [JSON_DEPTH_MAX - 1, JSON_DEPTH_MAX, JSON_DEPTH_MAX + 1]) {
      const text = `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
      expect('fault' in scanObject(bytesOf(text), [])).toBe(!parseJson(text).ok)
    }
  })
})

describe('the elements of an array', () => {
  test('agree with a full parse', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 })), fc.nat({ max: 2 }), (values, indent) => {
        const bytes = bytesOf(JSON.stringify(values, undefined, indent))
        const spans = scanArray(bytes, { start: 0, end: bytes.length })
        if ('fault' in spans) throw new Error(spans.fault)
        expect(spans.map(({ start, end }) => JSON.parse(spanText(bytes, start, end)))).toEqual(
          JSON.parse(textOf(bytes)),
        )
      }),
    )
  })

  test.each(['{}', '[1', '[1 2]', '[,1]', '["a]'])('%s is a fault', text => {
    const bytes = bytesOf(text)
    expect('fault' in scanArray(bytes, { start: 0, end: bytes.length })).toBe(true)
  })
})

describe('splicing', () => {
  test('replaces one value and keeps every other byte', () => {
    fc.assert(
      fc.property(
        written.filter(({ value }) => Object.hasOwn(value, 'model')),
        fc.string({ unit: 'grapheme' }),
        ({ text, value }, model) => {
          const bytes = bytesOf(text)
          const span = scanned(bytes, ['model']).fields.get('model')
          if (span === undefined) throw new Error('model was not found')
          const insert = JSON.stringify(model)
          const out = spliceBytes(bytes, [{ start: span.valueStart, end: span.valueEnd, insert }])
          expect(JSON.parse(textOf(out))).toEqual({ ...value, model })
          expect(out.subarray(0, span.valueStart)).toEqual(bytes.subarray(0, span.valueStart))
          expect(out.subarray(span.valueStart + bytesOf(insert).length)).toEqual(bytes.subarray(span.valueEnd))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('edits in any order give what a text replacement gives', () => {
    const edits = fc.uniqueArray(fc.nat({ max: 60 }), { minLength: 2, maxLength: 8 }).map(cuts => {
      const sorted = cuts.sort((a, b) => a - b)
      return sorted
        .slice(1)
        .flatMap((end, at) => (at % 2 === 0 ? [{ start: sorted[at] ?? 0, end, insert: `<${at}é>` }] : []))
    })
    fc.assert(
      fc.property(edits, list => {
        const text = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
        const expected = list.reduceRight((now, e) => now.slice(0, e.start) + e.insert + now.slice(e.end), text)
        expect(textOf(spliceBytes(bytesOf(text), [...list].reverse()))).toBe(expected)
      }),
    )
  })

  test('an insertion is an empty range', () => {
    const bytes = bytesOf('{"a":1}')
    expect(textOf(spliceBytes(bytes, [{ start: 1, end: 1, insert: '"b":2,' }]))).toBe('{"b":2,"a":1}')
  })

  test('no edits, no copy', () => {
    const bytes = bytesOf('{}')
    expect(spliceBytes(bytes, [])).toBe(bytes)
  })
})
