import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import type { UsageView } from '../../src/admin/usage.ts'
import type { UsageSeriesView } from '../../src/admin/usage-series.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, removeHome, runCandor, startGateway, temporaryHome } from '../e2e/harness.ts'
import { entryOf, simulate } from '../e2e/providers.ts'
import { receipt } from '../ledger/receipts.ts'
import { barriers, openBrowser, overflows, visit } from './harness.ts'
import { MARKUP } from './scene.ts'
import { seedLedger } from './seeded-ledger.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()
const HALF_A_DOLLAR = 5e8

const metered = (daysAgo: number, rest: Partial<Receipt> = {}) =>
  receipt({
    at: NOW - daysAgo * DAY_MS - 60_000,
    servedModel: 'openai/gpt-9',
    billing: 'metered',
    client: 'agent/1.0',
    key: { id: 'key_ann', name: 'ann' },
    usage: { input: 100, cacheRead: 20, output: 50, reasoning: 5 },
    cost: { type: 'metered', nanoUsd: HALF_A_DOLLAR, source: 'list' },
    charged: { nanoUsd: HALF_A_DOLLAR, tokens: 170, estimated: false },
    ...rest,
  })

/** Eleven days, a plan and a price, a price nobody knows, usage nobody told, a failure, and names that are markup. */
const CALLS: readonly Receipt[] = [
  ...[10, 6, 5, 5, 3, 2, 1, 1].map(days => metered(days)),
  ...[9, 4, 4, 2, 1].map(days => receipt({ at: NOW - days * DAY_MS, usage: { input: 300, output: 30 } })),
  metered(3, {
    servedModel: `openai/${MARKUP}`,
    client: `${MARKUP}/2.0`,
    cost: { type: 'unknown', reason: 'no price' },
  }),
  metered(2, { servedModel: 'moonshot/k2', usage: {}, cost: { type: 'unknown', reason: 'no usage' } }),
  metered(1, {
    ending: 'failed',
    usage: {},
    cost: { type: 'none' },
    charged: { nanoUsd: 0, tokens: 0, estimated: false },
  }),
]

let browser: Browser
let kimi: Sim
let gateway: Gateway
let home: string

beforeAll(async () => {
  kimi = await simulate('kimi-coding')
  home = temporaryHome()
  await seedLedger(home, CALLS)
  gateway = await startGateway({
    home,
    config: { models: { providers: { 'kimi-coding': entryOf(kimi, 'sk-kimi-sim-nearly-used-up') } } },
  })
  await gateway.fetch('/candor/quotas?refresh=true')
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await gateway.stop()
  removeHome(home)
  await kimi.stop()
})

async function asked<T>(path: string): Promise<T> {
  return (await (await gateway.fetch(path)).json()) as T
}

/** The texts of a table's cells, row by row. */
async function cellsOf(page: Page, label: string): Promise<string[][]> {
  const rows = page.getByRole('region', { name: label, exact: true }).locator('tbody tr')
  return await Promise.all((await rows.all()).map(row => row.locator('th, td').allTextContents()))
}

/** The sum of each column of the table behind a chart; what is not a number counts as nothing. */
async function chartSums(page: Page, title: string): Promise<Record<string, number>> {
  await page.getByText(`${title}, as a table`).click()
  const frame = page.getByRole('region', { name: title, exact: true })
  const [, ...names] = await frame.locator('thead th').allTextContents()
  const rows = await cellsOf(page, title)
  const number = (text = '') => Number(text.replace(/[$,]/g, '')) || 0
  return Object.fromEntries(names.map((name, i) => [name, rows.reduce((sum, row) => sum + number(row[i + 1]), 0)]))
}

const shown = (value: number) => value.toLocaleString('en-US')

describe('usage', () => {
  test('shows the numbers of the API: in the sums, the table and the tables behind the charts', async () => {
    const at = await visit(browser, gateway)
    await at.go('/usage?period=all&by=provider')
    const { rows, total } = await asked<UsageView>('/candor/usage?period=all&by=provider')
    await at.page.getByRole('heading', { name: 'By provider' }).waitFor()
    const cells = await cellsOf(at.page, 'Usage by provider')
    expect(cells.map(row => row.slice(0, 2))).toEqual(rows.map(({ group, calls }) => [group, shown(calls)]))
    const tokens = (row: UsageView['total']) => [
      row.tokens.input + row.tokens.cacheRead + row.tokens.cacheWrite,
      row.tokens.cacheRead,
      row.tokens.output + row.tokens.reasoning,
      row.usageUnknown,
    ]
    expect(cells.map(row => row.slice(4, 8))).toEqual(rows.map(row => tokens(row).map(shown)))
    const [input = 0, , output = 0] = tokens(total)
    const inCharts = await chartSums(at.page, 'Tokens over time')
    expect(inCharts).toEqual(
      Object.fromEntries(
        rows.flatMap(row => {
          const [own = 0, , out = 0] = tokens(row)
          return own + out === 0 ? [] : [[row.group, own + out]]
        }),
      ),
    )
    expect(Object.values(inCharts).reduce((sum, each) => sum + each, 0)).toBe(input + output)
    expect(await chartSums(at.page, 'Cost over time')).toMatchObject({ openai: 4 })
    expect(await chartSums(at.page, 'Calls without a known cost, over time')).toEqual({ openai: 1, moonshot: 1 })
    const tiles = await at.page.locator('.tile').allTextContents()
    expect(tiles).toEqual([
      `Calls${total.calls}1 failed, 0 fallbacks`,
      `Tokens in${shown(input)}${shown(total.tokens.cacheRead)} of them from a cache`,
      `Tokens out${output}${total.tokens.reasoning} of them reasoning`,
      'Cost$4.00of 11 metered calls; it was more than this',
      'Unpriced2 callstheir cost is not known, or only in part',
      'Usage not told1 calltheir tokens are not known, or only in part',
    ])
    expect(at.complaints).toEqual([])
    await at.picture('usage-wide')
    await at.close()
  })

  test('never shows a cost nobody knows as nothing', async () => {
    const at = await visit(browser, gateway)
    await at.go('/usage?period=all&by=provider')
    await at.page.getByText('Cost over time, as a table').click()
    const rows = await cellsOf(at.page, 'Cost over time')
    expect(rows.flat()).toContain('not known')
    const groups = await cellsOf(at.page, 'Usage by provider')
    expect(groups.find(([name]) => name === 'moonshot')?.at(-1)).toBe('1 call unpriced')
    expect(groups.find(([name]) => name === 'kimi-coding')?.at(-1)).toBe('plan')
    await at.close()
  })

  test('filters stand in the address, and going back takes them back', async () => {
    const at = await visit(browser, gateway)
    await at.go('/usage?period=all')
    await at.page.getByRole('heading', { name: 'By provider' }).waitFor()
    await at.page.getByLabel('By', { exact: true }).selectOption('key')
    await at.page.getByRole('heading', { name: 'By key' }).waitFor()
    expect(new URL(at.page.url()).searchParams.get('by')).toBe('key')
    expect((await cellsOf(at.page, 'Usage by key')).map(([name]) => name)).toEqual(['ann (key_ann)', 'no key'])
    await at.page.getByLabel('Time', { exact: true }).selectOption('custom')
    await at.page.getByLabel('From', { exact: true }).waitFor()
    expect(new URL(at.page.url()).searchParams.get('since')).toMatch(/^\d{4}-\d\d-\d\d$/)
    await at.page.goBack()
    await at.page.getByLabel('From', { exact: true }).waitFor({ state: 'detached' })
    await at.page.goBack()
    await at.page.getByRole('heading', { name: 'By provider' }).waitFor()
    await at.page.getByLabel('In steps of').selectOption('hour')
    await at.page.getByText('Tokens over time, as a table').click()
    const { starts } = await asked<UsageSeriesView>('/candor/usage/series?period=all&by=provider&bucket=hour')
    await at.page.waitForFunction(
      `document.querySelectorAll('[aria-label="Tokens over time"] tbody tr').length === ${starts.length}`,
    )
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('the file has the same numbers as the command', async () => {
    const at = await visit(browser, gateway)
    await at.go('/usage?period=all&by=client')
    const [download] = await Promise.all([
      at.page.waitForEvent('download'),
      at.page.getByRole('link', { name: 'Download as CSV' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('usage-all.csv')
    const command = runCandor(['usage', 'all', '--by', 'client', '--csv'], { home })
    command.endInput()
    await command.exited
    expect(await Bun.file(await download.path()).text()).toBe(command.stdout())
    expect(command.stdout()).toContain('agent')
    await at.close()
  })

  test('a question that is not understood is told in the gateway’s words', async () => {
    const at = await visit(browser, gateway)
    await at.go('/usage?period=century')
    expect(await at.page.getByRole('alert').textContent()).toContain('There is no period "century"')
    await at.close()
  })

  test.each(['model', 'client'])('names that are markup are text: by %s', async by => {
    const at = await visit(browser, gateway)
    await at.go(`/usage?period=all&by=${by}`)
    await at.page.getByRole('heading', { name: `By ${by}` }).waitFor()
    expect(await at.page.locator('main').textContent()).toContain(MARKUP.slice(0, 60))
    expect([await at.page.locator('main img').count(), await at.page.title()]).toEqual([0, 'Usage · Candor'])
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test.each([
    ['wide', false],
    ['wide', true],
    ['narrow', false],
    ['narrow', true],
  ] as const)('%s, dark %p: no barrier, and nothing stands over the edge', async (size, dark) => {
    const at = await visit(browser, gateway, { size, dark })
    await at.go('/usage?period=all&by=model')
    await at.page.getByRole('heading', { name: 'Plan windows' }).waitFor()
    expect([await barriers(at.page), await overflows(at.page)]).toEqual([[], false])
    await at.picture(`usage-${size}${dark ? '-dark' : ''}`)
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('with nothing used says what to do', async () => {
    const at = await visit(browser, gateway)
    await at.go('/usage?since=2001-01-01&until=2001-01-02')
    await at.page.getByText('No call has ended in this time.').waitFor()
    await at.picture('usage-empty')
    await at.close()
  })
})

describe('plan windows', () => {
  test('are told by the provider; an estimate stands apart, and there is none of too little', async () => {
    const at = await visit(browser, gateway)
    await at.go('/usage?period=all')
    const own = at.page.locator('.usage-window').filter({ hasText: 'kimi-coding, 5 hour' })
    await own.waitFor()
    expect(await own.textContent()).toContain('Told by kimi-coding4 % left, resets in')
    expect(await own.textContent()).toContain(
      'Our estimate: none, because too little was told since the start of the gateway.',
    )
    await at.close()
  })

  test('an estimate is drawn as a line of its own, in the table too', async () => {
    const at = await visit(browser, gateway)
    await at.page.route('**/candor/usage/series?*', async route => {
      const answer: UsageSeriesView = await (await route.fetch()).json()
      const now = Date.now()
      const points = Array.from({ length: 30 }, (_, i) => [now - (29 - i) * 300_000, 90 - i] as const)
      const window = {
        provider: 'kimi-coding',
        credential: 'default',
        billing: 'plan',
        window: 'weekly',
        source: 'endpoint',
        stale: false,
      }
      const forecast = { type: 'line', perHour: -12, overMs: 3_600_000, atReset: 25 }
      const windows = [{ ...window, points, resetsAtMs: now + 3 * 3_600_000, forecast }]
      await route.fulfill({ json: { ...answer, quotas: { since: now - 9_000_000, now, windows } } })
    })
    await at.go('/usage?period=all')
    const own = at.page.locator('.usage-window')
    await own.waitFor()
    expect(await own.textContent()).toContain('61 % left, resets in 3 h')
    expect(await own.textContent()).toContain(
      'at the pace of the last 1 h (30 readings kept) 25 % are left when it resets',
    )
    await own.getByText('kimi-coding, weekly: percent left, as a table').click()
    const rows = await cellsOf(at.page, 'kimi-coding, weekly: percent left')
    expect(rows.slice(-2).map(row => row.slice(1))).toEqual([
      ['61 %', '61 %'],
      ['not known', '25 %'],
    ])
    expect(at.complaints).toEqual([])
    await at.picture('usage-forecast')
    await at.close()
  })
})
