import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { barriers, openBrowser, overflows, until, type Visit, visit } from './harness.ts'
import { MARKUP } from './scene.ts'
import { type SeededGateway, someCalls, startSeeded } from './seed.ts'

/** Three pages and a half; a tenth failed, a twentieth fell back. */
const CALLS = 180

const seeded = someCalls(CALLS)
let browser: Browser
let scene: SeededGateway

beforeAll(async () => {
  scene = await startSeeded(seeded)
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await scene.stop()
})

const rows = (page: Page) => page.locator('tr[data-call]')
const rowOf = (page: Page, id: string) => page.locator(`tr[data-call="${id}"]`)
/** Waits until the list has that many rows, and no more. */
async function untilRows(page: Page, calls: number): Promise<void> {
  await rows(page)
    .nth(calls - 1)
    .waitFor()
  await rows(page).nth(calls).waitFor({ state: 'detached' })
}
const searchOf = (page: Page) => new URL(page.url()).searchParams

/** The list at an address, with its rows there. */
async function listAt(path: string, options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
  const at = await visit(browser, scene.gateway, options)
  await at.go(path)
  await rows(at.page).first().waitFor()
  return at
}

describe('the list', () => {
  test('has the newest calls, goes on to older ones, and back', async () => {
    const at = await listAt('/calls')
    expect(await rows(at.page).count()).toBe(50)
    const newest = seeded.at(-1)?.id
    expect(await rows(at.page).first().getAttribute('data-call')).toBe(newest ?? '')
    await at.page.getByRole('link', { name: 'Older calls' }).click()
    await rowOf(at.page, seeded.at(-51)?.id ?? '').waitFor()
    expect(searchOf(at.page).get('before')).toBe(seeded.at(-50)?.id ?? '')
    await at.page.goBack()
    await rowOf(at.page, newest ?? '').waitFor()
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('filters stand in the address, can be taken away, and the back button works', async () => {
    const at = await listAt('/calls')
    await at.page.getByLabel('Ending').selectOption('failed')
    await at.page.getByText('18 calls.').waitFor()
    await untilRows(at.page, 18)
    await at.page.getByText('More filters').click()
    await at.page.getByLabel('Client').fill('nobody')
    await at.page.keyboard.press('Enter')
    await at.page.getByText('No call fits these filters.').waitFor()
    expect([...searchOf(at.page)]).toEqual([
      ['ending', 'failed'],
      ['client', 'nobody'],
    ])
    await at.page.goBack()
    await untilRows(at.page, 18)
    await at.page.getByRole('button', { name: 'Ending: failed' }).click()
    await untilRows(at.page, 50)
    expect(searchOf(at.page).size).toBe(0)
    expect(at.complaints).toEqual([])
    await at.close()
  })

  const ASKED: readonly (readonly [string, number])[] = [
    ['problem=rate_limited', 18],
    ['fallback=true', 9],
    ['served=openai/gpt-9&billing=metered', 9],
    ['model=coder&route=coder&provider=openai', 9],
    ['client=claude-cli&ending=complete', 50],
    ['keyName=nobody', 0],
  ]
  test.each([...ASKED])('a link with %s shows what fits', async (query, calls) => {
    const at = await visit(browser, scene.gateway)
    await at.go(`/calls?${query}`)
    if (calls === 0) await at.page.getByText('No call fits these filters.').waitFor()
    else await rows(at.page).first().waitFor()
    expect(await rows(at.page).count()).toBe(calls)
    await at.close()
  })

  test('a filter that cannot be is refused in words', async () => {
    const at = await visit(browser, scene.gateway)
    await at.go('/calls?ending=happy')
    await at.page.getByText('ending=happy is no ending.').first().waitFor()
    await at.close()
  })
})

describe('the histogram', () => {
  test('a stretch that is dragged over becomes the time asked for', async () => {
    const at = await listAt('/calls')
    await at.page.getByText(`${CALLS} calls.`).waitFor()
    const box = await at.page.locator('.histogram-plot').boundingBox()
    if (box === null) throw new Error('there is no histogram')
    await at.page.mouse.move(box.x + box.width * 0.25, box.y + 40)
    await at.page.mouse.down()
    await at.page.mouse.move(box.x + box.width * 0.5, box.y + 40, { steps: 4 })
    await at.page.mouse.up()
    await at.page.getByRole('button', { name: /^From:/ }).waitFor()
    const { since, until } = Object.fromEntries(searchOf(at.page))
    const fitting = seeded.filter(each => each.at >= Date.parse(since ?? '') && each.at < Date.parse(until ?? ''))
    expect(fitting.length).toBeGreaterThan(20)
    expect(fitting.length).toBeLessThan(80)
    await at.page.getByText(`${fitting.length} calls.`).waitFor()
    expect(at.complaints).toEqual([])
    await at.close()
  })

  test('the keyboard chooses too, and hears what it chose', async () => {
    const at = await listAt('/calls')
    await at.page.getByText(`${CALLS} calls.`).waitFor()
    await at.page.locator('.histogram-plot').focus()
    await at.page.keyboard.press('End')
    await at.page.keyboard.press('Shift+ArrowLeft')
    await at.page.keyboard.press('Shift+ArrowLeft')
    await at.page
      .locator('.histogram figcaption')
      .getByText(/ to .*: .*\./)
      .waitFor()
    await at.page.keyboard.press('Enter')
    await at.page.getByRole('button', { name: /^Until:/ }).waitFor()
    expect(searchOf(at.page).get('since')).not.toBe(null)
    await at.close()
  })
})

test('the keyboard finds the filters, goes through the list, opens a call and comes back', async () => {
  const at = await listAt('/calls?ending=failed')
  await at.page.keyboard.press('/')
  expect(await at.page.evaluate('document.activeElement.tagName')).toBe('INPUT')
  await at.page.keyboard.press('Escape')
  await at.page.keyboard.press('j')
  await at.page.keyboard.press('j')
  await at.page.keyboard.press('ArrowDown')
  await at.page.keyboard.press('k')
  const second = await rows(at.page).nth(1).getAttribute('data-call')
  await at.page.keyboard.press('Enter')
  await at.page.getByRole('heading', { name: 'What happened' }).waitFor()
  expect(new URL(at.page.url()).pathname).toBe(`/calls/${second}`)
  await at.page.keyboard.press('Escape')
  await until(at.page, `document.activeElement.closest('tr')?.dataset.call === '${second}'`)
  expect(at.page.url()).toEndWith('/calls?ending=failed')
  expect(at.complaints).toEqual([])
  await at.close()
})

test.each(['Escape', 'Back'] as const)('%s comes back to the row that was opened', async way => {
  const at = await listAt('/calls?billing=plan')
  for (let i = 0; i < 30; i += 1) await at.page.keyboard.press('j')
  const opened = await rows(at.page).nth(29).getAttribute('data-call')
  await at.page.keyboard.press('Enter')
  await at.page.getByRole('heading', { name: 'What happened' }).waitFor()
  if (way === 'Back') await at.page.goBack()
  else await at.page.keyboard.press('Escape')
  const focused = 'document.activeElement.closest("tr")'
  await until(at.page, `${focused}?.dataset.call === '${opened}'`)
  expect(await at.page.evaluate('scrollY')).toBeGreaterThan(300)
  const box = await rowOf(at.page, opened ?? '').boundingBox()
  expect(box?.y).toBeWithin(0, 850)
  await at.page.keyboard.press('j')
  expect(await at.page.evaluate(`${focused}.dataset.call`)).toBe(
    (await rows(at.page).nth(30).getAttribute('data-call')) ?? '',
  )
  expect(at.complaints).toEqual([])
  await at.close()
})

test('new calls come by themselves, but for a list that is held', async () => {
  const at = await listAt('/calls')
  await at.page.getByText('Live.').waitFor()
  const model = `openai/${scene.openai.model}`
  await rowOf(at.page, await scene.call(model)).waitFor()
  await at.page.getByRole('button', { name: 'Hold the list' }).click()
  const held = await scene.call(model)
  await at.page.getByText('Held. 1 call began since.').waitFor()
  expect(await rowOf(at.page, held).count()).toBe(0)
  await at.page.getByRole('button', { name: 'Go on' }).click()
  await rowOf(at.page, held).waitFor()
  expect(at.complaints).toEqual([])
  await at.close()
})

test('what clients wrote is text', async () => {
  const id = await scene.call(MARKUP, MARKUP)
  const at = await listAt('/calls')
  await rowOf(at.page, id).waitFor()
  expect(await rowOf(at.page, id).innerText()).toContain('<img src=x')
  await at.go(`/calls?${new URLSearchParams({ model: MARKUP })}`)
  await rowOf(at.page, id).waitFor()
  expect(await at.page.title()).toBe('Calls · Candor')
  expect(at.complaints).toEqual([])
  await at.close()
})

test.each([
  ['calls', {}],
  ['calls-dark', { dark: true }],
  ['calls-narrow', { size: 'narrow' }],
  ['calls-narrow-dark', { size: 'narrow', dark: true }],
] as const)('%s can be read by everybody, and fits', async (name, options) => {
  const at = await listAt('/calls?ending=failed&billing=plan', options)
  await at.page.getByText('18 calls.').waitFor()
  await at.go('/calls')
  await rows(at.page).first().waitFor()
  await at.page.locator('.histogram svg').waitFor()
  await at.picture(name)
  expect(await barriers(at.page)).toEqual([])
  expect(await overflows(at.page)).toBe(false)
  await at.close()
})
