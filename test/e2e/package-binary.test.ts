import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot, readSources } from '../project/source.ts'
import { removeHome, runLine, temporaryHome } from './harness.ts'
import { copyProject, foldersNamedIn, hostileFolder, runTool, scratchFolder } from './packages.ts'
import { expectAllToWork, tell } from './packages-use.ts'

/** Two builds, each with a hundred megabytes to write. */
const BUILD_MS = 60_000

const scratch = scratchFolder()
const home = temporaryHome()
const usual = join(scratch.path, 'usual')
const program = join(usual, 'out', 'candor')
/** Nothing of the machine's, not even a search path. */
const place = { line: [program], cwd: home, env: { HOME: home, PATH: '' } }

beforeAll(() => void runTool(copyProject(usual), 'binary.ts', ['--out', program]), BUILD_MS)
afterAll(() => {
  scratch.remove()
  removeHome(home)
})

describe('the single binary', () => {
  test('works with an empty home and no search path, in a folder that would have it read its own settings', async () => {
    await expectAllToWork({ ...place, cwd: hostileFolder(scratch.path) })
  }, 60_000)

  test('keeps its process id, and ends as the signal says', async () => {
    const gateway = runLine([program, 'demo', '--port', '0'], place)
    await gateway.said(/is listening/)
    const note = JSON.parse(readFileSync(join(home, '.local/share/candor/gateway.json'), 'utf8'))
    expect(note.pid).toBe(gateway.pid)
    gateway.signal('SIGTERM')
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
  })

  test('hands exit codes through', async () => {
    expect((await tell(place, 'fly')).exit).toEqual({ code: 2, signal: null })
  })

  test('refuses a guard rail that was taken away, instead of starting itself for ever', async () => {
    const env = { ...place.env, BUN_CONFIG_MAX_HTTP_REQUESTS: '8' }
    const { exit, text } = await tell({ ...place, env }, 'version')
    expect(text).toContain('BUN_CONFIG_MAX_HTTP_REQUESTS is "8"')
    expect(exit.code).toBe(2)
  })

  test('names no folder of the machine it was made on', () => {
    const folders = [projectRoot.replace(/\/$/, ''), scratch.path]
    expect(foldersNamedIn(readFileSync(program, 'latin1'), folders)).toEqual([])
  })

  test(
    'has the same bytes from another folder, with another umask, time zone and language, and other times of files',
    () => {
      const other = join(scratch.path, 'further', 'down', 'other')
      const again = join(other, 'out', 'candor')
      runTool(copyProject(other, true), 'binary.ts', ['--out', again], true)
      expect(readFileSync(again).equals(readFileSync(program))).toBe(true)
    },
    BUILD_MS,
  )
})

test('a target that does not exist is refused before anything is built', () => {
  expect(() => runTool(projectRoot, 'binary.ts', ['--target', 'bun-amiga-68k'])).toThrow('is no target')
})

test('what Candor reads of its own is found where it lies in a binary, too: few files ask where they are', () => {
  const asking = readSources(path => path.startsWith('src/') && path.endsWith('.ts')).filter(source =>
    /\bimport\.meta\b|\bcreateRequire\b|\b__dirname\b/.test(source.text),
  )
  expect(asking.map(({ path }) => path)).toEqual(['src/base/own-files.ts', 'src/cli/service/own-program.ts'])
})
