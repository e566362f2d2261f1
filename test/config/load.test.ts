import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { showFault } from '../../src/app/config/fault.ts'
import { checkText, loadConfig } from '../../src/app/config/load.ts'
import { newFolder } from './folder.ts'

const folder = newFolder()
afterAll(folder.remove)

const LITERAL = '{ models: { providers: { deepseek: { apiKey: "sk-literal" } } } }'
const REFERENCE = LITERAL.replace('sk-literal', `$${'{KEY}'}`)

function fileWith(name: string, text: string, mode = 0o600): string {
  const file = join(folder.path, name)
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

async function told(file: string, mustExist = true): Promise<string> {
  const result = await loadConfig({ file, mustExist })
  if (!result.ok) return result.faults.map(showFault).join('\n')
  return result.warnings.map(warning => `${warning.line ?? '-'} ${warning.message}`).join('\n')
}

describe('the file', () => {
  test('that is not there counts as {}, unless it was named', async () => {
    const file = join(folder.path, 'none.json5')
    const result = await loadConfig({ file, mustExist: false })
    expect(result.ok && result.config.source).toMatchObject({ file, exists: false })
    expect(await told(file)).toBe(`There is no such file.\n  at ${file}\n  fix: Create it: the smallest one holds {}.`)
  })

  test('that is a folder is refused', async () => {
    const file = join(folder.path, 'folder.json5')
    mkdirSync(file)
    expect(await told(file)).toBe(`This is not a file.\n  at ${file}\n  expected: a file of JSON5`)
  })

  test('that is a pipe is refused at once, though nobody writes to it', async () => {
    const file = join(folder.path, 'pipe.json5')
    Bun.spawnSync(['mkfifo', file])
    expect(await told(file)).toStartWith('This is not a file.')
  })

  test('may have 1 MiB and no more', async () => {
    const full = fileWith('full.json5', `{}${' '.repeat(1_048_574)}`)
    const over = fileWith('over.json5', `{}${' '.repeat(1_048_575)}`)
    expect(await told(full)).toBe('')
    expect(await told(over)).toBe(`The file is too large.\n  at ${over}\n  expected: at most 1048576 bytes`)
  })
})

describe('who may read and write it', () => {
  test.each([
    { name: 'own', text: LITERAL, mode: 0o600, told: '' },
    { name: 'read', text: LITERAL, mode: 0o644, told: '1 Other users may read read.json5, which holds a key.' },
    { name: 'group', text: LITERAL, mode: 0o640, told: '1 Other users may read group.json5, which holds a key.' },
    { name: 'reference', text: REFERENCE, mode: 0o644, told: '' },
    {
      name: 'write',
      text: '{}',
      mode: 0o622,
      told: '- Other users may write write.json5, and so decide where your keys are sent.',
    },
  ] as { name: string; text: string; mode: number; told: string }[])(
    '$name',
    async ({ name, text, mode, told: expected }) => {
      expect(await told(fileWith(`${name}.json5`, text, mode))).toBe(expected)
    },
  )

  test('a link is told', async () => {
    const link = join(folder.path, 'link.json5')
    symlinkSync(fileWith('linked.json5', '{}'), link)
    expect(await told(link)).toStartWith('- link.json5 is a symbolic link')
  })
})

test('a hostile file of the largest size is answered in a moment', () => {
  const bombs = [
    '['.repeat(1_000_000),
    '{a:'.repeat(300_000),
    `{${'a:1,'.repeat(250_000)}}`,
    `{ x: "${'\\n'.repeat(500_000)}", `,
  ]
  const started = performance.now()
  const lines = bombs.map(text => {
    const result = checkText(text, 'candor.json5')
    return result.ok
      ? 0
      : Math.max(
          ...showFault(result.faults[0] ?? { message: '', file: '', path: '' })
            .split('\n')
            .map(line => line.length),
        )
  })
  expect(performance.now() - started).toBeLessThan(20_000)
  for (const length of lines) expect(length).toBeLessThan(300)
})
