import { describe, expect, test } from 'bun:test'
import { openSides } from '../../src/cli/chat/sides.ts'
import { widthOf } from '../../src/cli/terminal-text.ts'
import { openScreen } from './screen.ts'

/** A terminal whose width can change: what is on it is broken anew, as terminals do it. */
function terminal(columns: number, height = 60) {
  let screen = openScreen(columns, height)
  const output = { isTTY: true, columns, rows: height, write: (text: string) => screen.write(text) }
  return {
    output,
    rows: () => screen.lines(),
    resize(to: number) {
      const before = screen.lines()
      screen = openScreen(to, height)
      screen.write(before.join('\n'))
      output.columns = to
    },
  }
}

const LEFT = ['alpha '.repeat(12).trim(), '', 'omega']
const RIGHT = ['beta '.repeat(20).trim()]

function grown(columns: number, height?: number) {
  const { output, ...rest } = terminal(columns, height)
  const sides = openSides(['left/model', 'right/model'], output)
  sides.left.add(LEFT, ['and more'])
  sides.right.add(RIGHT, [])
  return { sides, ...rest }
}

/** Where the line between the two stands, row by row. */
const linesAt = (rows: readonly string[]) => new Set(rows.map(row => row.indexOf('│')))

describe('two answers side by side', () => {
  test('stand in two columns', () => {
    const { rows } = grown(120)
    expect(rows()[0]).toMatch(/^left\/model +│ right\/model$/)
    expect(linesAt(rows()).size).toBe(1)
    expect(rows().join(' ')).toContain('and more')
  })

  test.each([160, 119, 90, 60])('keep their columns on a terminal that now has %p', columns => {
    const { rows, sides, resize } = grown(120)
    resize(columns)
    sides.right.add(['the end'], [])
    sides.finish()
    expect(rows()[0]).toMatch(/^left\/model +│ right\/model$/)
    expect(linesAt(rows()).size).toBe(1)
    expect(Math.max(...rows().map(widthOf))).toBeLessThan(columns)
    const sidesOf = rows().map(row => row.split('│'))
    expect(sidesOf.map(([left = '']) => left.trim()).join(' ')).toContain(LEFT[0] ?? '-')
    expect(sidesOf.map(([, right = '']) => right.trim()).join(' ')).toContain(`${RIGHT[0]} the end`)
  })

  test('stand one below the other where there is no room', () => {
    const { rows, sides, resize } = grown(120)
    resize(40)
    sides.left.add(['the end'], [])
    sides.finish()
    expect(rows().join('\n')).not.toContain('│')
    expect(rows().indexOf('right/model')).toBeGreaterThan(rows().indexOf('the end'))
    expect(Math.max(...rows().map(widthOf))).toBeLessThan(40)
  })

  test('what comes to a head later stands above the answer', () => {
    const { rows, sides } = grown(120)
    sides.left.addToHead(['other/model answers'])
    expect(rows()[1]).toMatch(/^other\/model answers +│/)
    expect(rows().findIndex(row => row.startsWith('alpha'))).toBe(3)
  })

  test('only as much is drawn again as the terminal has rows, and everything at the end', () => {
    const { rows, sides } = grown(120, 5)
    for (let i = 0; i < 50; i += 1) sides.left.add([`row ${i}.`], [])
    expect(rows().length).toBeLessThanOrEqual(5)
    sides.finish()
    expect(rows().filter(row => row.startsWith('row '))).toHaveLength(50)
  })
})
