import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileView } from '../../src/admin/config-view.ts'
import { checkText } from '../../src/app/config/load.ts'
import { comparedWithFile } from '../../src/app/config/pending.ts'

const folder = mkdtempSync(join(tmpdir(), 'candor-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const KEY = 'models.providers.deepseek.apiKey'
const FILE = join(folder, 'candor.json5')

/** How the file stands to what is in force. `undefined`: there is no file. */
async function compared(inForce: string | undefined, onDisk: string | undefined): Promise<FileView> {
  if (onDisk === undefined) rmSync(FILE, { force: true })
  else writeFileSync(FILE, onDisk, { mode: 0o600 })
  const checked = checkText(inForce ?? '{}', FILE, undefined, inForce !== undefined)
  if (!checked.ok) throw new Error(checked.faults.map(({ message }) => message).join(' '))
  return await comparedWithFile(checked.config, FILE)
}

const changesOf = (view: FileView) =>
  view.state === 'differs' ? view.changes.map(({ path, before, after }) => [path, before, after]) : view.state

const provider = (entry: string) => `{ models: { providers: { deepseek: { ${entry} } } } }`

describe('the file beside what is in force', () => {
  const rows: readonly (readonly [string, string | undefined, string | undefined, ReturnType<typeof changesOf>])[] = [
    ['says the same in other words', '{ gateway: { port: 1 } }', '{\n// a word\n"gateway": { port: 0x1 } }', 'same'],
    ['is not there, and was not', undefined, undefined, 'missing'],
    ['is gone', '{}', undefined, 'gone'],
    ['has come', undefined, '{ gateway: { port: 1 } }', [['gateway.port', '8787', '1']]],
    ['says a default in so many words', '{}', '{ gateway: { port: 8787 } }', 'same'],
    ['takes a value back', '{ gateway: { port: 1 } }', '{}', [['gateway.port', '1', '8787']]],
    [
      'names another target',
      '{ routes: { r: { targets: ["deepseek/deepseek-chat"] } } }',
      '{ routes: { r: { targets: ["deepseek/deepseek-reasoner"] } } }',
      [['routes.r.targets[0].model', '"deepseek/deepseek-chat"', '"deepseek/deepseek-reasoner"']],
    ],
    [
      'has a target more',
      '{ routes: { r: { targets: ["deepseek/deepseek-chat"] } } }',
      '{ routes: { r: { targets: ["deepseek/deepseek-chat", "deepseek/deepseek-reasoner"] } } }',
      [['routes.r.targets[1].model', undefined, '"deepseek/deepseek-reasoner"']],
    ],
    [
      'holds another secret',
      provider('apiKey: "sk-canary-1"'),
      provider('apiKey: "sk-canary-2"'),
      [[KEY, '••••', '••••']],
    ],
    [
      'refers to a secret now',
      provider('apiKey: "sk-canary-1"'),
      provider(`apiKey: "\${DEEPSEEK}"`),
      [[KEY, '••••', `\${DEEPSEEK}`]],
    ],
    [
      'has another secret header',
      provider('headers: { Authorization: "canary-1", from: "me" }'),
      provider('headers: { Authorization: "canary-2", from: "me" }'),
      [['models.providers.deepseek.headers.Authorization', '"••••"', '"••••"']],
    ],
    [
      'asks for a first key',
      '{}',
      '{ gateway: { keys: ["cnd_canary_0123456789"] } }',
      [['gateway.keys[0]', undefined, '••••']],
    ],
  ]
  test.each(rows)('%s', async (_, inForce, onDisk, expected) => {
    const view = await compared(inForce, onDisk)
    expect(changesOf(view)).toEqual(expected)
    expect(JSON.stringify(view)).not.toContain('canary')
  })

  test('runs no program it names', async () => {
    const mark = join(folder, 'ran')
    const exec = JSON.stringify(['touch', mark])
    const view = await compared('{}', provider(`apiKey: { exec: ${exec} }`))
    expect(changesOf(view)).toEqual([[KEY, undefined, `exec touch ${mark}`]])
    expect(await Bun.file(mark).exists()).toBe(false)
  })

  test('that cannot be taken is told with its faults, secrets as dots', async () => {
    const view = await compared('{}', '{\n  gatway: { keys: ["cnd_canary_0123456789"] },\n}')
    expect(view.state === 'faulty' ? view.faults.join('\n') : view.state).toContain('candor.json5:2:3')
    expect(JSON.stringify(view)).not.toContain('canary')
  })
})
