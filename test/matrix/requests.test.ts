import { describe, expect, test } from 'bun:test'
import { isProblem } from '../../src/canon/problem.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'
import { comparable } from './comparable.ts'
import { bodyOf, fixturesOf, gapsIn, golden, NAMES, plain } from './fixtures.ts'
import { LACKING_REQUESTS } from './lacking.ts'
import { thereAndBack } from './there-and-back.ts'

const fixtures = fixturesOf('requests')

function crossed(request: CanonRequest, from: WireProtocol): Record<string, unknown> {
  const others = WIRE_PROTOCOLS.filter(protocol => protocol !== from)
  return Object.fromEntries(others.map(to => [to.id, to.encodeRequest(request, {})]))
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
      const back = thereAndBack(request, fixture.protocol, to)
      if (back === undefined) continue
      const went = comparable(request, back.assumed)
      expect({ over: to.id, ...comparable(back.request, back.assumed) }).toEqual({ over: to.id, ...went })
    }
  })
})
