import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import type { ModelView } from '../../src/admin/contract.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { entryOf, simulate } from '../e2e/providers.ts'
import { barriers, openBrowser, overflows, visit } from './harness.ts'
import { MARKUP } from './scene.ts'

/** A model's name may hold anything; a shell must not read it. */
const ODD = "it's; rm -rf $HOME"

let browser: Browser
let openai: Sim
let kimi: Sim
let gateway: Gateway
let models: readonly ModelView[]

beforeAll(async () => {
  ;[openai, kimi] = await Promise.all([simulate('openai'), simulate('kimi-coding')])
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          openai: entryOf(openai),
          'kimi-coding': entryOf(kimi),
          mine: {
            ...entryOf(openai),
            billing: 'metered',
            models: [{ id: 'plain' }, { id: ODD }, { id: 'odd', name: MARKUP, contextWindow: 123_456 }],
          },
        },
      },
      routes: { coder: { targets: ['kimi-coding/kimi-for-coding', 'mine/plain'] }, broken: { targets: ['groq/none'] } },
    },
  })
  const answer = (await (await gateway.fetch('/v1/models?all=true')).json()) as { data: readonly ModelView[] }
  models = answer.data
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await gateway.stop()
  await Promise.all([openai.stop(), kimi.stop()])
})

const rowsIn = (page: Page) => page.getByRole('region', { name: 'Models that can be called' }).locator('tbody tr')
const rowOf = (page: Page, id: string) => rowsIn(page).filter({ has: page.getByText(id, { exact: true }) })

describe('models', () => {
  test('lists what can be called, and tells why the rest cannot', async () => {
    const at = await visit(browser, gateway)
    const asked: string[] = []
    at.page.on('request', request => asked.push(...new URL(request.url()).searchParams.keys()))
    await at.go('/models')
    await rowsIn(at.page).first().waitFor()
    const shown = await rowsIn(at.page).locator('th code').allTextContents()
    expect(shown).toEqual(models.filter(({ candor }) => candor.available).map(({ id }) => id))
    expect(asked).not.toContain('all')
    await at.page.getByText('Cannot be called now, and why').click()
    const reasons = await at.page.locator('.models-reasons').textContent()
    expect(asked).toContain('all')
    const missing = models.filter(({ candor }) => !candor.available)
    expect(missing.length).toBeGreaterThan(10)
    for (const { candor } of missing) expect(reasons).toContain(candor.unavailable ?? 'nothing')
    expect(at.complaints).toEqual([])
    await at.picture('models-wide')
    await at.close()
  })

  test('a row tells lane, context, price and state, and what is not known in words', async () => {
    const at = await visit(browser, gateway)
    await at.go('/models?provider=mine')
    const cells = (id: string) => rowOf(at.page, id).locator('td').allTextContents()
    await rowOf(at.page, 'mine/odd').waitFor()
    expect((await cells('mine/odd')).slice(0, 6)).toEqual([
      'metered',
      '123,456',
      'not known',
      'not known',
      'not known',
      'ready',
    ])
    expect(await rowsIn(at.page).count()).toBe(3)
    await at.page.getByLabel('Provider', { exact: true }).selectOption('kimi-coding')
    await rowOf(at.page, 'kimi-coding/kimi-for-coding').waitFor()
    expect((await cells('kimi-coding/kimi-for-coding')).slice(0, 4)).toMatchObject([
      'plan',
      expect.stringMatching(/^[\d,]{7,}$/),
      expect.any(String),
      'none a call',
    ])
    await at.page.goBack()
    await rowOf(at.page, 'mine/odd').waitFor()
    await at.close()
  })

  test('a search keeps what has all its words, stands in the address, and is reached with /', async () => {
    const at = await visit(browser, gateway)
    await at.go('/models')
    await rowsIn(at.page).first().waitFor()
    await at.page.keyboard.press('/')
    await at.page.keyboard.type('kimi coder')
    await rowsIn(at.page).nth(1).waitFor({ state: 'detached' })
    expect(await rowsIn(at.page).locator('th code').allTextContents()).toEqual(['coder'])
    expect(new URL(at.page.url()).searchParams.get('q')).toBe('kimi coder')
    await at.page.getByLabel('Search').fill('nosuchmodelanywhere')
    await at.page.getByText('Nothing that can be called fits this search.').waitFor()
    await at.page.getByLabel('Search').fill('groq')
    await at.page.locator('.models-reasons').filter({ hasText: 'groq' }).waitFor()
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('names that are markup are text, and commands keep them from the shell', async () => {
    const at = await visit(browser, gateway)
    await at.go('/models?provider=mine')
    const row = rowOf(at.page, `mine/${ODD}`)
    await row.getByText('Connect', { exact: true }).click()
    await row.locator('.command').first().waitFor()
    const commands = await row.locator('.command').allTextContents()
    expect(commands).toContain(`candor connect claude --model 'mine/it'\\''s; rm -rf $HOME'`)
    const [said] = commands.map(line => line.replace(/^candor chat /, 'printf %s '))
    expect(Bun.spawnSync(['sh', '-c', said ?? '']).stdout.toString()).toBe(`mine/${ODD}`)
    const link = await row.getByRole('link', { name: `Try it mine/${ODD}` }).getAttribute('href')
    expect(new URL(link ?? '', gateway.url).searchParams.get('model')).toBe(`mine/${ODD}`)
    expect(await rowOf(at.page, 'mine/odd').textContent()).toContain(MARKUP)
    expect([await at.page.locator('main img').count(), await at.page.title()]).toEqual([0, 'Models · Candor'])
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('what cools down says for how long and why', async () => {
    const ref = `openai/${openai.model}`
    openai.setFault('status=503')
    for (;;) {
      await gateway.fetch('/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: ref, messages: [{ role: 'user', content: 'x' }] }),
      })
      const found = (await (await gateway.fetch(`/v1/models/${ref}`)).json()) as ModelView
      if (found.candor.cools_down !== undefined) break
    }
    openai.setFault(undefined)
    const at = await visit(browser, gateway)
    await at.go('/models')
    expect(await rowOf(at.page, ref).textContent()).toMatch(/cools down.*(for \d|the next call decides).*\(\w+\)/)
    await at.close()
  })

  test.each([
    ['wide', true],
    ['narrow', false],
    ['narrow', true],
  ] as const)('%s, dark %p: no barrier, and nothing stands over the edge', async (size, dark) => {
    const at = await visit(browser, gateway, { size, dark })
    await at.go('/models?q=mine')
    await rowsIn(at.page).first().waitFor()
    await rowOf(at.page, `mine/${ODD}`).getByText('Connect', { exact: true }).click()
    expect([await barriers(at.page), await overflows(at.page)]).toEqual([[], false])
    await at.picture(`models-${size}${dark ? '-dark' : ''}`)
    expect(at.complaints).toEqual([])
    await at.close()
  })
})
