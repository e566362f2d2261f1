import { describe, expect, test } from 'bun:test'
import { type ProblemCode, problem } from '../../src/canon/problem.ts'
import { openHealth } from '../../src/upstream/open-health.ts'
import { manualClock } from '../ledger/manual-clock.ts'

const AT = { provider: 'moonshot', credential: 'default', model: 'kimi-k2' }

function budgetOf(provider: string) {
  const health = openHealth({ clock: manualClock() })
  return {
    health,
    /** How many further attempts are granted until there are no more. */
    spendAll(code: ProblemCode): number {
      let granted = 0
      while (granted < 10_000 && health.spend(provider, problem(code, 'It failed.'))) granted += 1
      return granted
    },
    answered(times: number, credential = 'default') {
      for (let n = 0; n < times; n += 1) {
        const visit = health.enter({ ...AT, provider, credential })
        visit.judged({ type: 'answered', firstByteMs: 10 })
        visit.over()
      }
    },
  }
}

describe('the retry budget', () => {
  const ROWS: readonly (readonly [code: ProblemCode, attempts: number])[] = [
    ['overloaded', 100],
    ['rate_limited', 100],
    ['unreachable', 100],
    ['timeout', 50],
  ]

  test.each([...ROWS])('after %s: %d attempts, and no more while nothing is answered', (code, attempts) => {
    expect(budgetOf('moonshot').spendAll(code)).toBe(attempts)
  })

  test('every answer of the provider gives back one token, whatever the credential', () => {
    const { spendAll, answered } = budgetOf('moonshot')
    spendAll('overloaded')
    answered(4)
    expect(spendAll('overloaded')).toBe(0)
    answered(1, 'second')
    expect(spendAll('overloaded')).toBe(1)
    answered(9)
    expect(spendAll('timeout')).toBe(0)
    answered(1)
    expect(spendAll('timeout')).toBe(1)
  })

  test('it is never more than full', () => {
    const { spendAll, answered } = budgetOf('moonshot')
    spendAll('overloaded')
    answered(2_000)
    expect(spendAll('overloaded')).toBe(100)
  })

  test('failures give nothing back', () => {
    const { health, spendAll } = budgetOf('moonshot')
    spendAll('overloaded')
    for (let n = 0; n < 100; n += 1) {
      const visit = health.enter(AT)
      visit.judged({ type: 'failed', problem: problem('overloaded', 'It failed.') })
      visit.over()
    }
    expect(spendAll('overloaded')).toBe(0)
  })

  test('providers have budgets of their own', () => {
    const { health, spendAll } = budgetOf('moonshot')
    spendAll('overloaded')
    expect(health.spend('deepseek', problem('overloaded', 'It failed.'))).toBe(true)
  })

  test('only so many providers are remembered', () => {
    const { health, spendAll } = budgetOf('moonshot')
    spendAll('overloaded')
    for (let n = 0; n < 1_000; n += 1) health.spend(`provider ${n}`, problem('overloaded', 'It failed.'))
    expect(spendAll('overloaded')).toBe(100)
  })
})
