import { describe, expect, test } from 'bun:test'
import { FLOOR_RULES } from './project/floor-rules.ts'
import { report, samplesOf } from './project/rule.ts'
import { readSources } from './project/source.ts'

const sources = readSources(path => path.startsWith('src/') && path.endsWith('.ts'))

describe.each(FLOOR_RULES.map(rule => ({ name: rule.name, rule })))('floors: $name', ({ rule }) => {
  const { bad, good } = samplesOf(rule)

  test('holds in src', () => {
    expect(report(rule, rule.find(sources))).toEqual([])
  })

  test('finds what it is for', () => {
    expect(bad.length).toBeGreaterThan(0)
    expect(bad.filter(sample => rule.find(sample).length === 0).map(sample => sample[0]?.text)).toEqual([])
  })

  test('leaves the rest alone', () => {
    expect(good.length).toBeGreaterThan(0)
    expect(good.flatMap(sample => report(rule, rule.find(sample)))).toEqual([])
  })
})

test('src was read', () => {
  expect(sources.length).toBeGreaterThan(30)
})
