import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { OWN_USER_AGENT } from '../../src/base/version.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { CLIENTS, type Client, chatClient, eventsIn, messagesClient, post, written } from '../e2e/clients.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { entryOf, headerOf, refOf, simulate } from '../e2e/providers.ts'
import { barriers, openBrowser, overflows, type Visit, visit } from './harness.ts'
import { MARKUP } from './scene.ts'

const CUT_AT = 65_536

/** What deletes in a terminal, and what turns the direction of writing: both may stand in JSON as they are. */
const UNSEEN = 'a\u007fb\u202ec'

let browser: Browser
let openai: Sim
let anthropic: Sim
let gateway: Gateway
let at: Visit
let page: Page

const config = (keepDays: number) => ({
  models: { providers: { openai: entryOf(openai), anthropic: entryOf(anthropic) } },
  bodies: { keepDays, bytesMax: CUT_AT },
})

beforeAll(async () => {
  openai = await simulate('openai')
  anthropic = await simulate('anthropic')
  gateway = await startGateway({ config: config(7) })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await gateway.stop()
  await Promise.all([openai.stop(), anthropic.stop()])
})

beforeEach(async () => {
  openai.setFault(undefined)
  openai.clear()
  at = await visit(browser, gateway)
  page = at.page
})

afterEach(() => at.close())

interface AskOptions {
  readonly stream?: boolean
  readonly of?: Gateway
  readonly model?: string
}

/** Makes a call to its end. */
async function ask(client: Client, text: string, { stream = false, of = gateway, model }: AskOptions = {}) {
  const asked = client.body(model ?? refOf(openai), text, stream ? { stream } : {})
  const response = await post(of, client, asked, { headers: { 'user-agent': 'asker/1.0' } })
  const told = await response.text()
  const id = response.headers.get('candor-request-id') ?? ''
  await of.receiptThat(receipt => receipt.id === id && receipt.ending !== 'in-flight')
  return { id, told, sent: written(client, asked).body }
}

const show = (id: string) => at.go(`/calls/${id}`)
const bodies = () => page.getByRole('region', { name: 'What was asked and answered' })
const again = () => page.getByRole('region', { name: 'Once more' })
const replayed = () => page.getByRole('region', { name: 'The answer of this time' })
const text = (name: string) => page.getByRole('region', { name, exact: true })
const openPane = (name: string) => bodies().locator('summary').filter({ hasText: name }).click()
const complaints = () => at.complaints.filter(line => !line.includes('Failed to load resource'))

/** The cells of the comparison: what, then, now. */
async function compared(): Promise<readonly (readonly string[])[]> {
  const rows = again().getByRole('table', { name: 'This call, and the one that made it again' }).locator('tbody tr')
  await rows.first().waitFor()
  return (await rows.allInnerTexts()).map(row => row.split('\t'))
}

async function copied(button: string): Promise<string> {
  await at.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate('navigator.clipboard.writeText("")')
  await page.getByRole('button', { name: button }).click()
  return String(await (await page.waitForFunction('navigator.clipboard.readText()')).jsonValue())
}

describe('what was asked and answered', () => {
  test('is shown as text, whatever it says, and can be copied as it was', async () => {
    const { id, sent, told } = await ask(chatClient, `${MARKUP} ${UNSEEN}`)
    await show(id)
    await bodies()
      .getByText(/^Kept until \d{4}-/)
      .waitFor()
    await openPane('The request')
    const request = await text('The request').innerText()
    expect(request).toContain(JSON.stringify(MARKUP).slice(1, -1))
    expect(request).toContain('a\\x7fb\\u202ec')
    expect(request).toStartWith(`{\n  "model": "${refOf(openai)}",\n  "messages": [\n    {`)
    await openPane('The reply')
    expect(JSON.parse((await text('The reply').innerText()).replace('\\x7f', ''))).toMatchObject({
      object: 'chat.completion',
    })
    expect(await bodies().innerText()).toContain('of application/json')
    expect(await copied('Copy the request')).toBe(sent)
    expect(await copied('Copy the reply')).toBe(told)
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await page.title()).toBe('One call · Candor')
    expect(await page.locator('main').innerText()).toContain('where bodies are kept, they are kept apart from it')
    expect(at.complaints).toEqual([])
  })

  test.each(CLIENTS.map(client => ({ client, protocol: client.protocol })))(
    'of a stream is put together, its events behind it: $protocol',
    async ({ client }) => {
      const { id, told } = await ask(client, `Say ${MARKUP}`, { stream: true })
      await show(id)
      await openPane('The reply')
      const said = client.streamText(eventsIn(told))
      expect(said).toContain(MARKUP)
      expect(await text('The reply, put together').innerText()).toBe(said)
      expect(await text('The reply, as it came').count()).toBe(0)
      await bodies().getByText('As it came, with every event').click()
      expect(await text('The reply, as it came').innerText()).toMatch(/^(?:event: .+\n)?data: ?\{/)
      expect(await copied('Copy the answer')).toBe(said)
      expect(await page.locator('main img, main script').count()).toBe(0)
      expect(at.complaints).toEqual([])
    },
  )

  test('is shown with its beginning where it is long, and whole when that is wanted', async () => {
    const long = `begin ${'lorem ipsum '.repeat(5_000)}end`
    const { id } = await ask(chatClient, long)
    await show(id)
    await openPane('The request')
    expect((await text('The request').innerText()).length).toBe(20_000)
    await bodies()
      .getByRole('button', { name: /^Show all 6\d,\d{3}$/ })
      .click()
    // Of what is not seen the browser lays nothing out, so there is no inner text of it.
    expect(await text('The request').textContent()).toContain(long)
    expect(await again().innerText()).not.toContain('does not carry')
    expect(at.complaints).toEqual([])
  })

  test('is masked where it looks like a key, and the command says why the request is not in it', async () => {
    const { id } = await ask(chatClient, 'My key is sk-thisIsNobodysKeyAtAll0123.')
    await show(id)
    await openPane('The request')
    await bodies().getByText('What looks like a key is masked here.').waitFor()
    expect(await text('The request').innerText()).toContain('My key is ••••')
    expect(await again().innerText()).toContain('what looks like a key in it is masked here')
    expect(await copied('Copy as curl')).toContain('--data-binary @request.json')
  })

  test('says how much of it is kept where it was too long, and that it cannot be made again', async () => {
    const { id, sent } = await ask(chatClient, 'x'.repeat(CUT_AT))
    await show(id)
    await openPane('The request')
    await bodies()
      .getByText(`Only the first 65,536 of ${sent.length.toLocaleString('en-US')} bytes were kept.`)
      .waitFor()
    expect(await again().innerText()).toMatch(/It cannot be made again from here\. .*bodies\.bytesMax/)
    expect(await again().innerText()).toContain('its end was not kept')
    expect(await again().getByRole('button', { name: 'Replay' }).count()).toBe(0)
  })
})

describe('the command for curl carries the request', () => {
  const HARMFUL = `it's "quoted" $(touch x) \`y\` \\ ${UNSEEN} !! \nCANDOR_BODY\n`

  test.each([
    { written: 'as one line', client: chatClient, form: (body: object) => JSON.stringify(body) },
    { written: 'with tabs', client: messagesClient, form: (body: object) => JSON.stringify(body, undefined, '\t') },
  ])('and can be pasted: $written', async ({ client, form }) => {
    const asked = client.body(refOf(openai), HARMFUL)
    const response = await post(gateway, client, form(asked))
    await response.text()
    const id = response.headers.get('candor-request-id') ?? ''
    await gateway.receiptThat(receipt => receipt.id === id && receipt.ending !== 'in-flight')
    await show(id)
    await again().getByText('The command carries the request as it was.').waitFor()
    const command = await copied('Copy as curl')
    const shell = Bun.spawn(['sh'], { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' })
    shell.stdin.write(`curl() { printf '%s\\n' "$@" >&2; cat; }\n${command}`)
    await shell.stdin.end()
    const [body, words] = await Promise.all([new Response(shell.stdout).text(), new Response(shell.stderr).text()])
    expect(JSON.parse(body)).toEqual(asked)
    expect(words).toContain(`${gateway.url}${client.path()}`)
    expect(command).not.toMatch(/[\u007f\u202e\t]/)
  })
})

describe('a call is made again', () => {
  test('over the same provider, and compared', async () => {
    const { id } = await ask(chatClient, `Once more ${MARKUP}`, { stream: true })
    await show(id)
    await again().getByText("goes out under Candor's own name, not that of asker/1.0").waitFor()
    await again().getByRole('button', { name: 'Replay' }).click()
    const rows = await compared()
    expect(await text('What was answered this time').innerText()).toContain(`Once more ${MARKUP}`)
    expect(rows.map(([name]) => name)).toEqual([
      'Answered by',
      'Outcome',
      'First byte',
      'In all',
      'Tokens in → out',
      'Cost',
    ])
    expect(rows[0]).toEqual(['Answered by', refOf(openai), refOf(openai)])
    expect(rows[1]).toEqual(['Outcome', 'complete, HTTP 200', 'complete, HTTP 200'])
    expect(rows[4]).toEqual(['Tokens in → out', 'not told', 'not told'])
    const [one, two] = openai.requests()
    expect([two?.body, headerOf(two, 'user-agent')]).toEqual([one?.body ?? '', OWN_USER_AGENT])
    const link = again().getByRole('link', { name: /^req_/ })
    const made = await link.innerText()
    await link.click()
    await page.waitForURL(`**/calls/${made}`)
    const back = page.locator('.story').getByRole('link', { name: id })
    await back.waitFor()
    expect(await page.locator('.story').innerText()).toContain(`It makes ${id} again.`)
    // Nothing of the call before is left here.
    expect(await replayed().count()).toBe(0)
    await back.click()
    await page.waitForURL(`**/calls/${id}`)
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(at.complaints).toEqual([])
  })

  test.each(CLIENTS.map(client => ({ client, protocol: client.protocol })))(
    'by another model, whole: $protocol',
    async ({ client }) => {
      const { id } = await ask(client, 'And you?')
      await show(id)
      await page.locator(`datalist option[value="${refOf(anthropic)}"]`).waitFor({ state: 'attached' })
      await again().getByLabel('With another model or route').fill(refOf(anthropic))
      await page.keyboard.press('Enter')
      const rows = await compared()
      expect(rows[0]).toEqual(['Answered by', refOf(openai), refOf(anthropic)])
      expect(rows[4]?.slice(1)).toEqual([expect.stringMatching(/^\d+ → \d+$/), expect.stringMatching(/^\d+ → \d+$/)])
      expect(await text('What was answered this time').innerText()).toContain('You said: "And you?"')
      expect(at.complaints).toEqual([])
    },
  )

  test('that has no text: the reply is shown', async () => {
    const body = JSON.stringify({ model: 'openai/text-embedding-3-small', input: 'hello' })
    const headers = { 'content-type': 'application/json' }
    const response = await gateway.fetch('/v1/embeddings', { method: 'POST', headers, body })
    const told = (await response.json()) as { readonly object: string }
    await show(response.headers.get('candor-request-id') ?? '')
    await again().getByRole('button', { name: 'Replay' }).click()
    await compared()
    expect(await text('The reply of this time').innerText()).toStartWith(`{\n  "object": "${told.object}",`)
    expect(at.complaints).toEqual([])
  })

  test('is seen while it comes, and can be stopped', async () => {
    await show(await leave('[[long 5000]] [[pace 20]]'))
    await again().getByRole('button', { name: 'Replay' }).click()
    await text('What was answered this time').getByText('word').waitFor()
    expect(await replayed().getByRole('status').innerText()).toBe('Answering …')
    await again().getByRole('button', { name: 'Stop' }).click()
    await replayed().getByText('Stopped.').waitFor()
    expect((await compared())[1]).toEqual(['Outcome', 'client left, HTTP 200', 'client left, HTTP 200'])
    await openai.when(requests => requests.at(-1)?.aborted === true)
    expect(await again().getByRole('button', { name: 'Replay' }).isEnabled()).toBe(true)
    expect(at.complaints).toEqual([])
  })

  test('no longer once the view is left', async () => {
    const slow = await leave('[[long 5000]] [[pace 20]]')
    await show(slow)
    await again().getByRole('button', { name: 'Replay' }).click()
    await text('What was answered this time').getByText('word').waitFor()
    await page.getByRole('link', { name: 'All calls' }).click()
    const ended = await gateway.receiptThat(({ replayOf, ending }) => replayOf === slow && ending !== 'in-flight')
    expect(ended.ending).toBe('abandoned')
  })

  test('in vain: why is told in words, with what helps', async () => {
    const { id } = await ask(chatClient, 'Fails', { stream: true })
    await show(id)
    openai.setFault('status=503')
    await again().getByRole('button', { name: 'Replay' }).click()
    await replayed().getByRole('alert').waitFor()
    expect(await replayed().getByRole('listitem').count()).toBeGreaterThan(0)
    const rows = await compared()
    expect(rows[0]).toEqual(['Answered by', refOf(openai), 'nobody'])
    expect(rows[1]?.[2]).toBe('overloaded, HTTP 503')
    expect(await barriers(page)).toEqual([])
    expect(complaints()).toEqual([])
  })
})

/** Makes a streamed call and leaves at its first byte; gives its id once it is over. */
async function leave(words: string): Promise<string> {
  const leaving = new AbortController()
  const body = chatClient.body(refOf(openai), words, { stream: true })
  const response = await post(gateway, chatClient, body, { signal: leaving.signal })
  await response.body?.getReader().read()
  leaving.abort()
  const id = response.headers.get('candor-request-id') ?? ''
  await gateway.receiptThat(receipt => receipt.id === id && receipt.ending === 'abandoned')
  return id
}

describe('who is no administrator', () => {
  test('is told so, and nothing is asked for', async () => {
    const { id } = await ask(chatClient, 'Who sees this?')
    const stranger = await visit(browser, gateway, { stranger: true })
    await stranger.go(`/calls/${id}`)
    await stranger.page.getByText('only an administrator sees it').waitFor()
    await stranger.page.getByText('Only an administrator can make the call again from here.').waitFor()
    expect(await stranger.page.getByRole('alert').count()).toBe(0)
    expect(stranger.complaints).toEqual([])
    await stranger.close()
  })

  test('any longer, likewise', async () => {
    const { id } = await ask(chatClient, 'Who sees this?')
    await page.route('**/candor/bodies/**', route => route.fulfill({ status: 401, json: { error: { message: 'no' } } }))
    await show(id)
    await bodies().getByText('only an administrator sees it').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(complaints()).toEqual([])
  })
})

test('of calls without bodies it is told why, and how they would be kept', async () => {
  const own = await startGateway({ config: config(0) })
  const keptFor = async (days: number) => {
    for (;;) {
      const status = (await (await own.fetch('/candor/status')).json()) as { bodies: { keepDays: number } }
      if (status.bodies.keepDays === days) return
    }
  }
  const visitor = await visit(browser, own)
  const section = visitor.page.getByRole('region', { name: 'What was asked and answered' })
  const never = await ask(chatClient, 'Not kept', { of: own })
  await visitor.go(`/calls/${never.id}`)
  await section.getByText('candor config set bodies.keepDays 7').waitFor()
  await visitor.page.getByText("The request's body was not kept").waitFor()
  expect(await visitor.page.getByRole('button', { name: 'Replay' }).count()).toBe(0)
  own.configure(config(7))
  await keptFor(7)
  await visitor.page.reload()
  await section.getByText('That of calls made from now on is kept for 7 days.').waitFor()
  const gone = await ask(chatClient, 'Kept for a while', { of: own })
  own.configure(config(0))
  await own.said(/Bodies are kept no longer/)
  await visitor.go(`/calls/${gone.id}`)
  await section.getByText('It was to be kept, and is not there.').waitFor()
  expect(await section.innerText()).toContain('candor config set bodies.keepDays 7')
  await visitor.page.getByText("The request's body is not there").waitFor()
  expect(await barriers(visitor.page)).toEqual([])
  await visitor.picture('call-bodies-gone')
  expect(visitor.complaints.filter(line => !line.includes('Failed to load resource'))).toEqual([])
  await visitor.close()
  await own.stop()
})

test.each([
  ['call-bodies', {}],
  ['call-bodies-dark', { dark: true }],
  ['call-bodies-narrow', { size: 'narrow' }],
  ['call-bodies-narrow-dark', { size: 'narrow', dark: true }],
] as const)('%s can be read by everybody, and fits', async (name, options) => {
  const { id } = await ask(messagesClient, `Say this: ${'x'.repeat(300)} sk-thisIsNobodysKeyAtAll0123`, {
    stream: true,
  })
  await at.close()
  at = await visit(browser, gateway, options)
  page = at.page
  await show(id)
  await openPane('The request')
  await openPane('The reply')
  await bodies().getByText('As it came, with every event').click()
  await again().getByLabel('With another model or route').fill(refOf(anthropic))
  await again().getByRole('button', { name: 'Replay' }).click()
  await compared()
  await at.picture(name)
  expect(await barriers(page)).toEqual([])
  expect(await overflows(page)).toBe(false)
  expect(at.complaints).toEqual([])
})
