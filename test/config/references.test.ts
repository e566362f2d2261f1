import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { checkText } from '../../src/app/config/load.ts'
import { resolveGatewayKeys, resolveSecret } from '../../src/app/config/references.ts'
import { MissingGatewayKey, resolveConfig } from '../../src/app/config/resolve.ts'
import { type SecretSource, showSource, textSource } from '../../src/app/config/secret-source.ts'
import { systemClock } from '../../src/base/clock.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { newFolder } from './folder.ts'

const folder = newFolder()
afterAll(folder.remove)

const env = { PATH: process.env['PATH'], HOME: folder.path, KEY: ' sk-1\n', EXTRA: 'seen', HIDDEN: 'not seen' }
const inputs = { env, clock: systemClock }
const name = (variable: string) => `$${`{${variable}}`}`

function fileWith(content: string | Uint8Array, named = 'key'): string {
  const path = join(folder.path, `${named}-${Math.random().toString(36).slice(2)}`)
  writeFileSync(path, content)
  return path
}

/** The secret's text, or the reason there is none. */
async function outcome(source: SecretSource, clock = systemClock): Promise<string> {
  const result = await resolveSecret(source, { env, clock })
  return result.ok ? result.secret.reveal() : result.reason
}

const exec = (...argv: string[]): SecretSource => ({ from: 'exec', exec: argv, env: ['EXTRA'] })
const file = (path: string): SecretSource => ({ from: 'file', file: path })

const TEXTS: readonly { readonly template: string; readonly told: string }[] = [
  { template: name('KEY'), told: 'sk-1' },
  { template: `a${name('EXTRA')}`, told: 'aseen' },
  { template: name('NONE'), told: 'the environment variable NONE is not set' },
  {
    template: name('HIDDEN'),
    told: 'what HIDDEN holds cannot be a key: it has spaces, line breaks or characters a header cannot carry',
  },
  { template: '  ', told: 'what is written there is empty' },
]

describe('keys from text', () => {
  test.each([...TEXTS])('$told', async ({ template, told }) => expect(await outcome(textSource(template))).toBe(told))

  test('a literal cannot be printed, a reference can', () => {
    const literal = textSource('sk-canary')
    expect(`${inspect(literal, { depth: 9 })}${JSON.stringify(literal)}${showSource(literal)}`).not.toContain('canary')
    expect(showSource(textSource(name('KEY')))).toBe(name('KEY'))
  })
})

describe('keys from files', () => {
  test('are taken without the white space around them', async () => {
    expect(await outcome(file(fileWith('\n  sk-2\r\n\n')))).toBe('sk-2')
  })

  test('a path may refer to the environment', async () => {
    const path = fileWith('sk-3')
    expect(await outcome(file(path.replace(folder.path, name('HOME'))))).toBe('sk-3')
  })

  test('64 KiB are read, not more', async () => {
    const full = fileWith('k'.repeat(65_536))
    const over = fileWith('k'.repeat(65_537))
    expect(await outcome(file(full))).toHaveLength(65_536)
    expect(await outcome(file(over))).toBe(`${over} is larger than 65536 bytes`)
  })

  test('what cannot be read is told', async () => {
    const sub = join(folder.path, 'sub')
    mkdirSync(sub)
    expect(await outcome(file(sub))).toBe(`${sub} is not a file`)
    expect(await outcome(file(`${sub}/none`))).toBe(`${sub}/none cannot be read (no such file)`)
    expect(await outcome(file(name('EXTRA')))).toBe('the path "seen" is not absolute')
    const two = fileWith('two\nlines')
    expect(await outcome(file(two))).toStartWith(`what ${two} holds cannot be a key`)
  })
})

describe('keys from programs', () => {
  test.each([
    { about: 'the first line counts', argv: ['printf', 'sk-4\\nsecond'], told: 'sk-4' },
    { about: 'no shell sees the arguments', argv: ['echo', '$HOME;exit'], told: '$HOME;exit' },
    {
      about: 'status',
      argv: ['sh', '-c', 'echo "not signed in" >&2; exit 3'],
      told: 'sh ended with status 3, saying: not signed in',
    },
    { about: 'signal', argv: ['sh', '-c', 'kill -9 $$'], told: 'sh was ended by SIGKILL' },
    {
      about: 'no program',
      argv: ['candor-no-such-program'],
      told: 'candor-no-such-program could not be started (no such program)',
    },
    { about: 'nothing printed', argv: ['true'], told: 'what true printed is empty' },
    { about: 'too much printed', argv: ['yes', 'key'], told: 'yes printed more than 65536 bytes' },
    { about: 'its own folder is the root', argv: ['pwd'], told: '/' },
    {
      about: 'a key in its complaint is masked',
      argv: ['sh', '-c', 'echo sk-abcdefabcdef123 >&2; exit 1'],
      told: 'sh ended with status 1, saying: ••••',
    },
  ])('$about', async ({ argv, told }) => expect(await outcome(exec(...argv))).toBe(told))

  test('a program sees PATH, HOME and what is listed, nothing else', async () => {
    const seen = await outcome(
      exec('sh', '-c', 'env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD= | cut -d= -f1 | sort | tr "\\n" ,'),
    )
    expect(seen).toBe('EXTRA,HOME,PATH,')
  })

  test('after five seconds it is killed with all it started', async () => {
    const clock = manualClock()
    const pipe = join(folder.path, 'pipe')
    Bun.spawnSync(['mkfifo', pipe])
    const waiting = outcome(exec('sh', '-c', `sleep 600 & echo $! > ${pipe}; wait`), clock)
    // Reading from a pipe waits for the writer.
    const pid = Number(await readFile(pipe, 'utf8'))
    clock.advance(4_999)
    expect(isRunning(pid)).toBe(true)
    clock.advance(1)
    expect(await waiting).toBe('sh took longer than 5 seconds')
    // The signal is sent; the kernel takes a moment to carry it out. The test's own time limit bounds the wait.
    let gone = false
    while (!gone) gone = !isRunning(pid)
    expect(gone).toBe(true)
  })
})

/** A killed process that nobody has waited for yet is still listed, as a zombie. */
function isRunning(pid: number): boolean {
  const listed = Bun.spawnSync(['ps', '-o', 'stat=', '-p', String(pid)])
    .stdout.toString()
    .trim()
  return listed !== '' && !listed.startsWith('Z')
}

describe("the gateway's own keys", () => {
  const config = (keys: string) => {
    const result = checkText(`{ gateway: { keys: ${keys} } }`, 'candor.json5')
    if (!result.ok) throw new Error('not valid')
    return result.config
  }

  test('are resolved like others', async () => {
    const { keys, missing } = await resolveGatewayKeys(
      config('["cnd_0123456789abcdef", { exec: ["echo", "cnd_fedcba9876543210"] }]'),
      inputs,
    )
    expect(keys.map(key => key.reveal())).toEqual(['cnd_0123456789abcdef', 'cnd_fedcba9876543210'])
    expect(missing).toEqual([])
  })

  test('one that cannot be had, or is none, stops the start', async () => {
    const broken = config(`["${name('NONE')}", "${name('KEY')}"]`)
    expect((await resolveGatewayKeys(broken, inputs)).missing).toEqual([
      'gateway.keys[0]: the environment variable NONE is not set',
      'gateway.keys[1]: what KEY holds is not "cnd_" and at least 16 letters, digits, dashes or underscores',
    ])
    await expect(resolveConfig(broken, env)).rejects.toBeInstanceOf(MissingGatewayKey)
  })
})
