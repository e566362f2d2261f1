import { describe, expect, test } from 'bun:test'
import { isProblem } from '../../src/canon/problem.ts'
import { PROTOCOL_IDS, type ProtocolId } from '../../src/canon/protocol.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import { bodyOf, fixturesOf, type MatrixFixture, NAMES, protocolOf } from './fixtures.ts'

/** What the provider that wrote the reasoning signed, as the fixtures of the feature carry it, and how it takes it back. */
interface Origin {
  readonly id: ProtocolId
  readonly signed: readonly string[]
  readonly quirks: Quirks
  /** How many things are told as lost to others. */
  readonly lost: number
}

const ORIGINS: Readonly<Record<string, Origin>> = {
  'carried-from-anthropic': { id: 'anthropic-messages', signed: ['EqQBCkYIAxgCIkA='], quirks: {}, lost: 1 },
  'carried-from-completions': {
    id: 'openai-completions',
    signed: ['c2lnbmVk', 'xai-responses-v1'],
    quirks: { replayReasoning: 'reasoning_details' },
    lost: 1,
  },
  'carried-from-gemini': {
    id: 'google-generative-ai',
    signed: ['CiQBKwZ3aG9zZSBzaWduYXR1cmU=', 'Q2FsbCBzaWduYXR1cmU='],
    quirks: {},
    // The thought, and what the call is signed with.
    lost: 2,
  },
  'carried-from-responses': { id: 'openai-responses', signed: ['gAAAAABencrypted', 'rs_1'], quirks: {}, lost: 1 },
}

const THOUGHT = 'The tool knows the height.'

const carried = fixturesOf('requests').flatMap(fixture => {
  const origin = ORIGINS[fixture.feature]
  return origin === undefined ? [] : [{ name: fixture.name, fixture, origin }]
})

function requestIn(fixture: MatrixFixture): CanonRequest {
  const request = fixture.protocol.decodeRequest(bodyOf(fixture), NAMES)
  if (isProblem(request)) throw new Error(request.what)
  return request
}

describe('a second turn with reasoning of another provider', () => {
  test.each(carried)('$name goes back whole to the one that wrote it', ({ fixture, origin }) => {
    const { body, losses } = protocolOf(origin.id).encodeRequest(requestIn(fixture), origin.quirks)
    const sent = JSON.stringify(body)
    expect(losses).toEqual([])
    expect([THOUGHT, ...origin.signed].filter(word => sent.split(word).length !== 2)).toEqual([])
    expect(sent).not.toContain('candor1')
  })

  test.each(carried)('$name goes to no other, and is told', ({ fixture, origin }) => {
    const request = requestIn(fixture)
    for (const id of PROTOCOL_IDS.filter(other => other !== origin.id)) {
      const { body, losses } = protocolOf(id).encodeRequest(request, {})
      const sent = JSON.stringify(body)
      expect(losses.map(loss => `${id}: ${loss.parameter}`)).toEqual(
        Array.from({ length: origin.lost }, () => `${id}: reasoning_history`),
      )
      expect([THOUGHT, ...origin.signed, 'candor1', 'Y2FuZG9yMS'].filter(word => sent.includes(word))).toEqual([])
    }
  })
})
