import { afterAll, describe, expect, test } from 'bun:test'
import { isProblem } from '../../src/canon/problem.ts'
import { openScriptedHouse } from './scripted-house.ts'

const server = (host: string, rest: object = {}) => ({
  baseUrl: `https://${host}.test/v1`,
  api: 'openai-completions',
  billing: 'metered',
  apiKey: `sk-${host}`,
  models: [{ id: 'm1' }, { id: 'm2' }],
  ...rest,
})

const key = (name: string, billing: string, rest: object = {}) => ({ name, key: `sk-${name}`, billing, ...rest })
const MISSING = '${' + 'NOT_SET}'

const at = await openScriptedHouse({
  config: {
    models: {
      default: 'two',
      providers: {
        a: server('a', {
          billing: undefined,
          apiKey: undefined,
          apiKeys: [key('slow', 'plan', { priority: 2 }), key('fast', 'plan')],
        }),
        b: server('b'),
        gone: server('gone', { apiKey: MISSING, billing: 'plan' }),
        nowhere: server('nowhere', { baseUrl: `${MISSING}/v1`, billing: 'plan' }),
        half: server('half', {
          billing: undefined,
          apiKey: undefined,
          apiKeys: [key('plan', 'plan', { key: MISSING }), key('paid', 'metered', { priority: 2 })],
        }),
      },
      aliases: { short: 'b/m1', 'to-two': 'two', 'gpt-*': 'two', 'b/m2': 'never read' },
    },
    routes: {
      two: { targets: ['a/m1', 'b/m1'] },
      twice: { targets: ['b/m1', 'a/m1', 'short', { model: 'a/m1', priority: 9 }] },
      ranked: {
        targets: [
          { model: 'b/m1', priority: 3 },
          { model: 'a/m1', priority: 2 },
        ],
        balance: 'weighted',
      },
      equals: { targets: ['b/m1', { model: 'a/m1', weight: 3 }], balance: 'weighted' },
      'gone-first': { targets: ['gone/m1', 'b/m1'] },
      'gone-second': { targets: ['b/m1', 'gone/m1'] },
      'gone-ranked': {
        targets: [
          { model: 'b/m1', priority: 2 },
          { model: 'gone/m1', priority: 1 },
        ],
      },
      'all-gone': { targets: ['gone/m1', 'gone/m2'] },
      'nowhere-first': { targets: ['nowhere/m1', 'b/m1'] },
      'half-first': { targets: ['half/m1', 'b/m1'] },
      unknown: { targets: ['nobody', 'b/m1'] },
    },
  },
  script: () => ({ type: 'answer' }),
})
afterAll(() => at.close())

/** A course in a few words. */
function shown(name: string) {
  const course = at.house.directory.course(name)
  if (isProblem(course)) return course.code
  const { route, first, legs, unusable } = course
  return {
    route: route?.name,
    first: [first.ref, first.billing, ...(first.problem === undefined ? [] : [first.problem.code])].join(' '),
    legs: legs.map(leg => `${leg.target.ref} ${leg.credential.name} ${leg.priority} ${leg.weight}`),
    unusable: unusable.map(({ ref, problem }) => `${ref} ${problem.code}`),
  }
}

const A1 = ['a/m1 fast 1 1', 'a/m1 slow 1 1']
const TWO = { route: 'two', first: 'a/m1 plan', legs: [...A1, 'b/m1 default 2 1'], unusable: [] }
const B_FIRST = ['b/m1 default 1 1']

describe('where a name leads', () => {
  test.each([
    { name: 'a/m1', course: { route: undefined, first: 'a/m1 plan', legs: A1, unusable: [] } },
    { name: 'short', course: { route: undefined, first: 'b/m1 metered', legs: B_FIRST, unusable: [] } },
    { name: 'b/m2', course: { route: undefined, first: 'b/m2 metered', legs: ['b/m2 default 1 1'], unusable: [] } },
    { name: 'two', course: TWO },
    { name: 'to-two', course: TWO },
    { name: 'gpt-whatever', course: TWO },
    { name: '', course: TWO },
    {
      name: 'twice',
      course: {
        route: 'twice',
        first: 'b/m1 metered',
        legs: [...B_FIRST, 'a/m1 fast 2 1', 'a/m1 slow 2 1'],
        unusable: [],
      },
    },
    {
      name: 'ranked',
      course: {
        route: 'ranked',
        first: 'a/m1 plan',
        legs: ['a/m1 fast 2 1', 'a/m1 slow 2 1', 'b/m1 default 3 1'],
        unusable: [],
      },
    },
    {
      name: 'equals',
      course: {
        route: 'equals',
        first: 'b/m1 metered',
        legs: [...B_FIRST, 'a/m1 fast 1 3', 'a/m1 slow 1 3'],
        unusable: [],
      },
    },
    {
      name: 'gone-first',
      course: {
        route: 'gone-first',
        first: 'gone/m1 plan provider_unavailable',
        legs: ['b/m1 default 2 1'],
        unusable: ['gone/m1 provider_unavailable'],
      },
    },
    {
      name: 'gone-second',
      course: {
        route: 'gone-second',
        first: 'b/m1 metered',
        legs: B_FIRST,
        unusable: ['gone/m1 provider_unavailable'],
      },
    },
    {
      name: 'gone-ranked',
      course: {
        route: 'gone-ranked',
        first: 'gone/m1 plan provider_unavailable',
        legs: ['b/m1 default 2 1'],
        unusable: ['gone/m1 provider_unavailable'],
      },
    },
    {
      name: 'all-gone',
      course: {
        route: 'all-gone',
        first: 'gone/m1 plan provider_unavailable',
        legs: [],
        unusable: ['gone/m1 provider_unavailable', 'gone/m2 provider_unavailable'],
      },
    },
    // A provider without an address keeps its lane: what comes behind it does not become the first.
    {
      name: 'nowhere-first',
      course: {
        route: 'nowhere-first',
        first: 'nowhere/m1 plan provider_unavailable',
        legs: ['b/m1 default 2 1'],
        unusable: ['nowhere/m1 provider_unavailable'],
      },
    },
    // The key of the plan is missing, and the paid one does not stand in for it.
    {
      name: 'half/m1',
      course: {
        route: undefined,
        first: 'half/m1 plan provider_unavailable',
        legs: ['half/m1 paid 1 1'],
        unusable: [],
      },
    },
    {
      name: 'half-first',
      course: {
        route: 'half-first',
        first: 'half/m1 plan provider_unavailable',
        legs: ['half/m1 paid 1 1', 'b/m1 default 2 1'],
        unusable: [],
      },
    },
    {
      name: 'unknown',
      course: {
        route: 'unknown',
        first: 'nobody local model_not_found',
        legs: ['b/m1 default 2 1'],
        unusable: ['nobody model_not_found'],
      },
    },
    { name: 'm1', course: 'ambiguous_model' },
    { name: 'nothing', course: 'model_not_found' },
    { name: 'gone/m1', course: 'provider_unavailable' },
  ])('$name', ({ name, course }) => expect<unknown>(shown(name)).toEqual(course))
})

test.each(['half/m1', 'half-first', 'all-gone', 'unknown', 'nowhere-first'])('a call of %s asks nobody', async name => {
  const before = at.sent.length
  const { receipt } = await at.ask({ model: name })
  expect(at.sent.length).toBe(before)
  expect(receipt.ending).toBe('failed')
  expect(receipt.problem?.code).toBe(name === 'unknown' ? 'model_not_found' : 'provider_unavailable')
})

describe('names that are none', () => {
  const KEY = `cnd_${'k'.repeat(40)}`

  test.each([
    { about: 'longer than any', name: `b/${'m'.repeat(511)}`, shown: `b/${'m'.repeat(197)}…` },
    { about: 'a key in place of a model', name: `b/${KEY}`, shown: 'b/••••' },
    { about: 'a key in place of a model of a provider that cannot be used', name: `gone/${KEY}`, shown: undefined },
  ])('$about', ({ name, shown }) => {
    const found = at.house.directory.course(name)
    if (!isProblem(found)) throw new Error('it is a name')
    expect(JSON.stringify(found)).not.toContain(KEY)
    expect(JSON.stringify(found).length).toBeLessThan(2_000)
    if (shown !== undefined) expect(found.what).toBe(`No model is called "${shown}".`)
  })

  test('a name of the greatest length is asked for', () => {
    expect(isProblem(at.house.directory.course(`b/${'m'.repeat(510)}`))).toBe(false)
  })
})
