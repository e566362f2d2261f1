import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { JsonArrayOverflow, openJsonArrayReader, openJsonArrayWriter } from '../../src/base/json-array.ts'

const encoder = new TextEncoder()

function read(bytes: Uint8Array, cuts: readonly number[], elementCharsMax?: number) {
  const reader = openJsonArrayReader(elementCharsMax)
  const elements: string[] = []
  let from = 0
  for (const cut of [...[...cuts].sort((a, b) => a - b), bytes.length]) {
    elements.push(...reader.push(bytes.subarray(from, Math.max(from, cut))))
    from = Math.max(from, cut)
  }
  return { elements, state: reader.state() }
}

describe('reading a JSON array as it comes', () => {
  const cases: readonly [string, string, readonly string[], string][] = [
    ['as Google writes it', '[{"a":1}\n,\r\n{"b":[2,{}]}\n]\n', ['{"a":1}', '{"b":[2,{}]}'], 'ended'],
    ['empty', ' [ ] ', [], 'ended'],
    ['nothing yet', '  ', [], 'open'],
    ['an object is given before its comma', '[{"a":1}', ['{"a":1}'], 'open'],
    ['half an object is not given', '[{"a":1},{"b":', ['{"a":1}'], 'open'],
    ['brackets and escapes in texts', '[{"a":"}],[{\\"\\\\"},"x]\\""]', ['{"a":"}],[{\\"\\\\"}', '"x]\\""'], 'ended'],
    ['numbers and words', '[1 , true,\nnull]', ['1', 'true', 'null'], 'ended'],
    ['lists', '[[],[[1]]]', ['[]', '[[1]]'], 'ended'],
    ['characters of several bytes', '["ä🌍",{"ö":"\\u20ac"}]', ['"ä🌍"', '{"ö":"\\u20ac"}'], 'ended'],
    ['a byte-order mark', '\uFEFF[1]', ['1'], 'ended'],
    ['an object that stands alone', ' {"error":{"code":1}} ', ['{"error":{"code":1}}'], 'ended'],
    ['no array at all', 'data: [1]', [], 'broken'],
    ['a text that stands alone', '"a"', [], 'broken'],
    ['no comma', '[{} {}]', ['{}'], 'broken'],
    ['two commas', '[1,,2]', ['1'], 'broken'],
    ['a comma first', '[,1]', [], 'broken'],
    ['a comma last', '[1,]', ['1'], 'broken'],
    ['more behind the end', '[1] 2', ['1'], 'broken'],
    ['more behind a lone object', '{},{}', ['{}'], 'broken'],
    ['a brace too many', '[}]', [], 'broken'],
  ]

  test.each(cases)('%s, at every split', (_, text, elements, state) => {
    const bytes = encoder.encode(text)
    for (let cut = 0; cut <= bytes.length; cut += 1)
      expect(read(bytes, [cut])).toEqual({ elements: [...elements], state: state as 'open' })
    expect(read(bytes, Array.from(bytes.keys()))).toEqual({ elements: [...elements], state: state as 'open' })
  })

  test('what a writer writes is read again, with any white space and any splits', () => {
    const spaces = fc.constantFrom('', ' ', '\n', '\r\n\t')
    const written = fc.array(fc.tuple(fc.jsonValue({ maxDepth: 4 }), spaces)).map(items => {
      const writer = openJsonArrayWriter()
      const text = items.map(([value, space]) => writer.element(JSON.stringify(value)) + space).join('')
      return { values: items.map(([value]) => value), text: text + writer.end() }
    })
    fc.assert(
      fc.property(written, fc.array(fc.nat(2000), { maxLength: 10 }), ({ values, text }, cuts) => {
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(values)))
        const bytes = encoder.encode(text)
        const found = read(
          bytes,
          cuts.filter(cut => cut < bytes.length),
        )
        expect(found.state).toBe('ended')
        expect(found.elements.map(element => JSON.parse(element))).toEqual(JSON.parse(text))
      }),
      { numRuns: 300 },
    )
  })

  test('any bytes and any splits give the same, and nothing is thrown', () => {
    const piece = fc.oneof(fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', ' ', '1', '[{', '},'), fc.string())
    const text = fc.array(piece, { maxLength: 30 }).map(pieces => pieces.join(''))
    fc.assert(
      fc.property(text, fc.array(fc.nat(100), { maxLength: 8 }), (all, cuts) => {
        const bytes = encoder.encode(all)
        expect(
          read(
            bytes,
            cuts.filter(cut => cut < bytes.length),
          ),
        ).toEqual(read(bytes, []))
      }),
      { numRuns: 500 },
    )
  })

  test('an element beyond the limit is refused, however it comes', () => {
    const bytes = encoder.encode(`[1,${JSON.stringify('x'.repeat(50))}]`)
    expect(read(bytes, [10, 20], 52).elements).toHaveLength(2)
    expect(() => read(bytes, [], 51)).toThrow(JsonArrayOverflow)
    expect(() => read(bytes, [10, 20], 51)).toThrow(JsonArrayOverflow)
  })
})

describe('writing a JSON array as it goes', () => {
  test('an empty one is closed too', () => {
    expect(openJsonArrayWriter().end()).toBe('[]')
  })
})
