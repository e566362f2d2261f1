import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import type { Sim } from '../../src/sim/start-sim.ts'
import { partsOf } from '../../web/src/parts/doctor/commands.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { entryOf, simulate } from '../e2e/providers.ts'
import { barriers, openBrowser, overflows, visit } from './harness.ts'
import { MARKUP } from './scene.ts'

let browser: Browser
let openai: Sim
let moonshot: Sim
let faulty: Gateway
let well: Gateway

beforeAll(async () => {
  ;[openai, moonshot, browser] = await Promise.all([simulate('openai'), simulate('moonshot'), openBrowser()])
  const hostile = {
    models: {
      providers: {
        openai: { ...entryOf(openai), models: [{ id: MARKUP }] },
        moonshot: entryOf(moonshot, 'sk-moonshot-sim-invalid'),
      },
      aliases: { [MARKUP]: 'no-such-model' },
    },
  }
  ;[faulty, well] = await Promise.all([
    startGateway({ config: hostile }),
    startGateway({ config: { models: { providers: { openai: entryOf(openai) } } } }),
  ])
  chmodSync(join(faulty.dataDir, 'ledger.sqlite'), 0o644)
})

afterAll(async () => {
  await browser.close()
  await Promise.all([faulty.stop(), well.stop()])
  await Promise.all([openai.stop(), moonshot.stop()])
})

describe('what is wrong', () => {
  test('stands by its severity, the worst first, with its place and what mends it', async () => {
    const at = await visit(browser, faulty)
    await at.go('/doctor')
    const { page } = at
    await page.getByRole('region', { name: 'Errors' }).waitFor()
    const titles = await page.locator('main h2, main summary').allInnerTexts()
    expect(titles.slice(0, 3)).toEqual(['Errors', 'Warnings', 'Worth knowing'])
    expect(await page.getByRole('status').first().innerText()).toMatch(
      /^Something wants mending\. 1 error, \d+ warnings?, /,
    )
    const errors = await page.getByRole('list', { name: 'Errors' }).innerText()
    expect(errors).toMatch(/names "no-such-model", which means nothing/)
    expect(errors).toMatch(/candor\.json5:\d+:\d+/)
    const mode = page.getByRole('listitem').filter({ hasText: 'its mode is 644' })
    expect(await mode.locator('.finding-command code').innerText()).toBe(
      `chmod 600 ${join(faulty.dataDir, 'ledger.sqlite')}`,
    )
    await at.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await mode.locator('.finding-command').getByRole('button', { name: 'Copy' }).click()
    await page.getByText('Copied', { exact: true }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toStartWith('chmod 600 /')
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('names from the configuration are text', async () => {
    const at = await visit(browser, faulty)
    await at.go('/doctor')
    await at.page.getByRole('region', { name: 'Errors' }).waitFor()
    expect(await at.page.locator('main').innerText()).toContain('<img src=x')
    expect(await at.page.locator('main img').count()).toBe(0)
    expect(await at.page.title()).not.toMatch(/^[12]$/)
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('that is mended is gone when one looks again', async () => {
    const at = await visit(browser, faulty)
    await at.go('/doctor')
    const told = at.page.getByText('its mode is 644')
    await told.waitFor()
    chmodSync(join(faulty.dataDir, 'ledger.sqlite'), 0o600)
    await at.page.getByRole('button', { name: 'Look again' }).click()
    await told.waitFor({ state: 'detached' })
    await at.close()
  })
})

describe('asking providers', () => {
  test('is asked about first, says what it costs, and asks nobody on a no', async () => {
    openai.clear()
    const at = await visit(browser, faulty)
    await at.go('/doctor')
    await at.page.getByRole('button', { name: 'Ask every provider' }).click()
    const question = at.page.getByRole('dialog')
    expect(await question.innerText()).toContain('This costs one short call for each key of 2 providers')
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'detached' })
    expect(openai.requests()).toEqual([])
    await at.close()
  })

  test('shows what each answered, as it comes', async () => {
    const at = await visit(browser, faulty)
    await at.go('/doctor')
    const { page } = at
    moonshot.setFault('delay=3000')
    await page.getByRole('button', { name: 'Ask every provider' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click()
    await page.getByText(/^Asking moonshot\//).waitFor()
    expect(await page.getByRole('button', { name: 'Ask every provider' }).isDisabled()).toBe(true)
    const row = (name: string) => page.locator('.askable li').filter({ hasText: name })
    await row('Moonshot AI').getByText('invalid_key', { exact: true }).waitFor()
    moonshot.setFault(undefined)
    expect(await page.getByRole('list', { name: 'Errors' }).innerText()).toMatch(/does not accept the key/)
    await page.getByRole('button', { name: 'Ask Kimi Platform (Moonshot AI)', disabled: false }).waitFor()
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('one by one keeps the answers of the others', async () => {
    openai.clear()
    moonshot.clear()
    const at = await visit(browser, faulty)
    await at.go('/doctor')
    const { page } = at
    await page.getByRole('button', { name: 'Ask Kimi Platform (Moonshot AI)' }).click()
    await moonshot.when(requests => requests.length > 0)
    const row = (name: string) => page.locator('.askable li').filter({ hasText: name })
    await row('Moonshot AI').getByText('invalid_key', { exact: true }).waitFor()
    expect(openai.requests()).toEqual([])
    expect(await row('OpenAI').innerText()).not.toContain('not asked since')
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('is not offered to a browser that may only look', async () => {
    const at = await visit(browser, faulty, { stranger: true })
    await at.go('/doctor')
    await at.page.getByRole('region', { name: 'Errors' }).waitFor()
    expect(await at.page.getByRole('button', { name: /^Ask/ }).count()).toBe(0)
    await at.close()
  })
})

test('where nothing is wrong it says so, and what was looked at', async () => {
  const at = await visit(browser, well)
  await at.go('/doctor')
  const { page } = at
  await page.getByText('All is well.').waitFor()
  await page.getByText(/^What was looked at: \d+ checks$/).click()
  expect(await page.locator('.checked-list').innerText()).toContain('room on the disk')
  expect(await page.getByRole('list', { name: 'In order' }).innerText()).toContain('with its guard rails set')
  expect(await barriers(page)).toEqual([])
  await at.picture('doctor-well-light-wide')
  expect(at.complaints).toEqual([])
  await at.close()
})

test.each([
  { look: 'light', size: 'wide' },
  { look: 'dark', size: 'narrow' },
] as const)('the view has no barriers and fits, $look and $size', async ({ look, size }) => {
  const at = await visit(browser, faulty, { dark: look === 'dark', size })
  await at.go('/doctor')
  await at.page.getByRole('region', { name: 'Errors' }).waitFor()
  expect(await barriers(at.page)).toEqual([])
  expect(await overflows(at.page)).toBe(false)
  await at.picture(`doctor-${look}-${size}`)
  expect(at.complaints).toEqual([])
  await at.close()
})

test.each([
  ['Run: chmod 600 /a b/ledger.sqlite', ['chmod 600 /a b/ledger.sqlite']],
  ['Put it there. Then check it: candor doctor moonshot.', ['candor doctor moonshot']],
  ['Stop it, or choose another: candor config set gateway.port 8788', ['candor config set gateway.port 8788']],
  ['See all: candor usage quota. A route can move on by itself.', ['candor usage quota']],
  ['Set candor up anew.', []],
])('the commands in "%s"', (advice, commands) => {
  const parts = partsOf(advice)
  expect(parts.map(({ text }) => text).join('')).toBe(advice)
  expect(parts.filter(({ isCommand }) => isCommand).map(({ text }) => text)).toEqual(commands)
})
