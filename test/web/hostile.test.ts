import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { problem } from '../../src/canon/problem.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, removeHome, startGateway, temporaryHome } from '../e2e/harness.ts'
import { entryOf, refOf, simulate } from '../e2e/providers.ts'
import { barriers, openBrowser, overflows, until, type Visit, visit } from './harness.ts'
import { hoursOld } from './seed.ts'
import { seedLedger } from './seeded-ledger.ts'

/** Names that outsiders can choose, each bad for a layout in its own way. */
const LONG = 'm'.repeat(200)
const TURNED = 'نموذج-كبير-🦜🦜-שלום'
const LONG_CLIENT = 'u'.repeat(120)

const CALLS = 120

/** The tallest row of a list, in pixels: two names of two lines each, and a badge. */
const ROW_MAX = 130

let browser: Browser
let openai: Sim
let kimi: Sim
let gateway: Gateway
let home: string
let newest: string

beforeAll(async () => {
  ;[openai, kimi] = await Promise.all([simulate('openai'), simulate('kimi-coding')])
  home = temporaryHome()
  await seedLedger(home, hostileCalls())
  gateway = await startGateway({ home, config: config() })
  await coolDown()
  await gateway.fetch('/candor/quotas?refresh=true')
  newest = await ask(`odd/${LONG}`, LONG_CLIENT)
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await gateway.stop()
  removeHome(home)
  await Promise.all([openai.stop(), kimi.stop()])
})

/** A provider without prices, one with names that are hard to show, and one that nobody answers for. */
function config() {
  const dead = { baseUrl: 'http://127.0.0.1:9/v1', api: 'openai-completions', apiKey: 'sk-dead' } as const
  const odd = { ...entryOf(openai), billing: 'metered', models: [{ id: LONG }, { id: TURNED }] } as const
  return {
    models: {
      providers: {
        openai: entryOf(openai),
        'kimi-coding': entryOf(kimi, 'sk-kimi-sim-nearly-used-up'),
        odd,
        dead: { ...dead, billing: 'metered', models: [{ id: 'nobody' }] },
      },
    },
    routes: {
      coder: { targets: ['dead/nobody', refOf(openai)], fallbackOn: ['unreachable', 'overloaded'] },
      [TURNED]: { targets: [`odd/${LONG}`, `odd/${TURNED}`] },
    },
  } as const
}

function hostileCalls(): readonly Receipt[] {
  const metered: Partial<Receipt> = {
    billing: 'metered',
    usage: { input: 123_456, output: 7_890 },
    cost: { type: 'metered', nanoUsd: 60_000, source: 'list' },
  }
  const kinds: readonly Partial<Receipt>[] = [
    { client: 'bulk/1.0', requestedModel: refOf(openai), servedModel: refOf(openai), ...metered },
    { client: LONG_CLIENT, requestedModel: `odd/${LONG}`, servedModel: `odd/${LONG}`, ...metered },
    { client: TURNED, requestedModel: `odd/${TURNED}`, servedModel: `odd/${TURNED}`, key: { id: 'key_a', name: LONG } },
    { status: 400, ending: 'failed', cost: { type: 'none' }, problem: problem('upstream_bad_request', LONG) },
    {
      route: 'coder',
      requestedModel: 'coder',
      servedModel: `odd/${LONG}`,
      fallback: { from: 'dead/nobody', reason: 'unreachable' },
      ...metered,
    },
  ]
  return Array.from({ length: CALLS }, (_, i) => hoursOld((CALLS - i) / 5, kinds[i % kinds.length]))
}

async function ask(model: string, client = 'hostile/1.0'): Promise<string> {
  const response = await gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': client },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
  })
  await response.text()
  return response.headers.get('candor-request-id') ?? ''
}

/** Asks the dead one until it is left alone. */
async function coolDown(): Promise<void> {
  for (;;) {
    await ask('coder')
    const model = (await (await gateway.fetch('/v1/models/dead/nobody')).json()) as { candor: { cools_down?: object } }
    if (model.candor.cools_down !== undefined) return
  }
}

/** Each view, and what is there once it shows something. */
const VIEWS: readonly (readonly [name: string, path: () => string, there: string])[] = [
  ['now', () => '/', 'tr[data-call]'],
  ['calls', () => '/calls', 'tr[data-call]'],
  ['call', () => `/calls/${newest}`, '.call-figures'],
  ['models', () => '/models', 'tbody tr'],
  ['routes', () => '/routes?explain=coder', '.route-answer table'],
  ['usage', () => '/usage?period=all&by=model', 'tfoot'],
  ['clients', () => '/usage?period=all&by=client', 'tfoot'],
  ['keys', () => '/keys', '.keys-bar, .empty'],
  ['doctor', () => '/doctor', '.askable'],
  ['configuration', () => '/configuration', 'tbody tr'],
  ['playground', () => `/playground?${new URLSearchParams({ model: `odd/${LONG}` })}`, '.composer'],
]

/** Cells of figures that one does not see without scrolling sideways. */
const HIDDEN_FIGURES = `[...document.querySelectorAll('td.number')].filter(cell => {
  const frame = cell.closest('.table-frame')?.getBoundingClientRect()
  const { left, right, width } = cell.getBoundingClientRect()
  return width > 0 && frame !== undefined && (right > frame.right + 1 || left < frame.left - 1 || right > innerWidth)
}).map(cell => cell.closest('section').ariaLabel + ': ' + cell.textContent.slice(0, 40))`

/** Tables that are wider than their frame. */
const WIDE_TABLES = `[...document.querySelectorAll('.table-frame')]
  .filter(frame => frame.checkVisibility() && frame.scrollWidth > frame.clientWidth)
  .map(frame => frame.ariaLabel + ': ' + frame.scrollWidth)`

/** Badges in more than one line, or of which not all is seen. Those of a single call stand in a narrow tile, and break behind `_`. */
const BROKEN_BADGES = `[...document.querySelectorAll('.badge:not(.call-figures .badge)')].filter(badge =>
  badge.getClientRects().length > 1 || badge.getBoundingClientRect().height > 24 || badge.scrollWidth > badge.clientWidth + 1,
).map(badge => badge.textContent)`

const TALL_ROWS = `[...document.querySelectorAll('.calls tbody tr, .remarks li, .models-list tbody tr, .usage-list tbody tr')]
  .filter(row => row.getBoundingClientRect().height > ${ROW_MAX})
  .map(row => row.getBoundingClientRect().height + ' px: ' + row.textContent.slice(0, 60))`

async function show(at: Visit, path: string, there: string): Promise<void> {
  await at.go(path)
  await at.page.locator(there).first().waitFor()
}

const found = (page: Page, script: string) => page.evaluate<string[]>(script)

describe.each(['wide', 'narrow'] as const)('%s, with names of any length', size => {
  test.each([...VIEWS])('%s keeps its shape', async (name, path, there) => {
    const at = await visit(browser, gateway, { size, dark: size === 'narrow' })
    await show(at, path(), there)
    await at.picture(`hostile-${name}-${size}`)
    expect(await overflows(at.page)).toBe(false)
    if (name === 'calls') expect(await found(at.page, WIDE_TABLES)).toEqual([])
    if (size === 'wide') {
      expect(await found(at.page, BROKEN_BADGES)).toEqual([])
      expect(await found(at.page, HIDDEN_FIGURES)).toEqual([])
      expect(await found(at.page, WIDE_TABLES)).toEqual([])
      expect(await found(at.page, TALL_ROWS)).toEqual([])
    }
    expect(await barriers(at.page)).toEqual([])
    expect(at.complaints).toEqual([])
    await at.close()
  })
})

/** The ticks of the charts of a page, as the canvas was told to draw them. */
const KEEP_LABELS = `(() => {
  const drawn = CanvasRenderingContext2D.prototype.fillText
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
    const { e } = this.getTransform()
    const { width } = this.measureText(text)
    const left = this.textAlign === 'right' || this.textAlign === 'end' ? x - width : x
    globalThis.labels = [...(globalThis.labels ?? []), { text, left: left + e, at: this.textAlign }]
    return drawn.call(this, text, x, y, ...rest)
  }
})()`

interface Label {
  readonly text: string
  /** Pixels from the left edge of the canvas. */
  readonly left: number
  readonly at: string
}

test('the marks of the charts are whole, and tell different things', async () => {
  const at = await visit(browser, gateway)
  await at.page.addInitScript(KEEP_LABELS)
  await show(at, '/usage?period=all', '.uplot canvas')
  await until(at.page, 'globalThis.labels?.length > 4')
  const drawn = (await at.page.evaluate<Label[]>('globalThis.labels')).filter(({ text }) => text.includes('$'))
  expect(drawn.length).toBeGreaterThan(2)
  expect(drawn.filter(({ left }) => left < 0)).toEqual([])
  expect(new Set(drawn.map(({ text }) => text)).size).toBeGreaterThan(2)
  await at.close()
})

test('a chart of nothing has no marks but zero', async () => {
  const own = await startGateway({ config: config() })
  const at = await visit(browser, own, { stranger: true })
  await at.page.addInitScript(KEEP_LABELS)
  await show(at, '/', '.uplot canvas')
  await until(at.page, 'globalThis.labels?.some(({ text }) => text === "0 ms")')
  const drawn = (await at.page.evaluate<Label[]>('globalThis.labels')).filter(({ at }) => at === 'right')
  expect([...new Set(drawn.map(({ text }) => text))].filter(text => text !== '').sort()).toEqual(['0', '0 ms'])
  await at.close()
  await own.stop()
})

test('a name that is cut is whole in its title, and while the keyboard is in its row', async () => {
  const at = await visit(browser, gateway)
  await show(at, '/calls', 'tr[data-call]')
  const row = at.page.locator(`tr[data-call="${newest}"]`)
  const name = row.locator('td:nth-child(2) .clamped').first()
  const isCut = () => name.evaluate(element => element.scrollHeight > element.clientHeight)
  expect(await name.getAttribute('title')).toBe((await name.textContent()) ?? '')
  expect(await isCut()).toBe(true)
  await at.page.keyboard.press('j')
  await until(at.page, `document.activeElement.closest('tr')?.dataset.call === '${newest}'`)
  expect(await isCut()).toBe(false)
  await at.close()
})

test('a caller is a filter, whatever its version', async () => {
  const at = await visit(browser, gateway)
  await show(at, '/calls', 'tr[data-call]')
  await at.page.getByRole('link', { name: 'bulk/1.0' }).first().click()
  await at.page.getByRole('button', { name: 'Client: bulk, any version' }).waitFor()
  expect(new URL(at.page.url()).search).toBe('?client=bulk')
  await show(at, '/calls?client=bulk%2F1.0', 'tr[data-call]')
  await at.page.getByText(`${CALLS / 5} calls.`).waitFor()
  await at.page.getByRole('button', { name: 'Client: bulk, any version' }).waitFor()
  await show(at, `/calls?${new URLSearchParams({ client: LONG_CLIENT })}`, 'tr[data-call]')
  expect(at.complaints).toEqual([])
  await at.close()
})

test('a filter that cannot be is told once', async () => {
  const at = await visit(browser, gateway)
  await at.go('/calls?since=garbage')
  await at.page.getByRole('alert').waitFor()
  await at.page.waitForLoadState('networkidle')
  expect(await at.page.getByText('since=garbage is no time.').count()).toBe(1)
  await at.page.getByText('Write 2026-11-29 or 2026-11-29T10:15:00Z.').waitFor()
  await at.close()
})
