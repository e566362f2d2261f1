import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { commonStart, complete } from '../../src/cli/chat/completion.ts'
import { fuzzyFilter, fuzzyScore } from '../../src/cli/chat/fuzzy.ts'
import { looksSecret, openHistory } from '../../src/cli/chat/history.ts'
import { openKeyboard } from '../../src/cli/chat/keyboard.ts'
import { beginPicking, pick, pickerRows, pickKey } from '../../src/cli/chat/picker.ts'
import { widthOf } from '../../src/cli/terminal-text.ts'
import { fakeShell } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'
import { openScreen } from './screen.ts'

const home = homeFolder()
afterAll(home.remove)

const UP = '\x1b[A'
const DOWN = '\x1b[B'
const paste = (text: string) => `\x1b[200~${text}\x1b[201~`

/** A keyboard at a small terminal. */
function openDesk() {
  const input = new PassThrough()
  const screen = openScreen(40, 8)
  const stdout = { isTTY: true, columns: 40, rows: 8, write: (text: string) => screen.write(text) }
  const shell = { ...fakeShell({ home: home.path, env: { NO_COLOR: '1' }, input, tty: true }), stdout }
  return { desk: { shell, keyboard: openKeyboard(shell) }, input, screen }
}

describe('the history', () => {
  const file = () => join(home.path, `history-${Math.random().toString(36).slice(2)}`, 'chat-history')
  const failed = (why: string) => {
    throw new Error(why)
  }

  test('is kept for the next conversation, for its owner alone', async () => {
    const path = file()
    const first = await openHistory(path, failed)
    await first.add('one')
    await first.add('one')
    await first.add('two\nlines')
    expect((await openHistory(path, failed)).entries()).toEqual(['one', 'two\nlines'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('leaves out what is too long, and what looks like a secret, but for this conversation', async () => {
    const path = file()
    const history = await openHistory(path, failed)
    await history.add('my key is sk-kimi-0123456789abcdefghijklmnop')
    await history.add('x'.repeat(5_000))
    expect(existsSync(path)).toBe(false)
    expect(history.entries()).toHaveLength(2)
  })

  test('remembers which files were named in what was pasted', async () => {
    const path = file()
    const first = await openHistory(path, failed)
    await first.add('read @mine and @two\\ words', ['see @two\\ words', 'hunter2 @gone'])
    const text = 'read @mine and @two\\ words'
    expect(first.pastedIn(text)).toEqual(['@two\\ words'])
    const next = await openHistory(path, failed)
    expect(next.entries()).toEqual([text])
    expect(next.pastedIn(text)).toEqual(['@two\\ words'])
    expect(readFileSync(path, 'utf8')).not.toContain('hunter2')
  })

  test('is bounded', async () => {
    const path = file()
    const first = await openHistory(path, failed)
    await first.add('first')
    writeFileSync(path, Array.from({ length: 2_500 }, (_, at) => `"question ${at}"\n`).join(''), { flag: 'a' })
    expect((await openHistory(path, failed)).entries()).toHaveLength(1_000)
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(1_001)
  })

  test('that cannot be written is told once', async () => {
    const path = file()
    mkdirSync(path, { recursive: true })
    const told: string[] = []
    const history = await openHistory(path, why => told.push(why))
    await history.add('one')
    await history.add('two')
    expect(told).toHaveLength(1)
    expect(told[0]).toStartWith('The history is not kept: ')
    expect(history.entries()).toEqual(['one', 'two'])
  })

  test.each([
    ['my key is sk-kimi-0123456789abcdef', true],
    ['password: hunter2', true],
    ['export API_KEY=abc', true],
    ['the token is abc', true],
    ['-----BEGIN OPENSSH PRIVATE KEY-----', true],
    ['what is 0123456789abcdef0123456789abcdef01?', true],
    ['how many tokens does this have?', false],
    ['explain supercalifragilisticexpialidocious', false],
  ])('%j looks like a secret: %p', (text, secret) => {
    expect(looksSecret(text)).toBe(secret)
  })
})

describe('completion', () => {
  const folder = join(home.path, 'files')
  mkdirSync(join(folder, 'notes dir'), { recursive: true })
  for (const name of ['a one.md', 'a-two.md', '.hidden']) writeFileSync(join(folder, name), 'x')
  const sources = {
    cwd: folder,
    home: home.path,
    commands: [
      { name: 'model', takes: 'model' as const },
      { name: 'compare', takes: 'models' as const },
      { name: 'file', takes: 'file' as const },
    ],
    models: async () => ['a/x', 'a/y', 'b/z'],
  }

  test.each([
    ['/', ['/model', '/compare', '/file']],
    ['/model a', ['a/x', 'a/y']],
    ['/model a/x b', []],
    ['/compare a/x b', ['b/z']],
    ['/file ', ['a one.md', 'a-two.md', 'notes dir/']],
    ['/file .h', ['.hidden']],
    ['/file ~/files/a-', ['~/files/a-two.md']],
    ['see @a', ['a\\ one.md', 'a-two.md']],
    ['see @a\\ o', ['a\\ one.md']],
    ['see @no/such', []],
    ['me@a', []],
    ['plain', []],
  ])('of %j', async (text, candidates) => {
    expect((await complete(text, sources)).candidates).toEqual(candidates)
  })

  test('adds what all have in common', () => {
    expect(commonStart(['abc', 'abd', 'ab'])).toBe('ab')
    expect(commonStart([])).toBe('')
  })
})

describe('the picker', () => {
  const choices = ['kimi-coding/kimi-for-coding', 'kimi-coding/k3', 'moonshot/kimi-k2.7-code', 'openai/gpt-4.1'].map(
    name => ({ name, about: 'plan' }),
  )

  test.each([
    ['', 4, 'kimi-coding/kimi-for-coding'],
    ['k3', 1, 'kimi-coding/k3'],
    ['gpt', 1, 'openai/gpt-4.1'],
    ['mk27', 1, 'moonshot/kimi-k2.7-code'],
    ['KIMI k2', 1, 'moonshot/kimi-k2.7-code'],
    ['zzz', 0, undefined],
  ])('typed %j: %d fit, %p first', (typed, count, first) => {
    const fitting = fuzzyFilter(typed, choices, each => each.name)
    expect(fitting).toHaveLength(count)
    expect(fitting[0]?.name).toBe(first)
  })

  test('a whole word before letters that are scattered', () => {
    expect(fuzzyScore('code', 'my-code') ?? 0).toBeGreaterThan(fuzzyScore('code', 'c-o-d-e') ?? 0)
    expect(fuzzyScore('x', 'abc')).toBeUndefined()
  })

  test.each([
    ['\r', 'kimi-coding/k3'],
    [`${UP}\r`, 'kimi-coding/kimi-for-coding'],
    [`${DOWN}${DOWN}${DOWN}\r`, 'openai/gpt-4.1'],
    ['gpt\r', 'openai/gpt-4.1'],
    ['gptx\x7f\r', 'openai/gpt-4.1'],
    ['zzz\r\x15k2\r', 'moonshot/kimi-k2.7-code'],
    [paste('gpt'), undefined],
    ['\x03', undefined],
    ['gpt\x1b', undefined],
  ])('keys %j choose %p', async (keys, chosen) => {
    const { desk, input, screen } = openDesk()
    input.write(keys)
    if (chosen === undefined) input.end()
    expect(await pick('Model', choices, 'kimi-coding/k3', desk)).toBe(chosen)
    expect(screen.lines()).toEqual([''])
    expect(screen.unknown).toEqual([])
  })

  test('shows no more than fits, with the marked one among them', () => {
    const many = Array.from({ length: 50 }, (_, at) => ({
      name: `model-${at}-${'x'.repeat(at)}`,
      about: 'a\x1b[2Jb '.repeat(9),
    }))
    let state = beginPicking(many, 'model-30-'.padEnd(39, 'x'))
    for (const columns of [30, 80, 200]) {
      const rows = pickerRows(state, 'Model', columns, 10, false)
      expect(rows).toHaveLength(9)
      for (const row of rows) expect(widthOf(row)).toBeLessThan(columns)
      expect(rows.join('\n')).not.toContain('\x1b')
      expect(rows.find(row => row.startsWith('›'))).toContain('model-30-')
    }
    const next = pickKey(state, { name: 'pagedown', text: '', ctrl: false, alt: false }, many)
    if (next === 'left' || 'chosen' in next) throw new Error('the picker ended')
    state = next
    expect(state.marked).toBe(42)
  })
})
