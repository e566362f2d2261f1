import { describe, expect, test } from 'bun:test'
import { isProblem } from '../../src/canon/problem.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'
import { bodyOf, fixturesOf, gapsIn, golden, NAMES, plain } from './fixtures.ts'
import { LACKING_REQUESTS } from './lacking.ts'
import { meaningOf } from './meaning.ts'

const fixtures = fixturesOf('requests')

function crossed(request: CanonRequest, from: WireProtocol): Record<string, unknown> {
  const others = WIRE_PROTOCOLS.filter(protocol => protocol !== from)
  return Object.fromEntries(others.map(to => [to.id, to.encodeRequest(request, {})]))
}

/** Read back from what another protocol made of it; undefined where something was lost on the way. */
function returned(request: CanonRequest, from: WireProtocol, to: WireProtocol): CanonRequest | undefined {
  const there = to.encodeRequest(request, {})
  if (there.losses.length > 0) return undefined
  const middle = to.decodeRequest(there.body, NAMES)
  if (isProblem(middle)) throw new Error(`${to.id} does not read what it wrote: ${middle.what}`)
  const back = from.encodeRequest(middle, {})
  const again = from.decodeRequest(back.body, NAMES)
  if (isProblem(again)) throw new Error(`${from.id} does not read what it wrote: ${again.what}`)
  return again
}

describe('a request in every protocol', () => {
  test('every feature has its fixture in each, or is known to have no words there', () => {
    expect(gapsIn('requests', LACKING_REQUESTS)).toEqual([])
  })

  test.each(fixtures)('$name means what its golden says, and crosses as it says', fixture => {
    const request = fixture.protocol.decodeRequest(bodyOf(fixture), NAMES)
    const actual = isProblem(request)
      ? { refused: request }
      : { canon: request, to: crossed(request, fixture.protocol) }
    expect(plain(actual)).toEqual(golden(fixture, plain(actual)))
  })

  test.each(fixtures)('$name, where nothing is lost, comes back as it went', fixture => {
    const request = fixture.protocol.decodeRequest(bodyOf(fixture), NAMES)
    if (isProblem(request)) throw new Error(request.what)
    for (const to of WIRE_PROTOCOLS) {
      const again = returned(request, fixture.protocol, to)
      if (again !== undefined)
        expect({ over: to.id, ...meaningOf(again) }).toEqual({ over: to.id, ...meaningOf(request) })
    }
  })
})
