import { afterAll, describe, expect, test } from 'bun:test'
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { type EditorDesk, readMessage } from '../../src/cli/chat/editor.ts'
import { shortHistory } from '../../src/cli/chat/history.ts'
import { type Key, openKeyboard } from '../../src/cli/chat/keyboard.ts'
import { layOut } from '../../src/cli/chat/layout.ts'
import { bufferOf, EMPTY_BUFFER, edit, moveLine } from '../../src/cli/chat/line-buffer.ts'
import { widthOf } from '../../src/cli/terminal-text.ts'
import { fakeShell, keptOutput } from './fake-shell.ts'
import { homeFolder } from './home-folder.ts'
import { openScreen } from './screen.ts'

const home = homeFolder()
afterAll(home.remove)

const UP = '\x1b[A'
const DOWN = '\x1b[B'
const LEFT = '\x1b[D'
const ALT_ENTER = '\x1b\r'
const paste = (text: string) => `\x1b[200~${text}\x1b[201~`

/** An editor at a small terminal. */
function openEditor(entries: readonly string[] = []) {
  const input = new PassThrough()
  const screen = openScreen(40, 8)
  const kept = keptOutput(true, 40)
  const write = (text: string) => {
    screen.write(text)
    kept.write(text)
  }
  const stdout = { ...kept, rows: 8, write }
  const shell = { ...fakeShell({ home: home.path, env: { NO_COLOR: '1' }, input, tty: true }), stdout }
  const keyboard = openKeyboard(shell)
  const pastedIn = (text: string) => text.match(/@pasted\S*/g) ?? []
  const history = { entries: () => entries, pastedIn, add: async () => {} }
  const models = async () => ['kimi-coding/k3', 'kimi-coding/kimi-for-coding', 'openai/gpt-4.1']
  const sources = {
    commands: [{ name: 'model', takes: 'model' as const }, { name: 'models' }, { name: 'why' }],
    cwd: home.path,
    home: home.path,
    models,
  }
  const desk: EditorDesk = { shell, keyboard, history, sources }
  return { desk, input, screen, shell, keyboard }
}

describe('the line editor', () => {
  test.each<[string, string, string]>([
    ['a line', 'Hello\r', 'Hello'],
    ['characters of several bytes', 'é世👩‍👩‍👧\r', 'é世👩‍👩‍👧'],
    ['backspace over one of them', 'a👩‍👩‍👧\x7fb\r', 'ab'],
    ['the cursor moved back', `ac${LEFT}b\r`, 'abc'],
    ['the line start and end', 'b\x01a\x05c\r', 'abc'],
    ['a word cut and put back', 'one two\x17\x19 three\r', 'one two three'],
    ['the line cut before the cursor', 'gone\x15kept\r', 'kept'],
    ['the line cut behind it', `ab${LEFT}\x0b\r`, 'a'],
    ['words jumped over', 'one two\x1bb\x1bbzero \r', 'zero one two'],
    ['words jumped over with Ctrl and arrows', 'one two\x1b[1;5Dx\r', 'one xtwo'],
    ['delete', `ab${LEFT}\x1b[3~\r`, 'a'],
    ['a backslash at the end', 'one\\\rtwo\r', 'one\ntwo'],
    ['Alt-Enter', `one${ALT_ENTER}two\r`, 'one\ntwo'],
    ['Ctrl-J', 'one\ntwo\r', 'one\ntwo'],
    ['Shift-Enter of kitty', 'one\x1b[13;2utwo\r', 'one\ntwo'],
    ['a block', '"""one\rtwo"""\r', 'one\ntwo'],
    ['a block on lines of its own', '"""\rone\r\rtwo\r"""\r', 'one\n\ntwo'],
    ['quotes that are no block', 'say """x"""\r', 'say """x"""'],
    ['a paste of several lines', `see ${paste('one\rtwo\r\nthree')}\r`, 'see one\ntwo\nthree'],
    ['a paste with a block in it', `${paste('def f():\n  """doc"""\n')}\r`, 'def f():\n  """doc"""\n'],
    ['a paste with keys in it', `${paste('a\x03b\x1bc\td')}\r`, 'abc\td'],
    ['keys that mean nothing', 'a\x1b[20~\x1b[15~\x1b[2~b\r', 'ab'],
    ['what was asked before', `${UP}\r`, 'second'],
    ['what was asked before that', `${UP}${UP}\r`, 'first\nof two lines'],
    ['no more than there is', `${UP}${UP}${UP}${UP}${UP}\r`, 'first\nof two lines'],
    ['back to what was being written', `draft${UP}${DOWN}!\r`, 'draft!'],
    ['another line, before what was asked', `one${ALT_ENTER}two${UP}X${DOWN}Y\r`, 'oneX\ntwoY'],
    ['a command completed', '/mo\t\r', '/model'],
    ['a command completed wholly', '/w\t\r', '/why '],
    ['a model completed', '/model ki\t\r', '/model kimi-coding/k'],
    ['a search in what was asked', '\x12fst\r\r', 'first\nof two lines'],
    ['a search given up', 'kept\x12fst\x07\x1b[A\x04 more\r', 'kept more'],
  ])('takes %s', async (_name, typed, text) => {
    const { desk, input, screen } = openEditor(['first\nof two lines', 'second'])
    input.write(typed)
    const entered = await readMessage(desk)
    expect(typeof entered === 'string' ? entered : entered.text).toBe(text)
    expect(screen.unknown).toEqual([])
  })

  test.each<[string, string, Awaited<ReturnType<typeof readMessage>>]>([
    ['Ctrl-D at an empty prompt', '\x04', 'end'],
    ['Ctrl-C at an empty prompt', '\x03', 'interrupted'],
    ['Ctrl-C elsewhere: nothing is sent', 'abc\x03', { text: '', pasted: [] }],
  ])('ends at %s', async (_name, typed, entered) => {
    const { desk, input } = openEditor()
    input.write(typed)
    expect(await readMessage(desk)).toEqual(entered)
  })

  test('ends at the end of the input', async () => {
    const { desk, input } = openEditor()
    input.end()
    expect(await readMessage(desk)).toBe('end')
  })

  test('tells what was pasted from what was typed', async () => {
    const { desk, input } = openEditor()
    input.write(`read ${paste('@secret')} and @mine\r`)
    expect(await readMessage(desk)).toEqual({ text: 'read @secret and @mine', pasted: ['@secret'] })
  })

  test.each([
    ['Up', UP],
    ['Ctrl-R', '\x12\r'],
  ])('what was pasted is still that when it comes back by %s', async (_key, keys) => {
    const { desk, input } = openEditor(['read @pasted-path'])
    input.write(`${keys}\r`)
    expect(await readMessage(desk)).toEqual({ text: 'read @pasted-path', pasted: ['@pasted-path'] })
  })

  test('wraps what is longer than the terminal, and leaves it there', async () => {
    const { desk, input, screen } = openEditor()
    input.write(`${'x'.repeat(50)}${ALT_ENTER}last\r`)
    await readMessage(desk)
    expect(screen.lines()).toEqual([`> ${'x'.repeat(37)}`, `… ${'x'.repeat(13)}`, '… last'])
    expect(screen.cursor).toEqual({ row: 3, column: 0 })
  })

  test('lists what Tab could mean below the line, until the next key', async () => {
    const { desk, input, screen, shell } = openEditor()
    const reading = readMessage(desk)
    input.write('/model \t')
    await shell.stdout.until('gpt-4.1')
    expect(screen.view()[0]).toBe('> /model')
    input.write('\r')
    await reading
    expect(screen.lines()).toEqual(['> /model'])
  })

  test('takes the same from any split of the keys', async () => {
    const typed = `é世 one${ALT_ENTER}t${LEFT}w${paste('a\rb')}\x1b[1;5D\x17${UP}x\r`
    const bytes = Buffer.from(typed)
    const whole = openEditor()
    whole.input.write(bytes)
    const expected = await readMessage(whole.desk)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length })), async cuts => {
        const { desk, input } = openEditor()
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        for (const [i, end] of at.slice(1).entries()) input.write(bytes.subarray(at[i], end))
        expect(await readMessage(desk)).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })
})

describe('a keyboard', () => {
  test('hands keys to who watches, and keeps the others', async () => {
    const { input, keyboard } = openEditor()
    const seen: string[] = []
    const unwatch = keyboard.watch(({ name, ctrl }) => {
      seen.push(name)
      return ctrl
    })
    input.write('a\x03b')
    expect((await keyboard.next())?.text).toBe('a')
    expect((await keyboard.next())?.text).toBe('b')
    expect(seen).toEqual(['a', 'c', 'b'])
    unwatch()
    keyboard.end()
    expect(await keyboard.next()).toBeUndefined()
  })

  test('asks for marks around pastes, and gives the terminal back', () => {
    const shell = fakeShell({ env: {}, tty: true, input: new PassThrough() })
    openKeyboard(shell).close()
    expect(shell.stdout.text()).toBe('\x1b[?2004h\x1b[?2004l')
  })

  test('of a terminal without cursor movements reads lines', async () => {
    const input = new PassThrough()
    const shell = fakeShell({ env: { TERM: 'dumb' }, tty: true, input })
    const keyboard = openKeyboard(shell)
    input.write('Hello\n')
    const sources = { commands: [], cwd: '/', home: '/', models: async () => [] }
    expect(await readMessage({ shell, keyboard, history: shortHistory(), sources })).toEqual({
      text: 'Hello',
      pasted: [],
    })
    expect(shell.stdout.text()).toBe('> ')
  })
})

describe('a text being written', () => {
  const key = (name: string, more: Partial<Key> = {}): Key => ({ name, text: '', ctrl: false, alt: false, ...more })

  test('keeps its cursor inside, whatever is pressed', () => {
    const keys = fc.record({
      name: fc.constantFrom(
        'left',
        'right',
        'home',
        'end',
        'backspace',
        'delete',
        'newline',
        'a',
        'k',
        'u',
        'w',
        'y',
        'b',
        'f',
        'd',
      ),
      text: fc.constantFrom('', '', 'x', '世', '👩‍👩‍👧', ' '),
      ctrl: fc.boolean(),
      alt: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(keys), pressed => {
        let buffer = EMPTY_BUFFER
        for (const each of pressed) {
          buffer = edit(buffer, each)
          expect(buffer.cursor).toBeGreaterThanOrEqual(0)
          expect(buffer.cursor).toBeLessThanOrEqual(buffer.text.length)
          const { rows, cursor } = layOut(buffer, { first: '> ', more: '… ' }, 10, 5)
          for (const row of rows) expect(widthOf(row)).toBeLessThan(10)
          expect(rows.length).toBeGreaterThan(cursor.row)
          expect(rows.length).toBeLessThanOrEqual(5)
        }
      }),
    )
  })

  test.each([
    ['ab\ncd\nef', 5, -1, 2],
    ['ab\ncd\nef', 5, 1, 8],
    ['long line\nx', 11, -1, 1],
    ['x\nlong line', 0, 1, 2],
    ['世世\nabcd', 6, -1, 2],
  ] as const)('of %j with the cursor at %d moves by %d to %d', (text, cursor, by, to) => {
    expect(moveLine({ text, cursor, cut: '' }, by)?.cursor).toBe(to)
  })

  test('has no line above the first and below the last', () => {
    expect(moveLine(bufferOf('one'), -1)).toBeUndefined()
    expect(moveLine(bufferOf('one'), 1)).toBeUndefined()
    expect(edit(bufferOf('one'), key('f7')).text).toBe('one')
  })
})
