import { describe, expect, test } from 'bun:test'
import { isProblem } from '../../src/canon/problem.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import { bodyOf, fixturesOf, NAMES } from './fixtures.ts'
import { placesNowhere, silentDrops } from './silent.ts'

const crossings = fixturesOf('requests').flatMap(fixture =>
  WIRE_PROTOCOLS.filter(to => to !== fixture.protocol).map(to => ({
    name: `${fixture.name} to ${to.id}`,
    fixture,
    to,
  })),
)

describe('nothing a client says is dropped in silence', () => {
  test.each(crossings)('$name', ({ fixture, to }) => {
    const body = bodyOf(fixture)
    const request = fixture.protocol.decodeRequest(body, NAMES)
    if (isProblem(request)) throw new Error(request.what)
    expect(silentDrops(body, request, to)).toEqual([])
    expect(placesNowhere(body, request, to)).toEqual([])
  })
})
