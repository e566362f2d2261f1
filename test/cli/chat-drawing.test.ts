import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { standAlone, wrapRow } from '../../src/cli/chat/ansi-rows.ts'
import { terminalDrawing } from '../../src/cli/chat/drawing.ts'
import { openMarkdown } from '../../src/cli/chat/markdown-stream.ts'
import { openRegion } from '../../src/cli/chat/region.ts'
import { openPrinter } from '../../src/cli/print.ts'
import type { Output } from '../../src/cli/shell.ts'
import { widthOf } from '../../src/cli/terminal-text.ts'
import { fakeShell } from './fake-shell.ts'
import { openScreen, type Screen } from './screen.ts'

const COLUMNS = 80
const ROWS = 20

function outputTo(screen: Screen, size = { columns: COLUMNS, rows: ROWS }): Output {
  return { isTTY: true, ...size, write: text => screen.write(text) }
}

/** What a terminal shows after an answer came in these pieces. */
function shown(
  pieces: readonly string[],
  more: { colors?: boolean; reasoning?: readonly string[]; shown?: boolean } = {},
) {
  const screen = openScreen(COLUMNS, ROWS)
  const shell = {
    ...fakeShell({ env: more.colors === false ? { NO_COLOR: '1' } : {}, tty: true }),
    stdout: outputTo(screen),
  }
  const drawing = terminalDrawing(openPrinter(shell, false), shell, {
    shown: () => more.shown === true,
    hint: ' · /think shows it',
  })
  for (const piece of more.reasoning ?? []) drawing.reasoning(piece)
  for (const piece of pieces) drawing.text(piece)
  drawing.finish()
  return screen
}

const LONG =
  'This is a sentence that is rather long, and long enough to be wrapped at eighty columns of a terminal, twice even: see **the bold words that go over the end of a line** and `code`.'

const ANSWER = `# A heading

${LONG}

- one
- two with **bold**
  - nested
- three

  \`\`\`sh
  npm install   --save
  \`\`\`

1. first
2. second

> a quotation
> that goes on

| Name | 数 |
| --- | ---: |
| 世界 | 1 |
| longer name | 22 |

\`\`\`ts
const wide = '${'x'.repeat(90)}' // never reflowed

${Array.from({ length: 25 }, (_, at) => `line(${at})`).join('\n')}
\`\`\`
after
---
The end 👩‍👩‍👧 世界 e\u0301.`

describe('an answer on a terminal', () => {
  test('is laid out as Markdown', () => {
    const lines = shown([ANSWER], { colors: false }).lines()
    expect(lines.slice(0, 2)).toEqual(['A heading', '========='])
    expect(lines).toContain('  * two with bold')
    expect(lines).toContain('    npm install   --save')
    expect(lines).toContain('   2. second')
    expect(lines).toContain('| a quotation that goes on')
    expect(lines.find(line => line.includes('世界'))).toMatch(/^\| 世界 +\| +1 \|$/)
    expect(lines).toContain('line(24)')
    expect(lines).toContain('The end 👩‍👩‍👧 世界 e\u0301.')
    expect(lines.join('\n')).toContain(
      `const wide = '${'x'.repeat(66)}\n${'x'.repeat(24)}' // never reflowed\n\nline(0)\n`,
    )
  })

  test('is the same on the screen however the text is cut', () => {
    const whole = shown([ANSWER])
    expect(whole.unknown).toEqual([])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: ANSWER.length })), fc.boolean(), (cuts, colors) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), ANSWER.length]
        const pieces = at.slice(1).map((end, i) => ANSWER.slice(at[i], end))
        const screen = shown(pieces, { colors })
        expect(screen.lines()).toEqual(shown([ANSWER], { colors }).lines())
        expect(screen.unknown).toEqual([])
      }),
      { numRuns: 60 },
    )
    expect(shown(ANSWER.split('')).lines()).toEqual(whole.lines())
  })

  test('is the same however any Markdown is cut', () => {
    const line = fc.constantFrom(
      '',
      'a',
      '- x',
      '  - y',
      '10. z',
      '# h',
      '```',
      '```js',
      '~~~',
      '| a | b |',
      '|---|---|',
      '> q',
      '    i',
      'b\r',
      '\tt',
      '***',
      '`',
      '==',
      LONG,
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (lines, size) => {
        const text = lines.join('\n')
        const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
        expect(shown(pieces).lines()).toEqual(shown([text]).lines())
      }),
      { numRuns: 120 },
    )
  })

  test('appears as it grows, and leaves nothing behind', () => {
    const screen = openScreen(COLUMNS, ROWS)
    const shell = { ...fakeShell({ env: { NO_COLOR: '1' }, tty: true }), stdout: outputTo(screen) }
    const drawing = terminalDrawing(openPrinter(shell, false), shell, { shown: () => false, hint: '' })
    drawing.text('Hello **wor')
    expect(screen.lines()).toEqual(['Hello **wor'])
    drawing.text('ld**')
    expect(screen.lines()).toEqual(['Hello world'])
    drawing.text('\n\n```js\nlet a')
    expect(screen.lines()).toEqual(['Hello world', '', '```js', 'let a'])
    drawing.finish()
    expect(screen.lines()).toEqual(['Hello world', '', '```js', 'let a', '```'])
    expect(screen.cursor).toEqual({ row: 5, column: 0 })
  })

  test.each([
    ['clears the screen', 'a\x1b[2J\x1b[Hb', 'a\\x1b[2J\\x1b[Hb'],
    ['sets the title', 'a\x1b]0;x\x07b', 'a\\x1b]0;x\\x07b'],
    ['uses the one-byte introducer', 'a\x9b2Jb', 'a\\x9b2Jb'],
    ['returns to the line start', 'good\rbad', 'good\\x0dbad'],
    ['turns the direction', 'a\u202eb', 'a\\u202eb'],
    ['hides it in an entity', 'a &#27;[2J &#x9b;2J &#8238;b', 'a [2J 2J b'],
    ['hides it in code', '```x\x1b[2J\n\x1b[2Jb\n```', '```x\\x1b[2J\n\\x1b[2Jb\n```'],
  ])('is harmless where it %s', (_name, text, words) => {
    for (const pieces of [[text], text.split('')]) {
      const screen = shown(pieces)
      expect(screen.unknown).toEqual([])
      expect(screen.lines().join('\n')).toBe(words)
    }
  })

  test('of one very long paragraph is drawn as it comes without being laid out each time', () => {
    const text = Array.from({ length: 4_000 }, (_, at) => `word${at}`).join(' ')
    const screen = shown(text.match(/[\s\S]{1,400}/g) ?? [])
    expect(screen.lines()).toEqual(shown([text]).lines())
  })
})

describe('reasoning', () => {
  const reasoning = ['First I th', 'ink.\nThen', ` ${LONG}`]

  test('is shown above the answer', () => {
    const lines = shown(['Yes.'], { reasoning, shown: true }).lines()
    expect(lines.slice(0, 2)).toEqual(['Reasoning:', 'First I think.'])
    expect(lines.slice(-2)).toEqual(['', 'Yes.'])
    expect(shown(['Yes.'], { reasoning: [...reasoning.join('')], shown: true }).lines()).toEqual(lines)
  })

  test('is folded into a line', () => {
    const lines = shown(['Yes.'], { reasoning }).lines()
    expect(lines).toEqual([`Reasoning: ${reasoning.join('').length} characters · /think shows it`, '', 'Yes.'])
  })
})

describe('rows', () => {
  test.each(['\x1b[1mbold\nmore\x1b[22m none', '\x1b[31m\x1b[4ma\nb\x1b[39m\nc\x1b[0m\nd'])(
    'of %j carry their own styles',
    text => {
      const rows = standAlone(text.split('\n'))
      expect(rows.map(row => Bun.stripANSI(row))).toEqual(Bun.stripANSI(text).split('\n'))
      expect(rows[1]).toStartWith('\x1b[')
    },
  )

  test('are wrapped to any width, and nothing is lost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('word', ' ', '世', '\x1b[1m', '\x1b[0m')),
        fc.integer({ min: 2, max: 20 }),
        (parts, columns) => {
          const row = parts.join('')
          const rows = wrapRow(row, columns)
          expect(rows.map(each => Bun.stripANSI(each)).join('')).toBe(Bun.stripANSI(row))
          for (const each of rows) expect(widthOf(each)).toBeLessThanOrEqual(columns)
        },
      ),
    )
  })

  test.each([30, 60, 61, 62, 63, 64])('of a quotation keep the line left of it, %d columns wide', columns => {
    const stream = openMarkdown(() => columns, false)
    const rows = [...stream.push(`> ${LONG}\n> > ${LONG}`), ...stream.finish()]
    expect(rows.filter(row => !row.startsWith('|'))).toEqual([])
    for (const row of rows) expect(widthOf(row)).toBeLessThan(columns)
  })

  test('of Markdown fit the terminal, but for code', () => {
    for (const columns of [30, 80, 200]) {
      const stream = openMarkdown(() => columns, true)
      const rows = [...stream.push(ANSWER.replace(/const wide.*/, '')), ...stream.finish()]
      for (const row of rows) expect(widthOf(row)).toBeLessThan(columns)
    }
  })
})

describe('a region', () => {
  test('higher than the terminal shows its end, and is whole when it stays', () => {
    const screen = openScreen(20, 5)
    const region = openRegion(outputTo(screen, { columns: 20, rows: 5 }))
    const rows = Array.from({ length: 12 }, (_, at) => `row ${at}`)
    for (let count = 1; count <= rows.length; count += 1) region.draw([], rows.slice(0, count))
    expect(screen.view()).toEqual(rows.slice(-5))
    region.draw(rows, [])
    expect(screen.lines()).toEqual(rows)
  })

  test('puts the cursor where it is wanted, and draws on from there', () => {
    const screen = openScreen(20, 5)
    const region = openRegion(outputTo(screen, { columns: 20, rows: 5 }))
    region.draw([], ['one', 'two', 'three'], { row: 1, column: 2 })
    expect(screen.cursor).toEqual({ row: 1, column: 2 })
    region.draw([], ['one', 'TWO', 'three'])
    expect(screen.cursor).toEqual({ row: 2, column: 5 })
    region.draw(['kept'], ['new'])
    expect(screen.lines()).toEqual(['kept', 'new'])
    region.draw([], [])
    expect(screen.lines()).toEqual(['kept'])
  })

  test('finds its rows again on a terminal that became narrower', () => {
    const screen = openScreen(20, 8)
    screen.write('above\n')
    // The terminal itself has wrapped what was drawn when it was wider.
    screen.write(`${'x'.repeat(30)}`)
    const size = { columns: 40, rows: 8 }
    const silent: Output = { isTTY: true, rows: 8, columns: 40, write() {} }
    const output = { ...silent, write: (text: string) => void (size.columns === 20 && screen.write(text)) }
    Object.defineProperty(output, 'columns', { get: () => size.columns })
    const region = openRegion(output)
    region.draw([], ['x'.repeat(30)])
    size.columns = 20
    region.draw([], ['y'])
    expect(screen.lines()).toEqual(['above', 'y'])
  })
})
