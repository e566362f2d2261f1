import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openMetrics } from '../../src/admin/metrics/metrics.ts'
import { asArray, asNumber, asObject, asString, type JsonValue } from '../../src/base/json-value.ts'
import { problem } from '../../src/canon/problem.ts'
import { someCall } from '../app/some-call.ts'
import { receipt } from '../ledger/receipts.ts'
import { projectRoot } from '../project/source.ts'
import { sources } from './metric-sources.ts'
import { type ParsedMetric, parseMetrics } from './prometheus-text.ts'

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8')

/** Every metric with at least one series, as a busy gateway shows them. */
function everyMetric(): ReadonlyMap<string, ParsedMetric> {
  const health = { provider: 'zai', credential: 'first', model: 'glm-5', state: 'open', times: 1, inFlight: 0 } as const
  const window = { name: 'weekly', unit: 'percent', remainingPercent: 10 }
  const quota = {
    provider: 'zai',
    credential: 'first',
    billing: 'plan',
    source: 'endpoint',
    at: 1,
    stale: false,
  } as const
  const metrics = openMetrics(
    sources({
      health: () => [{ ...health, providerFailures: 0, networkFailures: 0, answered: 0 }],
      quotas: () => [{ ...quota, windows: [window] }],
    }),
  )
  const attempts = receipt().attempts.map(attempt => ({ ...attempt, because: 'retry' as const }))
  const fallback = { from: 'zai/glm-5', reason: 'overloaded' } as const
  const metered = { type: 'metered', nanoUsd: 1, source: 'list' } as const
  const all = { attempts, fallback, cache: 'hit', cost: metered, problem: problem('overloaded', '') } as const
  metrics.ended(receipt(all), someCall())
  metrics.ended(receipt({ cost: { type: 'unknown', reason: 'no price' } }), someCall())
  for (let n = 0; n < 2_001; n += 1) metrics.ended(receipt({ servedModel: `openrouter/m${n}` }), someCall())
  return parseMetrics(metrics.render())
}

const metrics = everyMetric()

test('docs/operations.md lists every metric, with its labels and its help', () => {
  const listed = read('docs/operations.md')
    .split('\n')
    .filter(line => /^\| `(?:candor|process)_/.test(line))
  const rows = [...metrics.values()].map(({ name, type, help, samples }) => {
    const labels = Object.keys(samples[0]?.labels ?? {}).filter(label => label !== 'le')
    return `| \`${name}\` | ${type} | ${labels.map(label => `\`${label}\` `).join('')}| ${help} |`
  })
  expect(listed).toEqual(rows)
})

interface Panel {
  readonly id: number
  readonly title: string
  readonly place: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly expressions: readonly string[]
}

function panelOf(value: JsonValue): Panel {
  const panel = asObject(value) ?? {}
  const place = asObject(panel['gridPos']) ?? {}
  const at = (name: string) => asNumber(place[name]) ?? Number.NaN
  return {
    id: asNumber(panel['id']) ?? Number.NaN,
    title: asString(panel['title']) ?? '',
    place: { x: at('x'), y: at('y'), w: at('w'), h: at('h') },
    expressions: (asArray(panel['targets']) ?? []).map(target => asString(asObject(target)?.['expr']) ?? ''),
  }
}

const NAMES = /\b(?:candor|process)_[a-z_]+/g

/** A name as it stands in an expression: histograms have three. */
function isShown(name: string): boolean {
  const base = name.replace(/_(?:bucket|sum|count)$/, '')
  return metrics.has(name) || metrics.get(base)?.type === 'histogram'
}

/** The names of labels an expression filters or groups by. */
function labelsIn(expression: string): readonly string[] {
  const filters = [...expression.matchAll(/([a-z_]+)\s*(?:=~|!=|!~|=)"/g)].map(([, name = '']) => name)
  const groups = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/))
  return [...filters, ...groups]
}

describe('the dashboard', () => {
  const dashboard = asObject(JSON.parse(read('deploy/grafana/candor.json')) as JsonValue) ?? {}
  const panels = (asArray(dashboard['panels']) ?? []).map(panelOf)
  const charts = panels.filter(({ expressions }) => expressions.length > 0).map(panel => ({ ...panel }))
  /** What Prometheus itself puts on every series. */
  const scraped = ['instance', 'job', 'le']

  test('has panels', () => {
    expect(charts.length).toBeGreaterThan(15)
  })

  test.each(charts)('$title asks for metrics and labels there are', ({ expressions }) => {
    for (const expression of expressions) {
      const names = expression.match(NAMES) ?? []
      expect(names.length).toBeGreaterThan(0)
      expect(names.filter(name => !isShown(name))).toEqual([])
      const own = names.flatMap(name => {
        const metric = metrics.get(name) ?? metrics.get(name.replace(/_(?:bucket|sum|count)$/, ''))
        return Object.keys(metric?.samples[0]?.labels ?? {})
      })
      expect(labelsIn(expression).filter(label => !own.includes(label) && !scraped.includes(label))).toEqual([])
    }
  })

  test('its variables ask for metrics there are', () => {
    const variables = JSON.stringify(dashboard['templating'])
    const names = variables.match(NAMES) ?? []
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter(name => !isShown(name))).toEqual([])
  })

  test('leaves no metric out', () => {
    const asked = charts.flatMap(({ expressions }) => expressions).join(' ')
    expect([...metrics.keys()].filter(name => !asked.includes(name))).toEqual([])
  })

  test('no panel lies over another, and each has its own number', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const taken = new Set<string>()
    for (const { place } of panels) {
      expect(place.x + place.w).toBeLessThanOrEqual(24)
      for (let x = place.x; x < place.x + place.w; x += 1)
        for (let y = place.y; y < place.y + place.h; y += 1) {
          expect(taken.has(`${x}/${y}`)).toBe(false)
          taken.add(`${x}/${y}`)
        }
    }
  })
})

test('the conditions for alerts ask for metrics there are', () => {
  const names = read('deploy/README.md').match(NAMES) ?? []
  expect(names.length).toBeGreaterThan(4)
  expect(names.filter(name => !isShown(name))).toEqual([])
})
