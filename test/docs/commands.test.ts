import { describe, expect, test } from 'bun:test'
import { commandsOf, LONGEST_PAGE, PAGE_MS, REASONS_NOT_RUN, runAll, unrunOf } from './commands.ts'
import { pageOf, readPages } from './markdown.ts'

const pages = readPages()
  .map(page => ({ path: page.path, commands: commandsOf(page) }))
  .filter(({ path, commands }) => path !== LONGEST_PAGE && commands.length > 0)

const unrun = readPages().flatMap(page => unrunOf(page).map(each => ({ place: `${page.path}:${each.line}`, ...each })))

test.each(unrun)('the commands at $place are not run, for a reason: $reason', ({ reason }) => {
  expect(REASONS_NOT_RUN).toContain(reason)
})

test('commands without a mark, and a reason that is none, are found', () => {
  const page = pageOf(
    'x.md',
    '```sh\ntrue\n```\n<!-- not run: needs Docker -->\n```console\n$ docker ps\n```\n```\n$ ls\n```\n<!-- run -->\n```sh\ntrue\n```\n',
  )
  expect(unrunOf(page)).toEqual([
    { line: 1, reason: '' },
    { line: 5, reason: 'needs Docker' },
    { line: 8, reason: '' },
  ])
})

test('the pages with commands', () => {
  expect(pages.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['README.md', 'docs/receipts.md', 'docs/getting-started.md', 'docs/simulators.md']),
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
