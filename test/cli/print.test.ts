import { describe, expect, test } from 'bun:test'
import { indent, openPrinter, wantsColor } from '../../src/cli/print.ts'
import { type Column, layTable } from '../../src/cli/table.ts'
import { widthOf } from '../../src/cli/terminal-text.ts'
import { fakeShell, keptOutput } from './fake-shell.ts'

describe('colour', () => {
  const cases: readonly (readonly [Record<string, string>, boolean, boolean])[] = [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ CLICOLOR_FORCE: '1' }, false, true],
    [{ TERM: 'dumb' }, true, false],
    [{ CI: 'true' }, true, false],
    [{ CI: 'true', FORCE_COLOR: '1' }, true, true],
  ]
  test.each(cases)('%j on a terminal: %p gives %p', (env, isTTY, wanted) => {
    expect(wantsColor(env, keptOutput(isTTY))).toBe(wanted)
  })
})

const columns: readonly Column[] = [
  { title: 'NAME', flexible: true },
  { title: 'SIZE', right: true },
  { title: 'NOTE', wide: true },
]
const rows = [
  ['alpha', '5', 'first'],
  ['日本', '1,234', 'second'],
]
const plain = (_style: string, text: string) => text

describe('tables', () => {
  test('are aligned on a wide terminal', () => {
    expect(layTable(columns, rows, 120, plain)).toEqual([
      'NAME    SIZE  NOTE',
      'alpha      5  first',
      '日本   1,234  second',
    ])
  })

  test('lose columns on a narrow one', () => {
    expect(layTable(columns, rows, 99, plain)[0]).toBe('NAME    SIZE')
  })

  test('lose the last of the wide columns that cannot be had', () => {
    const two: readonly Column[] = [...columns, { title: 'MORE', wide: true }]
    const long = [['alpha', '5', 'x'.repeat(90), 'y'.repeat(90)]]
    expect([120, 220].map(width => layTable(two, long, width, plain)[0]?.split(/ +/))).toEqual([
      ['NAME', 'SIZE', 'NOTE'],
      ['NAME', 'SIZE', 'NOTE', 'MORE'],
    ])
  })

  test('are cut where it hurts least', () => {
    const both: readonly Column[] = [
      { title: 'A', flexible: true },
      { title: 'B', flexible: true },
    ]
    const [, line = ''] = layTable(both, [['short words', 'x'.repeat(100)]], 60, plain)
    expect(line).toStartWith('short words  xxx')
    expect(widthOf(line)).toBe(60)
  })

  test('are cut where they do not fit, and only where they may be', () => {
    const long = [['x'.repeat(300), '12', '']]
    const [, line = ''] = layTable(columns, long, 60, plain)
    expect(widthOf(line)).toBe(60)
    expect(line).toEndWith('…    12')
  })

  test('a document holds nothing that steers a terminal, and means the same', () => {
    const shell = fakeShell()
    const text = 'a\u001b[31m\u009b31m\u202egnp\u2028'
    openPrinter(shell, true).document({ text })
    expect(shell.stdout.text()).toBe('{"schemaVersion":1,"text":"a\\u001b[31m\\u009b31m\\u202egnp\\u2028"}\n')
    expect(JSON.parse(shell.stdout.text()).text).toBe(text)
  })

  test('are tab-separated without titles where no person looks', () => {
    const shell = fakeShell()
    openPrinter(shell, false).table(columns, [['a\tb\x1b', '1', 'c\nd']])
    expect(shell.stdout.text()).toBe('a b\\x1b\t1\tc d\n')
  })
})

describe('output', () => {
  test('a document is one line of JSON with its version', () => {
    const shell = fakeShell()
    openPrinter(shell, true).document({ a: 1 })
    expect(shell.stdout.text()).toBe('{"schemaVersion":1,"a":1}\n')
  })

  test('messages go to the standard error', () => {
    const shell = fakeShell()
    const print = openPrinter(shell, false)
    print.note('n')
    print.warn('w')
    print.error('e')
    expect([shell.stdout.text(), shell.stderr.text()]).toEqual(['', 'n\nwarning: w\nerror: e\n'])
  })

  test('a terminal gets colours', () => {
    const shell = fakeShell({ tty: true })
    expect(openPrinter(shell, false).paint('red', 'x')).toBe('\x1b[31mx\x1b[39m')
  })

  test('text is wrapped for a person only', () => {
    expect(indent('aa bb cc dd ee ff gg hh', '- ', keptOutput(true, 22))).toEqual(['- aa bb cc dd ee ff gg', '  hh'])
    expect(indent('aa bb cc dd ee ff gg hh', '- ', keptOutput(false, 22))).toEqual(['- aa bb cc dd ee ff gg hh'])
  })
})
