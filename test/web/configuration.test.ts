import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import type { ConfigurationView } from '../../src/admin/config-view.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { entryOf, simulate } from '../e2e/providers.ts'
import { barriers, openBrowser, overflows, visit } from './harness.ts'

const HOSTILE = '<img src=x onerror=alert(1)>'
const SECRET = 'sk-canary-in-the-file-0123456789'

let browser: Browser
let sim: Sim
let gateway: Gateway

const good = (more: object = {}) => ({
  models: {
    providers: { openai: { ...entryOf(sim), apiKey: SECRET } },
    aliases: { [HOSTILE]: 'openai/gpt-4.1' },
  },
  ...more,
})

beforeAll(async () => {
  sim = await simulate('openai')
  gateway = await startGateway({ config: good() })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await gateway.stop()
  await sim.stop()
})

const row = (page: Page, path: string) =>
  page.getByRole('row').filter({ has: page.getByRole('cell', { name: path, exact: true }) })

/** Writes the configuration and waits until the gateway has looked at it. */
async function configured(config: Parameters<Gateway['configure']>[0], said: RegExp): Promise<void> {
  const before = gateway.stderr().length
  gateway.configure(config)
  for (;;) {
    if (said.test(gateway.stderr().slice(before))) return
    await gateway.fetch('/livez')
  }
}

describe('what is in force', () => {
  test('stands with its origin, secrets as dots, and is found by its path', async () => {
    const at = await visit(browser, gateway)
    await at.go('/configuration')
    await row(at.page, 'gateway.port').waitFor()
    expect(await row(at.page, 'gateway.port').innerText()).toMatch(/gateway\.port\s+8787\s+default/)
    expect(await row(at.page, 'models.providers.openai.apiKey').innerText()).toMatch(/••••\s+candor\.json5:\d+/)
    expect(await row(at.page, 'models.providers.openai.billing').innerText()).toMatch(/"metered"\s+catalogue/)
    expect(await at.page.locator('main').innerText()).toContain('a reload would change nothing')
    expect(await at.page.content()).not.toContain(SECRET)
    await at.page.keyboard.press('/')
    await at.page.keyboard.type('timeouts.total')
    await at.page.getByText('1 value', { exact: true }).waitFor()
    expect(await at.page.evaluate('location.search')).toBe('?q=timeouts.total')
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('names from the file are text', async () => {
    const at = await visit(browser, gateway)
    await at.go('/configuration')
    await at.page.getByText(`models.aliases["${HOSTILE}"]`).waitFor()
    expect(await at.page.locator('main img').count()).toBe(0)
    expect(at.complaints).toEqual([])
    await at.close()
  })
})

describe('what the file says by now', () => {
  test('with what a reload would change, and why it was refused', async () => {
    const keys = [`\${CANDOR_E2E_NO_SUCH_VARIABLE}`]
    await configured(good({ gateway: { keys, retry: { max: 2 } } }), /was not reloaded/)
    const at = await visit(browser, gateway)
    await at.go('/configuration')
    const changes = at.page.getByRole('region', { name: 'What a reload would change' }).first()
    await changes.waitFor()
    expect(await row(at.page, 'gateway.keys[0]').innerText()).toMatch(/not there\s+\$\{CANDOR_E2E_NO_SUCH_VARIABLE\}/)
    expect(await row(at.page, 'gateway.retry.max').first().innerText()).toMatch(
      /gateway\.retry\.max\s+0\s+2\s+candor\.json5:\d+/,
    )
    expect(await at.page.getByRole('alert').innerText()).toContain('CANDOR_E2E_NO_SUCH_VARIABLE is not set')
    expect(await barriers(at.page)).toEqual([])
    await at.picture('configuration-pending-light-wide')
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('with its faults, shown with their line', async () => {
    await configured('{\n  gatway: {},\n}', /was not reloaded/)
    const at = await visit(browser, gateway)
    await at.go('/configuration')
    await at.page.getByRole('alert').waitFor()
    expect(await at.page.getByRole('alert').innerText()).toMatch(/candor\.json5:2:3[\s\S]+gatway[\s\S]+\^/)
    expect(await row(at.page, 'models.providers.openai.apiKey').count()).toBe(1)
    await at.close()
  })

  test('with what holds only from the next start', async () => {
    await configured(good({ gateway: { quotaPollMs: 120_000 } }), /holds from the next start/)
    const at = await visit(browser, gateway)
    await at.go('/configuration')
    await at.page.getByText('in force from the next one: gateway.quotaPollMs').waitFor()
    await at.close()
  })

  test('or that it is gone', async () => {
    rmSync(gateway.configFile)
    const view = (await (await gateway.fetch('/candor/config')).json()) as ConfigurationView
    expect(view.onDisk).toEqual({ state: 'gone' })
    const at = await visit(browser, gateway)
    await at.go('/configuration')
    await at.page.getByText('The file is gone.').waitFor()
    await configured(good(), /./)
    await at.close()
  })
})

test.each([
  { look: 'light', size: 'wide' },
  { look: 'dark', size: 'narrow' },
] as const)('the view has no barriers and fits, $look and $size', async ({ look, size }) => {
  const at = await visit(browser, gateway, { dark: look === 'dark', size })
  await at.go('/configuration')
  await row(at.page, 'gateway.port').waitFor()
  expect(await barriers(at.page)).toEqual([])
  expect(await overflows(at.page)).toBe(false)
  await at.picture(`configuration-${look}-${size}`)
  expect(at.complaints).toEqual([])
  await at.close()
})
