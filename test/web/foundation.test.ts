import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { configOf, simulate } from '../e2e/providers.ts'
import { barriers, openBrowser, overflows, signInLink, visit } from './harness.ts'

let browser: Browser
let sim: Sim
let gateway: Gateway

beforeAll(async () => {
  sim = await simulate('openai')
  gateway = await startGateway({ config: configOf([sim]) })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await gateway.stop()
  await sim.stop()
})

describe('signing in', () => {
  test('a link opens the dashboard, signed in, without a complaint of the browser', async () => {
    const at = await visit(browser, gateway)
    await at.page.locator('main h1').waitFor()
    expect(new URL(at.page.url()).pathname).toBe('/')
    expect(await at.page.title()).toBe('Now · Candor')
    expect(await at.page.getByRole('button', { name: 'Sign out' }).count()).toBe(1)
    const [cookie] = await at.context.cookies()
    expect(cookie).toMatchObject({ name: 'candor_session', httpOnly: true, sameSite: 'Strict', path: '/' })
    await at.page.getByRole('button', { name: 'Sign out' }).click()
    await at.page.getByRole('note').waitFor()
    expect(await at.page.getByRole('note').textContent()).toContain('candor dashboard')
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('a link works once', async () => {
    const link = await signInLink(gateway)
    const [first, second] = [
      await visit(browser, gateway, { stranger: true }),
      await visit(browser, gateway, { stranger: true }),
    ]
    await first.page.goto(link)
    await second.page.goto(link)
    await second.page.getByRole('note').waitFor()
    expect(await second.page.getByRole('note').textContent()).toContain('was used already')
    expect(await second.context.cookies()).toEqual([])
    await first.close()
    await second.close()
  })
})
