import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { bodiesFolder } from '../../src/ledger/body-files.ts'
import { type KeptSetting, keptSetting, type Ran } from './kept-setting.ts'

let setting: KeptSetting
beforeAll(async () => {
  setting = await keptSetting()
})
afterAll(() => setting.close())

/** What `candor serve` says until it listens. */
async function startUp(bodies: object, words: readonly string[] = [], tty = false): Promise<Ran> {
  setting.configure(bodies)
  const shell = setting.shell({ tty, columns: 200 })
  const running = runCli(['serve', ...words], VERBS, shell)
  await shell.stderr.until('providers')
  shell.signal('SIGTERM')
  return { exit: await running, out: shell.stdout.text(), err: shell.stderr.text() }
}

describe('candor serve', () => {
  test.each([
    [7, '7 days', true],
    [1, '1 day', true],
    [7, '7 days', false],
  ])('says that bodies are kept for %d days: %s, on a terminal %p', async (keepDays, time, tty) => {
    const { exit, err } = await startUp({ keepDays }, [], tty)
    const words = `kept for ${time} in ${bodiesFolder(setting.home.dataDir)}: what is asked and what is answered`
    expect(exit).toBe(0)
    expect(err).toContain(tty ? `\n  bodies            ${words}\n` : `"level":"warn","message":"Bodies are ${words}."`)
  })

  test('says nothing of bodies where none are kept', async () => {
    const { err } = await startUp({})
    expect(err).toContain('"bodies":{"keepDays":0}')
    expect(err).not.toContain('Bodies are')
  })

  test.each([0, 7])('--json tells it to a program: %d days', async keepDays => {
    expect(JSON.parse((await startUp({ keepDays }, ['--json'])).out)).toMatchObject({ bodies: { keepDays } })
  })
})
