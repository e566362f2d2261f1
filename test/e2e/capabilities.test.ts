import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Lane } from '../../src/admin/capabilities.ts'
import { PARAMETERS } from '../../src/canon/parameters.ts'
import { PROTOCOL_IDS } from '../../src/canon/protocol.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { call, chatClient, noteOf } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { configOf, refOf, simulate } from './providers.ts'

let sim: Sim
let gateway: Gateway
let lanes: readonly Lane[]

beforeAll(async () => {
  sim = await simulate('anthropic')
  gateway = await startGateway({ config: configOf([sim]) })
  const answer = await gateway.fetch('/candor/capabilities')
  expect(answer.status).toBe(200)
  lanes = ((await answer.json()) as { lanes: readonly Lane[] }).lanes
})
afterAll(async () => {
  await gateway.stop()
  await sim.stop()
})

function lane(from: string, to: string): Lane {
  const found = lanes.find(each => each.from === from && each.to === to)
  if (found === undefined) throw new Error(`no lane from ${from} to ${to}`)
  return found
}

describe('GET /candor/capabilities', () => {
  test('has every protocol to every protocol', () => {
    const all = PROTOCOL_IDS.flatMap(from => PROTOCOL_IDS.map(to => `${from}>${to}`))
    expect(lanes.map(({ from, to }) => `${from}>${to}`).sort()).toEqual(all.sort())
  })

  test.each([...PROTOCOL_IDS])('%s to itself passes everything', id => {
    const { passThrough, parameters } = lane(id, id)
    expect([passThrough, new Set(parameters.map(({ becomes }) => becomes))]).toEqual([true, new Set(['passed'])])
  })

  test('between two, a name is mapped where both have it, else it is told by its kind', () => {
    for (const { from, to, parameters } of lanes.filter(({ passThrough }) => !passThrough)) {
      for (const { name, becomes, as } of parameters) {
        const expected = as === undefined ? (PARAMETERS[name].kind === 'hint' ? 'reported' : 'refused') : 'mapped'
        expect(`${from}>${to} ${name} ${becomes}`).toBe(`${from}>${to} ${name} ${expected}`)
      }
    }
  })

  test('fields nobody knows stand in every lane', () => {
    for (const { passThrough, parameters } of lanes) {
      const found = parameters.find(({ name }) => name === 'unknown_fields')
      expect(found?.becomes).toBe(passThrough ? 'passed' : 'refused')
    }
  })

  test.each([
    { name: 'seed', value: 7 },
    { name: 'service_tier', value: 'auto' },
    { name: 'user', value: 'me' },
    { name: 'logit_bias', value: { '1': 2 } },
    { name: 'temperature', value: 0.5 },
  ])('what it says of $name is what happens', async ({ name, value }) => {
    const told = lane('openai-completions', 'anthropic-messages').parameters.find(each => each.name === name)
    const got = await call(gateway, chatClient, chatClient.body(refOf(sim), 'x', { max_tokens: 9, [name]: value }))
    const happened =
      got.status !== 200 ? noteOf(got.json()).code : got.headers.get('candor-losses') === null ? 'mapped' : 'reported'
    expect(happened).toBe(told?.becomes === 'refused' ? 'untranslatable' : (told?.becomes ?? 'not listed'))
  })
})
