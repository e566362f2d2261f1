import { describe, expect, test } from 'bun:test'
import { FLOOR_RULES } from './project/floor-rules.ts'
import { report, samplesOf, strayNames } from './project/rule.ts'
import { readSources } from './project/source.ts'
import { TIDY_RULES } from './project/tidy-rules.ts'
import { isReadable, WORD_RULES, wordSample } from './project/word-rules.ts'

const sources = readSources(isReadable)

describe.each([...TIDY_RULES, ...WORD_RULES].map(rule => ({ name: rule.name, rule })))('tidy: $name', ({ rule }) => {
  test('holds in every file', () => {
    expect(report(rule, rule.find(sources))).toEqual([])
  })
})

describe.each(TIDY_RULES.map(rule => ({ name: rule.name, rule })))('tidy rule: $name', ({ rule }) => {
  const { bad, good } = samplesOf(rule)

  test('finds what it is for', () => {
    expect(bad.length).toBeGreaterThan(0)
    expect(bad.filter(sample => rule.find(sample).length === 0).map(sample => sample[0]?.text)).toEqual([])
  })

  test('leaves the rest alone', () => {
    expect(good.length).toBeGreaterThan(0)
    expect(good.flatMap(sample => report(rule, rule.find(sample)))).toEqual([])
  })
})

describe.each(WORD_RULES.map(rule => ({ name: rule.name, rule })))('word rule: $name', ({ rule }) => {
  test.each([...rule.bad])('finds %j', text => {
    expect(rule.find(wordSample(text))).toHaveLength(1)
  })

  test.each([...rule.good])('leaves %j alone', text => {
    expect(rule.find(wordSample(text))).toEqual([])
  })
})

test('every sample belongs to a rule', () => {
  expect(strayNames(FLOOR_RULES, TIDY_RULES)).toEqual([])
})

test('the files were read, the prose too', () => {
  expect(sources.map(source => source.path)).toContain('src/base/sse.ts')
  expect(sources.length).toBeGreaterThan(60)
})
