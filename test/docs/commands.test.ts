import { describe, expect, test } from 'bun:test'
import { type Command, commandsOf, faultsOf, openTerminal } from './commands.ts'
import { pageOf, readPages } from './markdown.ts'

/** A page starts several programs, one after the other. */
const PAGE_MS = 180_000

const pages = readPages()
  .map(page => ({ path: page.path, commands: commandsOf(page) }))
  .filter(({ commands }) => commands.length > 0)

async function runAll(commands: readonly Command[]): Promise<string[]> {
  const terminal = await openTerminal(commands)
  try {
    const faults: string[] = []
    for (const command of commands) faults.push(...faultsOf(command, await terminal.run(command)))
    return faults
  } finally {
    await terminal.close()
  }
}

test('the pages with commands', () => {
  expect(pages.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['README.md', 'docs/receipts.md', 'docs/shown.md', 'docs/simulators.md']),
  )
})

test.each(pages)(
  'the commands of $path do what it says',
  async ({ commands }) => {
    expect(await runAll(commands)).toEqual([])
  },
  PAGE_MS,
)

describe('what runs them', () => {
  const run = (mark: string, text: string) =>
    runAll(commandsOf(pageOf('x.md', `<!-- ${mark} -->\n\`\`\`sh\n${text}\n\`\`\`\n`)))

  test('finds another exit code', async () => {
    expect(await run('run', 'exit 3')).toEqual([expect.stringContaining('exit 3, not 0')])
  })

  test('finds missing words', async () => {
    expect(await run('run: exit 3; says "b"', 'echo a; exit 3')).toEqual([expect.stringContaining('does not say "b"')])
  })

  test('refuses a mark it does not know', () => {
    expect(() => commandsOf(pageOf('x.md', '<!-- run: perhaps -->\n```sh\ntrue\n```\n'))).toThrow('cannot be read')
  })

  test('keeps variables and the folder from one block to the next', async () => {
    const text =
      '<!-- run -->\n```sh\nexport A=1; mkdir b; cd b\n```\n<!-- run: says "1 b" -->\n```sh\necho "$A $(basename "$PWD")"\n```\n'
    expect(await runAll(commandsOf(pageOf('x.md', text)))).toEqual([])
  })
})
