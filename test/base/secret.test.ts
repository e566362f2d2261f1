import { describe, expect, test } from 'bun:test'
import { format, inspect } from 'node:util'
import fc from 'fast-check'
import { Secret } from '../../src/base/secret.ts'

const TEXT = 'sk-canary-7f3a9b2c'
const secret = new Secret(TEXT)

/** What a program that prints the secret in every way, and then dies of it, leaves on its streams. */
function printedByProgram(): string {
  const file = new URL('../../src/base/secret.ts', import.meta.url).pathname
  const program = `
    import { Secret } from ${JSON.stringify(file)}
    const secret = new Secret(process.argv.at(-1))
    for (const way of ['log', 'error', 'warn', 'info', 'debug', 'dir', 'trace']) console[way]({ secret, list: [secret] }, secret)
    console.table([{ secret }])
    throw new Error('failed with ' + secret, { cause: { secret } })`
  const done = Bun.spawnSync([process.execPath, ...process.execArgv, '-e', program, TEXT])
  return `${done.stdout}${done.stderr}`
}

describe('a secret', () => {
  const ways: readonly [string, () => string][] = [
    ['a template', () => `${secret}`],
    ['adding to a text', () => `key: ${String(secret)}`],
    ['JSON', () => JSON.stringify({ deep: [{ secret }] })],
    ['JSON as a key', () => JSON.stringify({ [String(secret)]: 1 })],
    ['inspect', () => inspect(secret)],
    [
      'inspect with everything shown',
      () => inspect({ secret }, { showHidden: true, depth: 9, getters: true, customInspect: false }),
    ],
    ['Bun.inspect', () => Bun.inspect({ deep: { secret } })],
    ['format', () => format('%s %o %j %O %d', secret, secret, secret, secret, secret)],
    ['an error', () => inspect(new Error(`failed with ${secret}`, { cause: secret }))],
    ['a structured clone', () => inspect(structuredClone({ secret }), { depth: 9, showHidden: true })],
    ['spreading', () => JSON.stringify({ ...secret })],
    ['its own keys', () => Reflect.ownKeys(secret).map(String).join()],
    ['toLocaleString', () => secret.toLocaleString()],
    ['a list', () => [secret, secret].join()],
    ['a query', () => new URLSearchParams({ key: String(secret) }).toString()],
  ]

  test.each(ways)('is not told by %s', (_, show) => {
    expect(show()).not.toContain(TEXT)
    expect(show()).not.toContain('canary')
  })

  test('is told neither by the console nor by a crash', () => {
    const printed = printedByProgram()
    expect(printed).toContain('failed with ••••')
    expect(printed).not.toContain('canary')
  })

  test('prints as dots', () => {
    expect([`${secret}`, JSON.stringify(secret), inspect(secret), Bun.inspect(secret)]).toEqual([
      '••••',
      '"••••"',
      '••••',
      '••••',
    ])
  })

  test('is told by reveal alone', () => {
    expect(secret.reveal()).toBe(TEXT)
  })

  const comparisons: readonly [string, string, boolean][] = [
    ['itself', TEXT, true],
    ['a longer text', `${TEXT}x`, false],
    ['a shorter text', TEXT.slice(1), false],
    ['nothing', '', false],
    ['its mask', '••••', false],
  ]

  test.each(comparisons)('compared with %s', (_, other, same) => {
    expect(secret.equals(other)).toBe(same)
  })

  test('tells its beginning', () => {
    expect([secret.startsWith('sk-'), secret.startsWith('sk-kimi')]).toEqual([true, false])
  })

  test('is masked wherever it stands in a text others wrote', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), fc.string(), fc.string(), (text, before, after) => {
        expect(new Secret(text).maskIn(`${before}${text}${after}${text}`)).not.toContain(text)
      }),
    )
  })

  test('is not searched for where it is too short to be one', () => {
    expect(new Secret('cat').maskIn('a cat on a mat')).toBe('a cat on a mat')
  })
})
