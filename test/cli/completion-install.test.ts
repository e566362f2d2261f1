import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { scriptPlace } from '../../src/cli/completion/places.ts'
import type { CompletionShell } from '../../src/cli/completion/shells.ts'
import { DamagedBlock, withBlock, withoutBlock } from '../../src/cli/completion/start-file.ts'
import { runCli } from '../../src/cli/run.ts'
import { VERBS } from '../../src/cli/verbs.ts'
import { fakeShell } from './fake-shell.ts'
import { type HomeFolder, homeFolder } from './home-folder.ts'

let home: HomeFolder
beforeEach(() => {
  home = homeFolder()
})
afterEach(() => home.remove())

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const shell = fakeShell({ home: home.path, env: { ...home.env, ...env } })
  const exit = await runCli(['completion', ...args], VERBS, shell)
  return { exit, out: shell.stdout.text(), err: shell.stderr.text() }
}

const at = (...path: string[]) => join(home.path, ...path)
const FILES: readonly (readonly [CompletionShell, string])[] = [
  ['bash', 'data/bash-completion/completions/candor'],
  ['zsh', 'data/zsh/site-functions/_candor'],
  ['fish', 'config/fish/completions/candor.fish'],
]

describe.each(FILES)('%s', (shell, path) => {
  test('is printed, installed once, and taken back', async () => {
    const { out } = await run([shell])
    expect((await run([shell, '--install'])).err).toContain(`Written: ~/${path}\n`)
    expect(readFileSync(at(path), 'utf8')).toBe(out)
    expect((await run([shell, '--install'])).err).toStartWith('Nothing to change')
    expect((await run([shell, '--uninstall'])).err).toContain(`Removed: ~/${path}\n`)
    expect(existsSync(at(path))).toBe(false)
    expect((await run([shell, '--uninstall'])).err).toContain('nothing to take back')
  })

  test('leaves a file alone that is not its own', async () => {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), '# mine\n')
    for (const option of ['--install', '--uninstall']) {
      const { exit, err } = await run([shell, option])
      expect({ exit, err }).toMatchObject({ exit: 1, err: expect.stringContaining("is not Candor's") })
    }
    expect(readFileSync(at(path), 'utf8')).toBe('# mine\n')
  })

  test('an older script is replaced', async () => {
    await run([shell, '--install'])
    const now = readFileSync(at(path), 'utf8')
    writeFileSync(at(path), now.replace('serve', 'serf'))
    expect((await run([shell, '--install'])).err).toContain(`Written: ~/${path}\n`)
    expect(readFileSync(at(path), 'utf8')).toBe(now)
  })
})

describe('the start file of zsh', () => {
  const zshrc = () => at('.zshrc')

  test.each(['', 'autoload -Uz compinit\ncompinit\n', 'alias x=y', '\n\n'])(
    'gets a block and loses it again: %j',
    async text => {
      writeFileSync(zshrc(), text)
      chmodSync(zshrc(), 0o640)
      await run(['zsh', '--install'])
      expect(readFileSync(zshrc(), 'utf8')).toContain(`fpath=('${at('data/zsh/site-functions')}' $fpath)`)
      await run(['zsh', '--uninstall'])
      expect(readFileSync(zshrc(), 'utf8')).toBe(text)
      expect(statSync(zshrc()).mode & 0o777).toBe(0o640)
    },
  )

  test('is made where there is none, and goes again', async () => {
    await run(['zsh', '--install'])
    expect(existsSync(zshrc())).toBe(true)
    await run(['zsh', '--uninstall'])
    expect(existsSync(zshrc())).toBe(false)
  })

  test('stays a link', async () => {
    mkdirSync(at('dotfiles'))
    writeFileSync(at('dotfiles/zshrc'), 'x=1\n')
    symlinkSync(at('dotfiles/zshrc'), zshrc())
    await run(['zsh', '--install'])
    expect(lstatSync(zshrc()).isSymbolicLink()).toBe(true)
    expect(readFileSync(at('dotfiles/zshrc'), 'utf8')).toContain('candor completion')
  })

  test('is the one of ZDOTDIR', async () => {
    await run(['zsh', '--install'], { ZDOTDIR: at('z') })
    expect(existsSync(at('z/.zshrc'))).toBe(true)
    expect(existsSync(zshrc())).toBe(false)
  })

  test('is not touched where the folder is known already, and loses its block all the same', async () => {
    await run(['zsh', '--install'])
    const env = { FPATH: at('data/zsh/site-functions') }
    await run(['zsh', '--uninstall'], env)
    expect(existsSync(zshrc())).toBe(false)
    await run(['zsh', '--install'], env)
    expect(existsSync(zshrc())).toBe(false)
  })

  test('with half a block is not touched', async () => {
    writeFileSync(zshrc(), '# >>> candor completion >>>\nx\n')
    const { exit, err } = await run(['zsh', '--install'])
    expect(exit).toBe(1)
    expect(err).toContain('was not touched')
    expect(existsSync(at('data/zsh/site-functions/_candor'))).toBe(false)
  })
})

test('bash needs a line in its start file only without the package bash-completion', () => {
  const machine = (exists: boolean) => ({ env: {}, home: "/h/o'neil", os: 'linux', exists: () => exists })
  expect(scriptPlace('bash', machine(true)).start).toBeUndefined()
  const path = `'/h/o'\\''neil/.local/share/bash-completion/completions/candor'`
  expect(scriptPlace('bash', machine(false)).start).toEqual({
    file: "/h/o'neil/.bashrc",
    lines: [`if [ -r ${path} ]; then . ${path}; fi`],
  })
})

describe('a block', () => {
  test('goes into any file, and comes out of it to the byte', () => {
    const text = fc.option(fc.string({ unit: fc.constantFrom('a', '\n', ' ', '#', '\r') }), { nil: undefined })
    fc.assert(
      fc.property(text, fc.array(fc.constantFrom('x', 'y=1'), { maxLength: 3 }), (before, lines) => {
        const once = withBlock(before, lines)
        expect(withBlock(once, lines)).toBe(once)
        expect(withoutBlock(withBlock(once, ['another']))).toBe(before)
      }),
    )
  })

  test('leaves what was written behind it', () => {
    expect(withoutBlock(`${withBlock('a', ['x'])}b\n`)).toBe('a\nb\n')
    expect(withoutBlock(`${withBlock(undefined, ['x'])}b\n`)).toBe('b\n')
  })

  test('without its end is damaged', () => {
    expect(() => withoutBlock('a\n# >>> candor completion >>>\n')).toThrow(DamagedBlock)
  })
})

describe('the command line', () => {
  test.each<[readonly string[], Record<string, string>, string]>([
    [[], {}, 'Which shell?'],
    [[], { SHELL: '/bin/tcsh' }, 'Which shell?'],
    [['powershell'], {}, 'There are no completions for "powershell"'],
    [['bash', '--install', '--uninstall'], {}, 'cannot be had together'],
  ])('%j with %j is wrong', async (args, env, words) => {
    const { exit, out, err } = await run(args, env)
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(err).toContain(words)
  })

  test('takes the shell of the environment', async () => {
    expect((await run([], { SHELL: '/usr/bin/fish' })).out).toBe((await run(['fish'])).out)
  })

  test('has a document', async () => {
    const { out } = await run(['fish', '--install', '--json'])
    expect(JSON.parse(out)).toMatchObject({
      shell: 'fish',
      outcome: 'written',
      files: [at('config/fish/completions/candor.fish')],
    })
    expect(JSON.parse((await run(['fish', '--json'])).out)).toHaveProperty('script')
  })
})
