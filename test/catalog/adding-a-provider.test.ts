import { afterAll, beforeAll, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PROVIDERS } from '../../src/catalog/index.ts'

const project = join(import.meta.dirname, '../..')
let copy = ''

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'candor-catalog-'))
  for (const folder of ['base', 'catalog']) {
    cpSync(join(project, 'src', folder), join(copy, 'src', folder), { recursive: true })
  }
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

test('the change shown in docs/adding-a-provider.md fits the tree, and adds a provider', async () => {
  const page = readFileSync(join(project, 'docs/adding-a-provider.md'), 'utf8')
  const diff = /```diff\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  // The ceiling keeps git from taking a repository around the copy for its own.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(copy) }
  const applied = spawnSync('git', ['apply', '-'], { cwd: copy, input: diff, encoding: 'utf8', env })
  expect([applied.status, applied.stderr]).toEqual([0, ''])

  const changed = await import(join(copy, 'src/catalog/index.ts'))
  expect(changed.PROVIDERS).toHaveLength(PROVIDERS.length + 1)
  expect(changed.findProvider('nimbus')).toMatchObject({ id: 'nimbus', billing: 'metered', env: ['NIMBUS_API_KEY'] })
})
