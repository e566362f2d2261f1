import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import type { RouteList } from '../../src/admin/route-view.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { entryOf, simulate } from '../e2e/providers.ts'
import { barriers, openBrowser, overflows, type Visit, visit } from './harness.ts'
import { MARKUP } from './scene.ts'

const TURN = '{"model":"coder","max_tokens":100,"messages":[{"role":"user","content":"hello"}]}'

let browser: Browser
let kimi: Sim
let paid: Sim
let gateway: Gateway

beforeAll(async () => {
  ;[kimi, paid] = await Promise.all([simulate('kimi-coding'), simulate('openai')])
  const targets = [`kimi-coding/${kimi.model}`, 'paid/gpt-4.1']
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          'kimi-coding': entryOf(kimi),
          paid: {
            ...entryOf(paid),
            billing: 'metered',
            models: [{ id: 'gpt-4.1', price: { input: 1, output: 5_000 } }, { id: MARKUP }],
          },
        },
      },
      routes: {
        coder: { targets, fallbackOn: ['upstream_error', 'plan_exhausted'], crossBilling: { maxUsdPerDay: 2 } },
        fenced: {
          targets,
          fallbackOn: ['overloaded'],
          crossBilling: false,
          retry: { max: 2 },
          cache: { ttlSeconds: 90 },
        },
        odd: { targets: [`paid/${MARKUP}`, 'groq/llama-3.3-70b-versatile'], balance: 'weighted', affinity: false },
      },
    },
  })
  browser = await openBrowser()
  kimi.setFault('status=503')
  const call = { method: 'POST', headers: { 'content-type': 'application/json' }, body: TURN }
  const answer = await gateway.fetch('/v1/chat/completions', call)
  expect([answer.status, answer.headers.get('candor-model')]).toEqual([200, 'paid/gpt-4.1'])
  await answer.text()
})

afterAll(async () => {
  await browser.close()
  await gateway.stop()
  await Promise.all([kimi.stop(), paid.stop()])
})

const routeOf = ({ page }: Visit, name: string) => page.getByRole('region', { name, exact: true })

/** The cells of a table, row by row. */
async function rowsOf(at: Visit, title: string): Promise<string[][]> {
  const rows = await at.page.getByRole('region', { name: title, exact: true }).locator('tbody tr').all()
  return await Promise.all(rows.map(row => row.locator('th, td').allTextContents()))
}

async function explain(at: Visit, text: string, model = ''): Promise<void> {
  await at.page.getByLabel('Request', { exact: true }).fill(text)
  await at.page.getByLabel('Route or model').fill(model)
  await at.page.getByRole('button', { name: 'Explain' }).click()
}

describe('routes', () => {
  test('tell their order, fences, rules, and what each code means', async () => {
    const at = await visit(browser, gateway)
    await at.go('/routes')
    await routeOf(at, 'coder').waitFor()
    const { data, meanings } = (await (await gateway.fetch('/candor/routes')).json()) as RouteList
    expect((await rowsOf(at, 'Targets of coder')).map(row => row.slice(0, 5))).toEqual([
      [`kimi-coding/${kimi.model}`, '1', '1', 'default', 'plan '],
      ['paid/gpt-4.1', '2', '1', 'default', 'metered '],
    ])
    const coder = (await routeOf(at, 'coder').textContent()) ?? ''
    for (const code of ['upstream_error', 'plan_exhausted'] as const)
      expect(coder).toContain(`${code} ${meanings[code]}`)
    const [{ crossBilling } = { crossBilling: false }] = data
    if (typeof crossBilling === 'boolean') throw new Error('no amount is told')
    expect(crossBilling.usedNanoUsd).toBeGreaterThan(0)
    const left = (2 - crossBilling.usedNanoUsd / 1e9).toFixed(2)
    expect(coder).toContain(`It may leave it for $2.00 a day (UTC); $${left} of that are left today`)
    const fenced = (await routeOf(at, 'fenced').textContent()) ?? ''
    expect(fenced).toContain('It never leaves it: targets in another lane are not asked.')
    expect(fenced).toContain('metered behind the fence')
    expect(fenced).toContain('Up to 2 more attempts at the same target')
    expect(fenced).toContain('is answered from memory for 1 min 30 s.')
    expect(await routeOf(at, 'odd').textContent()).toContain('Drawn, by their weights. Conversations stay nowhere.')
    expect(at.complaints).toEqual([])
    await at.picture('routes-wide')
    await at.close()
  })

  test('tell how each target does', async () => {
    const at = await visit(browser, gateway)
    await at.go('/routes')
    await routeOf(at, 'coder').waitFor()
    const [first, second] = await rowsOf(at, 'Targets of coder')
    expect(first?.at(-1)).toContain('1 failure')
    expect(second?.at(-1)).toMatch(/^well 1 answer, 0 failures, first byte after /)
    const odd = await rowsOf(at, 'Targets of odd')
    expect(odd[1]?.at(-1)).toMatch(/^cannot be used \S/)
    await at.close()
  })

  test('explain a pasted request, in words and as a table', async () => {
    const at = await visit(browser, gateway)
    await at.go('/routes')
    await routeOf(at, 'coder').waitFor()
    await explain(at, TURN)
    await at.page.getByRole('heading', { name: 'In words' }).waitFor()
    const asked = await gateway.fetch('/candor/routes/explain', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ request: JSON.parse(TURN) }),
    })
    const { words } = (await asked.json()) as { words: { head: string[] } }
    const shown = await at.page.locator('.route-answer').textContent()
    for (const sentence of words.head) expect(shown).toContain(sentence)
    const rows = await rowsOf(at, 'What would be tried, as a table')
    expect(rows.map(row => row.slice(0, 3))).toEqual([
      ['1', `kimi-coding/${kimi.model}`, 'default'],
      ['2', 'paid/gpt-4.1', 'default'],
    ])
    expect(rows[0]?.at(-1)).toMatch(/to 2 on .*upstream_error/)
    expect(at.complaints).toEqual([])
    await at.picture('routes-explained')
    await at.close()
  })

  test.each([
    ['{"model": ', 'This is not JSON: '],
    ['[1]', 'A request is a JSON object'],
  ])('a pasted %s is told beside the field, and nothing is asked', async (text, refusal) => {
    const at = await visit(browser, gateway)
    const questions: string[] = []
    at.page.on('request', request => void questions.push(new URL(request.url()).pathname))
    await at.go('/routes')
    await routeOf(at, 'coder').waitFor()
    await explain(at, text)
    const field = at.page.getByLabel('Request', { exact: true })
    await at.page.getByText(refusal).waitFor()
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    expect(questions).not.toContain('/candor/routes/explain')
    await at.close()
  })

  test('a request of no protocol, and a name that leads nowhere, are told in the gateway’s words', async () => {
    const at = await visit(browser, gateway)
    await at.go('/routes')
    await routeOf(at, 'coder').waitFor()
    await explain(at, '{"colour":"red"}')
    await at.page.getByText('looks like none of the protocols').waitFor()
    await explain(at, '', 'nobody/knows')
    await at.page.getByText('nobody/knows').first().waitFor()
    // The browser tells every answer that is no success.
    expect(at.complaints.filter(line => !line.includes('Failed to load resource'))).toEqual([])
    await at.close()
  })

  test('a link explains a route, and going back shows what was before', async () => {
    const at = await visit(browser, gateway)
    await at.go('/routes')
    await routeOf(at, 'fenced').getByRole('link', { name: 'Explain' }).click()
    await at.page.getByText('"fenced" is a route.').waitFor()
    await routeOf(at, 'coder').getByRole('link', { name: 'Explain' }).click()
    await at.page.getByText('"coder" is a route.').waitFor()
    await at.page.goBack()
    await at.page.getByText('"fenced" is a route.').waitFor()
    expect(new URL(at.page.url()).searchParams.get('explain')).toBe('fenced')
    await at.close()
  })

  test('a name that is taken out again leaves the one in the request', async () => {
    const at = await visit(browser, gateway)
    await at.go('/routes?explain=fenced')
    await at.page.getByText('"fenced" is a route.').waitFor()
    await at.page.getByLabel('Route or model').fill('')
    await at.page.getByLabel('Request', { exact: true }).fill(TURN)
    expect(await at.page.getByLabel('Route or model').inputValue()).toBe('')
    await at.page.getByRole('button', { name: 'Explain' }).click()
    await at.page.getByText('"coder" is a route.').waitFor()
    expect(new URL(at.page.url()).search).toBe('')
    await at.close()
  })

  test('names that are markup are text', async () => {
    const at = await visit(browser, gateway)
    await at.go('/routes?explain=odd')
    await at.page.getByRole('heading', { name: 'In words' }).waitFor()
    expect(await at.page.locator('.route-answer').textContent()).toContain(MARKUP)
    expect([await at.page.locator('main img').count(), await at.page.title()]).toEqual([0, 'Routes · Candor'])
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test.each([
    ['wide', true],
    ['narrow', false],
    ['narrow', true],
  ] as const)('%s, dark %p: no barrier, and nothing stands over the edge', async (size, dark) => {
    const at = await visit(browser, gateway, { size, dark })
    await at.go('/routes?explain=coder')
    await at.page.getByRole('heading', { name: 'As a table' }).waitFor()
    expect([await barriers(at.page), await overflows(at.page)]).toEqual([[], false])
    await at.picture(`routes-${size}${dark ? '-dark' : ''}`)
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('without a route, says what one is', async () => {
    const at = await visit(browser, gateway)
    await at.page.route('**/candor/routes', route =>
      route.fulfill({ json: { object: 'list', data: [], meanings: {} } }),
    )
    await at.go('/routes')
    await at.page.getByText('No route is configured.').waitFor()
    expect(at.complaints).toEqual([])
    await at.close()
  })
})
