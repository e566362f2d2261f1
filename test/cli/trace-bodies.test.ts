import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Gateway } from '../../src/app/gateway.ts'
import { indentJson } from '../../src/base/indent-json.ts'
import { bodiesFolder } from '../../src/ledger/body-files.ts'
import { chatClient } from '../e2e/clients.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { callOver, type KeptSetting, keptSetting, type Ran } from './kept-setting.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const KEY = 'sk-thisIsNobodysKeyAtAll0123'

let setting: KeptSetting
let gateway: Gateway | undefined
let whole = ''
let streamed = ''
/** Told by the gateway, and by the files once it has stopped. */
const told: { readonly where: string; readonly whole: Ran; readonly streamed: Ran; readonly json: Ran }[] = []

const trace = (...words: readonly string[]) => setting.run(['trace', ...words])

async function tellAll(where: string): Promise<void> {
  told.push({
    where,
    whole: await trace(whole, '--bodies'),
    streamed: await trace(streamed, '--bodies'),
    json: await trace(streamed, '--bodies', '--json'),
  })
}

beforeAll(async () => {
  setting = await keptSetting()
  gateway = await setting.gateway()
  whole = await callOver(gateway, chatClient, `Mind \u202ethis, and ${KEY}`)
  streamed = await callOver(gateway, chatClient, 'Streamed?', { stream: true })
  await tellAll('the gateway')
  await gateway.close()
  await tellAll('the files')
})
afterAll(() => setting.close())

describe('candor trace --bodies', () => {
  test('tells the same with and without a gateway', () => {
    const [first, second] = told
    expect(first?.whole.exit).toBe(0)
    expect({ ...second, where: '' }).toEqual({ ...first, where: '' })
  })

  test('JSON has a line for each member, what looks like a key is masked, and nothing steers the terminal', () => {
    const out = told[1]?.whole.out ?? ''
    expect(out).toContain('Request  application/json, ')
    expect(out).toContain('what looks like a key is masked\n{\n  "model": "openai/gpt-4.1",\n  "messages": [\n    {\n')
    expect(out).toContain('"content": "Mind \\u202ethis, and ••••"')
    expect(out).not.toContain(KEY)
    expect(out).not.toContain('\u202e')
    expect(out).toMatch(/Answer {2}application\/json.*\n\{\n {2}"id": /)
    expect(out).toContain(`Make the call again: candor replay ${whole}\n`)
  })

  test('a stream stands there as it came', () => {
    const out = told[1]?.streamed.out ?? ''
    expect(out).toContain('Answer  text/event-stream')
    expect(out).toContain('\ndata: {"id":')
    expect(out).toMatch(/\ndata: \[DONE\]\n\nKept until \d{4}-\d\d-\d\d .*, or until the room is needed\.\n/)
  })

  test('--json is one document with both', () => {
    const document = JSON.parse(told[1]?.json.out ?? '')
    expect(document).toMatchObject({
      schemaVersion: 1,
      receipt: { id: streamed, bodies: 'kept' },
      bodies: {
        id: streamed,
        request: { masked: false, cut: false },
        reply: { text: expect.stringContaining('[DONE]') },
      },
    })
  })

  test('without it the story says in one line that there is more', async () => {
    const { exit, out } = await trace(whole)
    expect(exit).toBe(0)
    expect(out).toContain(`bodies             kept: candor trace ${whole} --bodies shows them\n`)
    expect(out).not.toContain('Mind')
  })

  test('of one that is past its time says that it is kept no longer', async () => {
    const clock = manualClock(Date.now() + 30 * DAY_MS)
    const { exit, out } = await setting.run(['trace', whole, '--bodies'], { clock })
    expect([exit, out.includes('Kept no longer: the gateway removes it when it looks again.')]).toEqual([0, true])
  })

  test('of a damaged file says which', async () => {
    const other = await keptSetting()
    const running = await other.gateway()
    const id = await callOver(running, chatClient, 'Damaged?')
    await running.close()
    const folder = bodiesFolder(other.home.dataDir)
    const file = join(folder, readdirSync(folder)[0] ?? '', `${id}.zst`)
    writeFileSync(file, 'noise')
    const { exit, err } = await other.run(['trace', id, '--bodies'])
    await other.close()
    expect(exit).toBe(1)
    expect(err).toContain(`why: ${file} `)
  })
})

describe('where none are kept', () => {
  test.each([[true], [false]])('says why, and how to switch it on; a gateway runs: %p', async runs => {
    const other = await keptSetting()
    other.configure({})
    const running = await other.gateway()
    const id = await callOver(running, chatClient, 'Kept?')
    if (!runs) await running.close()
    const text = await other.run(['trace', id, '--bodies'])
    const json = await other.run(['trace', id, '--bodies', '--json'])
    if (runs) await running.close()
    await other.close()
    expect(text.exit).toBe(1)
    expect(text.out).toStartWith(`${id}, `)
    expect(text.err).toContain(`What the call "${id}" asked and was answered is not there.`)
    expect(text.err).toContain('why: They were not kept when the call was made, or have been removed since.\n')
    expect(text.err).toContain('candor config set bodies.keepDays 7\n')
    expect([json.exit, Object.keys(JSON.parse(json.out))]).toEqual([1, ['schemaVersion', 'error']])
  })
})

describe('JSON on lines of its own', () => {
  test.each([
    ['{}', '{}'],
    ['[ ]', '[]'],
    ['"a"', '"a"'],
    ['{"a":1,"a":12345678901234567890}', '{\n  "a": 1,\n  "a": 12345678901234567890\n}'],
    ['{"a":[{"b":"x,\\"}]"},[]]}', '{\n  "a": [\n    {\n      "b": "x,\\"}]"\n    },\n    []\n  ]\n}'],
    ['["a\\\\","b"]', '[\n  "a\\\\",\n  "b"\n]'],
    ['{"a":{"b":"cut he', '{\n  "a": {\n    "b": "cut he'],
    ['{"a":tru', '{\n  "a": tru'],
    ['}}]', '\n}\n}\n]'],
  ])('%p', (text, lines) => {
    expect(indentJson(text).trimStart()).toBe(lines.trimStart())
  })

  test.each(['x', '\\n', '\\"', '\\\\'])('a string of megabytes of %p stays whole', piece => {
    const text = `{"a":"${piece.repeat(1_000_000)}"}`
    expect(indentJson(text)).toBe(`{\n  "a": "${piece.repeat(1_000_000)}"\n}`)
  })
})
