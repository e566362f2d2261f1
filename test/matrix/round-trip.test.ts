import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isProblem } from '../../src/canon/problem.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'
import { anyRequest } from './any-request.ts'
import { comparable } from './comparable.ts'
import { NAMES } from './fixtures.ts'
import { thereAndBack } from './there-and-back.ts'

const RUNS = 400

/** At least so many of the runs must come through without a loss, or the property would hold of nothing. */
const WHOLE_MIN = 10

const pairs = WIRE_PROTOCOLS.flatMap(from =>
  WIRE_PROTOCOLS.filter(to => to !== from).map(to => ({ name: `${from.id} over ${to.id}`, from, to })),
)

/** The request as a client of the protocol would have sent it: only what it has words for is left. */
function asSent(drawn: CanonRequest, from: WireProtocol): CanonRequest {
  const read = from.decodeRequest(from.encodeRequest(drawn, {}).body, { ...NAMES, stream: drawn.stream })
  if (isProblem(read)) throw new Error(`${from.id} does not read what it wrote: ${read.what}`)
  return read
}

describe('a request of which nothing is lost comes back as it went', () => {
  test.each(pairs)('$name', ({ from, to }) => {
    let whole = 0
    fc.assert(
      fc.property(anyRequest(from.id), drawn => {
        const request = asSent(drawn, from)
        const back = thereAndBack(request, from, to)
        if (back === undefined) return
        whole += 1
        expect(comparable(back.request, back.assumed)).toEqual(comparable(request, back.assumed))
      }),
      { numRuns: RUNS },
    )
    expect(whole).toBeGreaterThan(WHOLE_MIN)
  })
})
