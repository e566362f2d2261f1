import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { entryOf, refOf, simulate } from '../e2e/providers.ts'
import { barriers, openBrowser, overflows, type Visit, visit } from './harness.ts'

const HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script>'

/** A picture of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const TOOLS = JSON.stringify([
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
])

let browser: Browser
let openai: Sim
let moonshot: Sim
let google: Sim
let anthropic: Sim
let gateway: Gateway
let at: Visit
let page: Page

beforeAll(async () => {
  openai = await simulate('openai')
  moonshot = await simulate('moonshot')
  google = await simulate('google')
  anthropic = await simulate('anthropic')
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          openai: entryOf(openai),
          moonshot: entryOf(moonshot),
          google: entryOf(google),
          anthropic: entryOf(anthropic, 'sk-ant-sim-invalid'),
        },
      },
      routes: { coder: { targets: [refOf(google), refOf(moonshot)], fallbackOn: ['overloaded'] } },
    },
  })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await gateway.stop()
  await Promise.all([openai, moonshot, google, anthropic].map(sim => sim.stop()))
})

beforeEach(async () => {
  openai.setFault(undefined)
  at = await visit(browser, gateway)
  page = at.page
})

afterEach(() => at.close())

const seat = (name = 'Model') => page.getByRole('region', { name, exact: true })
const receipt = (of = seat()) => of.getByRole('region', { name: 'Receipt' }).last()
const complaints = () => at.complaints.filter(line => !line.includes('Failed to load resource'))

async function open(model: string, beside?: string): Promise<void> {
  const query = new URLSearchParams({ model, ...(beside === undefined ? {} : { beside }) })
  await at.go(`/playground?${query}`)
}

async function say(text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.keyboard.press('Enter')
}

async function settings(name: string, text: string): Promise<void> {
  const field = page.getByLabel(name, { exact: true })
  if (!(await field.isVisible())) await page.getByText('Settings: system prompt').click()
  await field.fill(text)
}

/** The last request a provider received. */
const sent = (sim: Sim) => JSON.parse(sim.requests().at(-1)?.body ?? '{}')

describe('talking to a model', () => {
  test('streams its answer, with the receipt beside it', async () => {
    await open(refOf(openai))
    await settings('System prompt', 'Be brief.')
    await settings('Temperature', '0.5')
    await settings('Most output tokens', '500')
    await say('Hello there')
    await receipt().locator('dl').waitFor()
    expect(await seat().locator('.markdown').innerText()).toContain('Hello there')
    const told = await receipt().innerText()
    expect(told).toContain(refOf(openai))
    expect(told).toContain('metered: paid by use')
    expect(told).toMatch(/\d+ in, \d+ out/)
    expect(told).toMatch(/First byte\s+after \d/)
    expect(await receipt().getByRole('link', { name: 'The whole story' }).getAttribute('href')).toMatch(
      /^\/calls\/req_/,
    )
    expect(sent(openai)).toMatchObject({
      temperature: 0.5,
      messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }],
    })
    await say('And again')
    await page.locator('.turn').nth(1).locator('dl').waitFor()
    const receipts = page.getByRole('region', { name: /^Receipt of turn/ })
    expect(await receipts.evaluateAll(all => all.map(each => each.ariaLabel))).toEqual([
      'Receipt of turn 1, model',
      'Receipt of turn 2, model',
    ])
    expect(sent(openai).messages.map(({ role }: { role: string }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ])
    expect(at.complaints).toEqual([])
  })

  test('shows the answer while it comes; stopping it leaves the provider, and the receipt says so', async () => {
    await open(refOf(openai))
    await say('[[long 5000]] [[pace 20]]')
    await seat().locator('.markdown').waitFor()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    expect(await page.evaluate('document.activeElement.id')).toBe('message')
    await receipt().locator('dl').waitFor()
    expect(await receipt().innerText()).toContain('abandoned')
    expect(await seat().innerText()).toContain('Stopped.')
    await openai.when(requests => requests.at(-1)?.aborted === true)
    const id = (await receipt().getByRole('link').getAttribute('href'))?.replace('/calls/', '') ?? ''
    expect((await gateway.receipt(id)).ending).toBe('abandoned')
    expect(at.complaints).toEqual([])
  })

  test('leaving the view stops it too', async () => {
    await open(refOf(openai))
    await say('[[long 5000]] [[pace 20]]')
    await seat().locator('.markdown').waitFor()
    const [running] = await gateway.receipts(1)
    expect(running?.ending).toBe('in-flight')
    await page.getByRole('link', { name: 'Keys', exact: true }).click()
    const ended = await gateway.receiptThat(({ id, ending }) => id === running?.id && ending !== 'in-flight')
    expect(ended.ending).toBe('abandoned')
  })

  test('shows reasoning apart from the answer', async () => {
    await open(refOf(moonshot))
    await say('[[think]] Why?')
    await receipt().locator('dl').waitFor()
    await seat().getByText('Reasoning', { exact: true }).click()
    expect(await seat().locator('.reasoning p').innerText()).not.toBe('')
    expect(await seat().locator('.markdown').innerText()).not.toContain(
      await seat().locator('.reasoning p').innerText(),
    )
  })

  test('shows calls of tools with their arguments, and sends back what they gave', async () => {
    await open(refOf(openai))
    await settings('Tools', TOOLS)
    await say('[[call weather {"city": "Graz"}]]')
    await receipt().locator('dl').waitFor()
    expect(await seat().locator('.tool-call').innerText()).toMatch(/Wants to call weather[\s\S]+city\s+Graz/)
    await seat()
      .getByLabel(/^Result of weather/)
      .fill('sunny')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.locator('.turn').nth(1).locator('dl').waitFor()
    expect(sent(openai).messages.slice(-2)).toMatchObject([
      { role: 'assistant', tool_calls: [{ function: { name: 'weather' } }] },
      { role: 'tool', content: 'sunny' },
    ])
    expect(await page.locator('.turn').nth(1).innerText()).toContain('sunny')
  })

  test('shows pictures the model draws, and no other', async () => {
    await open(refOf(openai))
    const pixel = `data:image/png;base64,${PIXEL}`
    const images = [pixel, 'https://example.com/tracker.png', ...Array<string>(20).fill(pixel)]
    const chunk = {
      choices: [
        { delta: { images: images.map(url => ({ type: 'image_url', image_url: { url } })) }, finish_reason: 'stop' },
      ],
    }
    await page.route('**/v1/chat/completions', route =>
      route.fulfill({ contentType: 'text/event-stream', body: `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n` }),
    )
    await say('Draw')
    const drawn = seat().getByRole('img', { name: 'Picture 1 the model drew' })
    await drawn.waitFor()
    expect(await page.evaluate('document.querySelector("img.drawn").naturalWidth')).toBe(1)
    await seat().getByText('Picture 2 the model drew is not shown').waitFor()
    // So many at most, of which one is not shown.
    expect(await seat().locator('img').count()).toBe(15)
    await page.unroute('**/v1/chat/completions')
    await say(`Echo ![a dot](data:image/png;base64,${PIXEL})`)
    await seat().getByRole('img', { name: 'a dot' }).waitFor()
    expect(at.complaints).toEqual([])
  })

  test('sends pictures along, and refuses what is none', async () => {
    await open(refOf(openai))
    const file = page.getByLabel('Pictures')
    await file.setInputFiles({ name: `${HOSTILE}.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') })
    await page.getByText('is no PNG').waitFor()
    await file.setInputFiles({ name: 'pixel.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL, 'base64') })
    await page.getByRole('img', { name: 'pixel.png' }).waitFor()
    await say('What is this?')
    await receipt().locator('dl').waitFor()
    expect(sent(openai).messages.at(-1).content[1].image_url.url).toBe(`data:image/png;base64,${PIXEL}`)
    expect(at.complaints).toEqual([])
  })
})

describe('two models side by side', () => {
  test('are asked the same, each with its own receipt', async () => {
    await open(refOf(openai))
    await page.getByRole('button', { name: 'Another model beside it' }).click()
    await page.getByLabel('Second model or route', { exact: true }).fill(refOf(moonshot))
    expect(await page.evaluate('new URL(location.href).searchParams.get("beside")')).toBe(refOf(moonshot))
    await say('Compare')
    await receipt(seat('First model')).locator('dl').waitFor()
    await receipt(seat('Second model')).locator('dl').waitFor()
    expect(await receipt(seat('First model')).innerText()).toContain(refOf(openai))
    expect(await receipt(seat('Second model')).innerText()).toContain(refOf(moonshot))
    expect(await barriers(page)).toEqual([])
    await at.picture('playground-beside-light-wide')
    expect(at.complaints).toEqual([])
  })
})

describe('what goes wrong', () => {
  test('is told in words, with what the provider said and how to mend it', async () => {
    await open(refOf(anthropic))
    await say('Hello')
    await seat().getByRole('alert').waitFor()
    const told = await seat().getByRole('alert').innerText()
    expect(told).toContain('invalid x-api-key')
    expect(await seat().getByRole('alert').getByRole('listitem').count()).toBeGreaterThan(0)
    await receipt().locator('dl').waitFor()
    expect(await barriers(page)).toEqual([])
    await at.picture('playground-failed-light-wide')
    expect(complaints()).toEqual([])
  })

  test('in a route: the fallback is told with its reason', async () => {
    google.setFault('status=503')
    await open('coder')
    await say('Hello')
    await receipt().locator('dl').waitFor()
    expect(await receipt().innerText()).toMatch(
      new RegExp(`Fallback\\s+in place of ${refOf(google)}: .+ \\(overloaded\\)`),
    )
    expect(await seat().getByRole('heading', { level: 3 }).last().innerText()).toBe(refOf(moonshot))
  })

  test('in the middle of a stream', async () => {
    openai.setFault('cut=600')
    await open(refOf(openai))
    await say('[[long 200]]')
    await seat().getByRole('alert').waitFor()
    expect(await seat().locator('.markdown').count()).toBe(1)
    await receipt().locator('dl').waitFor()
    expect(await receipt().innerText()).toContain('truncated')
  })

  test('with the settings: nothing is sent', async () => {
    openai.clear()
    await open(refOf(openai))
    await settings('Tools', '{')
    await say('Hello')
    await page.getByText('The tools are no JSON list.').waitFor()
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('Hello')
    expect(openai.requests()).toEqual([])
  })
})

test('what a model writes is text, and only its links to the web are links', async () => {
  await open(refOf(openai))
  await say(`${HOSTILE} **bold** [web](https://example.com/a) [bad](javascript:alert(3))`)
  await receipt().locator('dl').waitFor()
  const answer = seat().locator('.markdown')
  expect(await answer.innerText()).toContain('<img src=x')
  expect(await page.locator('main img, main script').count()).toBe(0)
  const links = answer.getByRole('link')
  expect(await links.count()).toBe(1)
  expect(await links.getAttribute('href')).toBe('https://example.com/a')
  expect(await links.getAttribute('rel')).toContain('noopener')
  expect(at.complaints).toEqual([])
})

test.each([
  { look: 'light', size: 'wide' },
  { look: 'dark', size: 'narrow' },
] as const)('the view has no barriers and fits, $look and $size', async ({ look, size }) => {
  await at.close()
  at = await visit(browser, gateway, { dark: look === 'dark', size })
  page = at.page
  await open(refOf(openai))
  await settings('Tools', TOOLS)
  await say('Write a list: **one** `two` and [[call weather {"city": "Graz"}]]')
  await receipt().locator('dl').waitFor()
  expect(await barriers(page)).toEqual([])
  expect(await overflows(page)).toBe(false)
  await at.picture(`playground-${look}-${size}`)
  expect(at.complaints).toEqual([])
})
