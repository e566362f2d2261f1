import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import type { Receipt } from '../../src/ledger/receipt.ts'
import { barriers, openBrowser, overflows, visit } from './harness.ts'
import { eventfulCall, hostileCall, hoursOld, type SeededGateway, startSeeded } from './seed.ts'

const eventful = eventfulCall()
const hostile = hostileCall()
const older = hoursOld(5, { requestedModel: `it's "quoted"`, clientProtocol: 'google-generative-ai' })
let browser: Browser
let scene: SeededGateway

beforeAll(async () => {
  scene = await startSeeded([older, eventful, hostile])
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await scene.stop()
})

const addressOf = ({ id }: Pick<Receipt, 'id'>) => `/calls/${id}`

test('a call is followed from the list to its waterfall', async () => {
  const at = await visit(browser, scene.gateway)
  await at.go('/calls')
  await at.page.locator(`tr[data-call="${eventful.id}"] td.time a`).click()
  await at.page.getByRole('heading', { name: 'When it happened' }).waitFor()
  const story = await at.page.locator('.story').innerText()
  expect(story).toContain('Asked for coder, a route, by curl/8.5.0 with the gateway key "ann"')
  expect(story).toContain('Asked kimi-coding/kimi-for-coding again after 1.0 s.')
  expect(story).toContain('Fell back to openai/gpt-9, because of overloaded.')
  expect(story).toContain('Served by openai/gpt-9')
  expect(await at.page.locator('.waterfall-row').count()).toBe(3)
  expect(await at.page.locator('.waterfall .phase-waited').count()).toBe(2)
  const times = await at.page
    .getByRole('table', { name: 'Attempts and their times' })
    .locator('tbody tr')
    .allInnerTexts()
  expect(times[1]?.split('\t')).toEqual([
    '2. kimi-coding/kimi-for-coding',
    'HTTP 529, overloaded',
    '1.4 s',
    '1.0 s',
    '390 ms',
    '10 ms',
    '1.8 s',
  ])
  expect(times[2]).toContain('HTTP 200')
  expect(at.complaints).toEqual([])
  await at.close()
})

test('it tells what was sent, lost, filled in, used, charged and warned of, and gives the receipt itself', async () => {
  const at = await visit(browser, scene.gateway)
  await at.go(addressOf(eventful))
  await at.page.getByRole('heading', { name: 'The receipt' }).waitFor()
  const said = await at.page.locator('main').innerText()
  for (const part of [
    'fell back from kimi-coding/kimi-for-coding',
    '$0.0042',
    '4.5 %',
    'Little is left',
    'admits listed clients only',
    'no such field (hint)',
    '8192: the protocol demands one',
    "the client's own, passed on as it came",
    'read from cache',
    '$0.0042 and 146 tokens',
    'The provider said: Overloaded, please retry',
  ])
    expect(said).toContain(part)
  await at.page.getByText('Headers sent').first().click()
  expect(await at.page.getByRole('table', { name: 'Headers of attempt 1' }).innerText()).toContain('x-api-key\t••••')
  await at.page.getByText('Show it as JSON').click()
  const kept = await at.page.locator('details pre').innerText()
  expect(JSON.parse(kept)).toEqual(JSON.parse(JSON.stringify(eventful)))
  await at.close()
})

test('the command to repeat it says where the body goes, and is safe to paste', async () => {
  const at = await visit(browser, scene.gateway)
  await at.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await at.go(addressOf(older))
  await at.page.getByRole('button', { name: 'Copy as curl' }).click()
  await at.page.getByText('Copied').waitFor()
  const copied = await at.page.evaluate('navigator.clipboard.readText()')
  expect(copied).toContain(`curl '${scene.gateway.url}/v1beta/models/it'\\''s%20%22quoted%22:generateContent'`)
  expect(copied).toContain('--data-binary @request.json')
  expect(await at.page.getByText("The request's body was not kept").count()).toBe(1)
  const playground = at.page.getByRole('link', { name: 'open the playground with this model' })
  expect(await playground.getAttribute('href')).toBe(`/playground?model=${encodeURIComponent(older.requestedModel)}`)
  await at.close()
})

test('the arrow keys go to the calls beside it, and Escape back to the list', async () => {
  const at = await visit(browser, scene.gateway)
  await at.go(addressOf(hostile))
  await at.page.locator('.story').waitFor()
  await at.page.keyboard.press('ArrowRight')
  await at.page.waitForURL(`**${addressOf(eventful)}`)
  await at.page.getByText('Fell back to openai/gpt-9').waitFor()
  await at.page.keyboard.press('ArrowRight')
  await at.page.waitForURL(`**${addressOf(older)}`)
  await at.page.getByText(older.id).first().waitFor()
  await at.page.keyboard.press('ArrowRight')
  await at.page.getByText('There is no older one.').waitFor()
  await at.page.keyboard.press('ArrowLeft')
  await at.page.waitForURL(`**${addressOf(eventful)}`)
  await at.page.keyboard.press('Escape')
  await at.page.locator(`tr[data-call="${hostile.id}"]`).waitFor()
  expect(at.complaints).toEqual([])
  await at.close()
})

test('a call that runs is told so, and how it ended once it has', async () => {
  scene.openai.setFault('delay=never')
  const leaving = new AbortController()
  const body = JSON.stringify({ model: `openai/${scene.openai.model}`, messages: [{ role: 'user', content: 'hello' }] })
  const headers = { 'content-type': 'application/json' }
  const answer = scene.gateway
    .fetch('/v1/chat/completions', { method: 'POST', headers, body, signal: leaving.signal })
    .catch(() => undefined)
  const running = await scene.gateway.receiptThat(({ ending }) => ending === 'in-flight')
  const at = await visit(browser, scene.gateway)
  await at.go(addressOf(running))
  await at.page.getByText('Still running').waitFor()
  leaving.abort()
  await answer
  await at.page.getByText('The client left').waitFor()
  expect(await at.page.getByText('Still running').count()).toBe(0)
  scene.openai.setFault(undefined)
  expect(at.complaints).toEqual([])
  await at.close()
})

test('what clients and providers wrote is text, wherever it stands', async () => {
  const at = await visit(browser, scene.gateway)
  await at.go(addressOf(hostile))
  await at.page.getByRole('heading', { name: 'The receipt' }).waitFor()
  for (const summary of await at.page.locator('main summary').all()) await summary.click()
  expect(await at.page.locator('main img, main script').count()).toBe(0)
  expect(await at.page.locator('main').innerText()).toContain('<img src=x onerror=')
  expect(await at.page.title()).toBe('One call · Candor')
  expect(await overflows(at.page)).toBe(false)
  expect(at.complaints).toEqual([])
  await at.close()
})

test('an id nobody has is told as such', async () => {
  const at = await visit(browser, scene.gateway)
  await at.go('/calls/req_nobody')
  await at.page.getByText('There is no receipt "req_nobody".').waitFor()
  await at.close()
})

test.each([
  ['call', {}],
  ['call-dark', { dark: true }],
  ['call-narrow', { size: 'narrow' }],
  ['call-narrow-dark', { size: 'narrow', dark: true }],
] as const)('%s can be read by everybody, and fits', async (name, options) => {
  const at = await visit(browser, scene.gateway, options)
  await at.go(addressOf(eventful))
  await at.page.getByRole('heading', { name: 'The receipt' }).waitFor()
  await at.picture(name)
  for (const summary of await at.page.locator('main summary').all()) await summary.click()
  expect(await barriers(at.page)).toEqual([])
  expect(await overflows(at.page)).toBe(false)
  await at.go(addressOf(hostile))
  await at.page.getByRole('heading', { name: 'The receipt' }).waitFor()
  await at.picture(`${name}-hostile`)
  expect(await overflows(at.page)).toBe(false)
  await at.close()
})
