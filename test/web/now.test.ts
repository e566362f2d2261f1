import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { barriers, openBrowser, overflows, visit } from './harness.ts'
import { MARKUP, openScene, type Scene } from './scene.ts'

let browser: Browser
let scene: Scene

beforeAll(async () => {
  scene = await openScene()
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await scene.stop()
})

test('calls appear as they are made, with who answered, and what did not go well in words', async () => {
  const at = await visit(browser, scene.gateway)
  await at.go('/')
  await at.page.getByText('No call has been made yet.').waitFor()
  await at.page.getByText('Live.').waitFor()
  const { openai, kimi } = scene
  const made = {
    well: await scene.call(`openai/${openai.model}`, { stream: true }),
    plan: await scene.call(`kimi-coding/${kimi.model}`, { client: 'claude-cli/2.1.0 (external, cli)' }),
    fallback: await scene.call('coder'),
    refused: await scene.call('no-such-model'),
  }
  // A row is there from the beginning of its call on: its end is waited for.
  const row = (id: string, text: string | RegExp) =>
    at.page.locator(`tr[data-call="${id}"]`).filter({ hasText: text }).waitFor()
  await row(made.well, 'complete')
  await row(made.plan, /claude-cli\/2\.1\.0.*plan/)
  await row(made.fallback, /coder → openai\/.*fell back: invalid_key/)
  await row(made.refused, 'model_not_found')
  const remarks = at.page.getByRole('list', { name: 'What did not simply go well' }).getByRole('listitem')
  await remarks.filter({ hasText: `coder: openai/${openai.model} answered in place of moonshot/` }).waitFor()
  await remarks.filter({ hasText: 'No model is called "no-such-model".' }).waitFor()
  await remarks.filter({ hasText: /kimi-coding says that \d+ % of its quota \(5 hour\) is left/ }).waitFor()
  await at.page
    .getByText(/4 calls? today|Calls today/)
    .first()
    .waitFor()
  await at.picture('now')
  expect(at.complaints).toEqual([])
  await at.close()
})

test('providers stand there with what they say is left, and what cools down with its reason', async () => {
  const { kimi, openai } = scene
  await scene.call(`kimi-coding/${kimi.model}`, { client: 'claude-cli/2.1.0' })
  openai.setFault('status=503')
  await scene.call(`openai/${openai.model}`)
  for (let i = 0; i < 6; i += 1) await scene.call(`openai/${openai.model}`)
  openai.setFault(undefined)
  const at = await visit(browser, scene.gateway)
  await at.go('/')
  const card = (name: string) => at.page.getByRole('article').filter({ has: at.page.getByRole('heading', { name }) })
  await card('Kimi Code')
    .getByText(/^\d+ % left, resets in \d+ h/)
    .waitFor()
  await card('OpenAI').getByText('cools down').waitFor()
  await card('OpenAI')
    .getByText(/left alone for another|the next call to it decides/)
    .waitFor()
  await at.picture('now-cooling')
  await at.close()
})

test('texts from clients and providers stay text', async () => {
  const at = await visit(browser, scene.gateway)
  const id = await scene.call(MARKUP, { client: MARKUP })
  await at.go('/')
  const row = at.page.locator(`tr[data-call="${id}"]`)
  await row.getByText(MARKUP).first().waitFor()
  expect(await at.page.locator('main :is(img, script)').count()).toBe(0)
  expect(await at.page.title()).toBe('Now · Candor')
  expect(at.complaints).toEqual([])
  await at.close()
})

test('the list can be held, and goes on', async () => {
  const at = await visit(browser, scene.gateway)
  await at.go('/')
  await at.page.getByText('Live.').waitFor()
  await at.page.getByRole('button', { name: 'Hold the list' }).click()
  const held = await scene.call('held-model')
  await at.page.getByText('held: new ones are not shown').waitFor()
  expect(await at.page.locator(`tr[data-call="${held}"]`).count()).toBe(0)
  await at.page.getByRole('button', { name: 'Go on' }).click()
  await at.page.locator(`tr[data-call="${held}"]`).waitFor()
  await at.close()
})

test('the numbers behind a chart are a table', async () => {
  const at = await visit(browser, scene.gateway)
  await at.go('/')
  await at.page.getByText('Calls a minute, as a table').click()
  const table = at.page.getByRole('table', { name: 'Calls a minute' })
  expect(await table.locator('tbody tr').count()).toBe(60)
  await at.close()
})

test('what happened before the page was opened is told with its time, and after a restart what the ledger has of it', async () => {
  const own = await openScene()
  await own.call('coder')
  const { gateway } = own
  const good = await Bun.file(gateway.configFile).json()
  gateway.configure('{ broken')
  await gateway.said(/The configuration was not reloaded/)
  gateway.configure({ ...good, translate: {} })
  await gateway.said(/The configuration was reloaded/)
  const at = await visit(browser, gateway, { stranger: true })
  const remarks = at.page.getByRole('list', { name: 'What did not simply go well' })
  const line = (text: string | RegExp) => remarks.getByRole('listitem').filter({ hasText: text })
  await at.go('/')
  await line(/^\d\d:\d\d:\d\d\s*gateway\s*The configuration was not reloaded/).waitFor()
  await line('in place of moonshot/').waitFor()
  await at.page.getByText(/The charts begin at \d\d:\d\d:\d\d, when this gateway was started/).waitFor()
  await own.restart()
  await at.go('/')
  await line('in place of moonshot/').waitFor()
  expect(await line('The configuration was').count()).toBe(0)
  await at.close()
  await own.stop()
})

test('a gateway that is gone is told; when it is back, the page goes on by itself', async () => {
  const own = await openScene()
  const at = await visit(browser, own.gateway, { stranger: true })
  await at.go('/')
  await at.page.getByText('Live.').waitFor()
  const before = await own.call('before-the-restart')
  await at.page.locator(`tr[data-call="${before}"]`).waitFor()
  // Looked for from before the restart on: the page may be back by the time the gateway is.
  const lost = at.page.getByText('The connection was lost').waitFor()
  await own.restart()
  await lost
  await at.page.getByText('Live.').waitFor()
  const after = await own.call('after-the-restart')
  await at.page.locator(`tr[data-call="${after}"]`).waitFor()
  await at.page.locator(`tr[data-call="${before}"]`).waitFor()
  await at.close()
  await own.stop()
})

test.each([
  ['now-light', {}],
  ['now-dark', { dark: true }],
  ['now-narrow', { size: 'narrow' }],
  ['now-narrow-dark', { size: 'narrow', dark: true }],
] as const)('%s has no barriers and scrolls in one direction only', async (name, options) => {
  const at = await visit(browser, scene.gateway, options)
  await at.go('/')
  await at.page.getByText('Live.').waitFor()
  await at.page.locator('tr[data-call]').first().waitFor()
  await at.picture(name)
  expect(await barriers(at.page)).toEqual([])
  expect(await overflows(at.page)).toBe(false)
  expect(at.complaints).toEqual([])
  await at.close()
})
