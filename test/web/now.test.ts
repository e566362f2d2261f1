import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
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
  const ids = [
    await scene.call(`openai/${scene.openai.model}`, { stream: true }),
    await scene.call(`kimi-coding/${scene.kimi.model}`, { stream: true, client: 'claude-cli/2.1.0 (external, cli)' }),
    await scene.call('coder'),
    await scene.call('no-such-model'),
    await scene.call(MARKUP, { client: MARKUP }),
  ]
  for (const id of ids) await at.page.locator(`tr[data-call="${id}"]`).waitFor()
  await at.picture('now')
  console.log(await at.page.locator('main').innerText())
  expect(at.complaints).toEqual([])
  await at.close()
})

test.each([
  ['now-dark', { dark: true }],
  ['now-narrow', { size: 'narrow' }],
  ['now-narrow-dark', { size: 'narrow', dark: true }],
] as const)('%s', async (name, options) => {
  const at = await visit(browser, scene.gateway, options)
  await at.go('/')
  await at.page.getByText('Live.').waitFor()
  await at.picture(name)
  expect(await barriers(at.page)).toEqual([])
  expect(await overflows(at.page)).toBe(false)
  await at.close()
})
