import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import type { KeyView } from '../../src/admin/keys.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { chatClient, post } from '../e2e/clients.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { configOf, refOf, simulate } from '../e2e/providers.ts'
import { barriers, openBrowser, overflows, type Visit, visit } from './harness.ts'

const CONFIGURED = 'cnd_0123456789abcdefghijklmnopqrstuv'
const HOSTILE = '<img src=x onerror=alert(1)>'

let browser: Browser
let sim: Sim
let gateway: Gateway
let at: Visit
let page: Page

beforeAll(async () => {
  sim = await simulate('openai')
  gateway = await startGateway({ config: configOf([sim], { keys: [CONFIGURED] }), key: CONFIGURED })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await gateway.stop()
  await sim.stop()
})

beforeEach(async () => {
  at = await visit(browser, gateway)
  page = at.page
  await at.go('/keys')
})

afterEach(() => at.close())

const card = (name: string) => page.getByRole('region', { name: `Key ${name}`, exact: true })
const button = (name: string) => page.getByRole('button', { name, exact: true })
const field = (name: string) => page.getByLabel(name, { exact: true })

/** What the browser complained about, but for answers with an error status, which it always tells. */
const complaints = () => at.complaints.filter(line => !line.includes('Failed to load resource'))

async function make(name: string, fill: () => Promise<void> = async () => {}): Promise<string> {
  await button('Make a key').click()
  await field('Name').fill(name)
  await fill()
  await button('Make the key').click()
  return await page.locator('.secret pre').innerText()
}

async function keyOf(name: string): Promise<KeyView> {
  const headers = { authorization: `Bearer ${CONFIGURED}` }
  return (await (await gateway.fetch(`/candor/keys/${encodeURIComponent(name)}`, { headers })).json()) as KeyView
}

async function statusOf(secret: string): Promise<number> {
  const body = chatClient.body(refOf(sim), 'Hello')
  const response = await post(gateway, chatClient, body, { headers: { authorization: `Bearer ${secret}` } })
  await response.text()
  return response.status
}

describe('making a key', () => {
  test('with every setting; its secret is shown once, works, and is gone with the view', async () => {
    const secret = await make('team', async () => {
      await field('Owner').fill('Ada')
      await field('Tags').fill('ci, nightly')
      await field('Models and routes').fill('openai/*\nmoonshot/kimi-k2.5')
      await field('Expires').fill('2099-01-01')
      await field('Requests a minute').fill('600')
      await button('Add a budget').click()
      await field('Most of budget 1').fill('5')
      await field('Period of budget 1').selectOption({ label: 'a day' })
      await field('When budget 1 is used up').selectOption({ label: 'only tell' })
    })
    expect(await page.evaluate('document.activeElement.textContent')).toBe('The secret of team')
    expect(await statusOf(secret)).toBe(200)
    expect(await keyOf('team')).toMatchObject({
      owner: 'Ada',
      tags: ['ci', 'nightly'],
      models: ['openai/*', 'moonshot/kimi-k2.5'],
      expiresAt: '2099-01-01T00:00:00.000Z',
      limits: { requestsPerMinute: 600 },
      budgets: [{ most: 5, unit: 'usd', period: 'day', kind: 'soft' }],
      admin: false,
    })
    await page.getByRole('link', { name: 'Configuration' }).click()
    await page.getByRole('heading', { name: 'Configuration', level: 1 }).waitFor()
    await page.goBack()
    await card('team').waitFor()
    expect(await page.content()).not.toContain(secret)
    expect(await card('team').innerText()).toMatch(
      /\$5\.00 a day\s+\$0\.\d+ of \$5\.00 used, \d+(\.\d)? % left, resets in .+, only told/,
    )
    expect(at.complaints).toEqual([])
  })

  test('what the gateway refuses is told at its field, which takes the focus', async () => {
    await button('Make a key').click()
    await field('Requests a minute').fill('many')
    await button('Add a budget').click()
    await field('Most of budget 1').fill('0')
    await button('Make the key').click()
    await page.locator('[aria-invalid="true"]').first().waitFor()
    const told = async (name: string) =>
      await page.locator(`#${await field(name).getAttribute('aria-describedby')}`).innerText()
    expect(await told('Requests a minute')).toBe(
      '"limits.requestsPerMinute" must be a whole number from 1 to 1000000000.',
    )
    expect(await told('Most of budget 1')).toBe('"budgets[0].most" must be a number of dollars above 0, up to 9000000.')
    expect(await page.evaluate('document.activeElement.getAttribute("aria-invalid")')).toBe('true')
    expect(await barriers(page)).toEqual([])
    expect(complaints()).toEqual([])
  })

  test('a name that is taken is told, and what was written stays', async () => {
    await make('twice')
    await button('Make a key').click()
    await field('Name').fill('twice')
    await button('Make the key').click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toContain('Choose another name')
    expect(await field('Name').inputValue()).toBe('twice')
  })

  test('names from outside are text', async () => {
    await make(HOSTILE, async () => {
      await field('Owner').fill(HOSTILE)
      await field('Tags').fill(HOSTILE)
    })
    await card(HOSTILE).waitFor()
    expect(await page.locator('main img').count()).toBe(0)
    expect(await card(HOSTILE).locator('h2').innerText()).toContain(HOSTILE)
    expect(at.complaints).toEqual([])
  })
})

describe('a key that there is', () => {
  test('is changed: only what was changed is sent', async () => {
    await make('limited')
    await button('Change: limited').click()
    await field('Calls at the same time').fill('3')
    await button('Save').click()
    await page.getByText('limited was changed').waitFor()
    expect((await keyOf('limited')).limits).toEqual({ concurrency: 3 })
    await card('limited').getByText('Calls at the same time: 3').waitFor()
  })

  test('is given a new secret after a question; the old one is refused', async () => {
    const before = await make('rotated')
    await button('I have it').click()
    await button('New secret: rotated').click()
    expect(await page.getByRole('dialog').getAttribute('aria-labelledby')).not.toBeNull()
    await button('Make a new secret').click()
    await page.locator('.secret pre').waitFor()
    const after = await page.locator('.secret pre').innerText()
    expect([await statusOf(before), await statusOf(after)]).toEqual([401, 200])
  })

  test('is revoked after a question; a no leaves it, and gives the focus back', async () => {
    const secret = await make('gone')
    await button('I have it').click()
    await button('Revoke: gone').click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.waitForFunction('document.activeElement.getAttribute("aria-label") === "Revoke: gone"')
    expect(await statusOf(secret)).toBe(200)
    await button('Revoke: gone').click()
    await button('Revoke').click()
    await page.getByText('gone is revoked').waitFor()
    expect(await page.evaluate('document.activeElement.textContent')).toBe('gone is revoked.')
    expect(await statusOf(secret)).toBe(401)
    await card('gone').waitFor({ state: 'detached' })
    await field('With those that are revoked').check()
    await card('gone').waitFor()
    expect(await card('gone').getByRole('button').count()).toBe(0)
    expect(at.complaints).toEqual([])
  })

  test('of the configuration is told as such, and cannot be changed here', async () => {
    await card('gateway.keys[0]').waitFor()
    expect(await card('gateway.keys[0]').innerText()).toContain('from the configuration')
    expect(await card('gateway.keys[0]').getByRole('button').count()).toBe(0)
  })
})

describe.each([
  { look: 'light', size: 'wide' },
  { look: 'dark', size: 'narrow' },
] as const)('the view, $look and $size', ({ look, size }) => {
  test('has no barriers, and fits', async () => {
    const here = await visit(browser, gateway, { dark: look === 'dark', size })
    await here.go('/keys')
    await here.page.getByRole('region', { name: 'Key team', exact: true }).waitFor()
    expect(await barriers(here.page)).toEqual([])
    expect(await overflows(here.page)).toBe(false)
    await here.picture(`keys-${look}-${size}`)
    await here.page.getByRole('button', { name: 'Change: team' }).click()
    await here.page.getByLabel('Name', { exact: true }).waitFor()
    expect(await barriers(here.page)).toEqual([])
    expect(await overflows(here.page)).toBe(false)
    await here.picture(`keys-form-${look}-${size}`)
    expect(here.complaints).toEqual([])
    await here.close()
  })
})
