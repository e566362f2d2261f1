// Makes the npm package: npm run package [-- --out <folder>]. `npm pack` does the same, but takes modes of files as the checkout has them.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import manifest from '../package.json' with { type: 'json' }
import { BUILD, PROJECT, putDashboard } from './shipped.ts'

/** What a package holds without being asked to, and what "files" names; the dashboard is built for it. */
const CONTENT = ['package.json', 'README.md', 'LICENSE', ...manifest.files.filter(name => name !== 'web/dist')]

const { values } = parseArgs({ options: { out: { type: 'string' } } })
const out = resolve(values.out ?? BUILD)
mkdirSync(out, { recursive: true })
const stage = mkdtempSync(join(tmpdir(), 'candor-package-'))
try {
  for (const name of new Set(CONTENT)) cpSync(join(PROJECT, name), join(stage, name), { recursive: true })
  await putDashboard(stage)
  settleModes()
  const file = join(out, packed())
  const digest = new Bun.CryptoHasher('sha512').update(readFileSync(file)).digest('base64')
  console.log(`${file}\nsha512-${digest}`)
} finally {
  rmSync(stage, { recursive: true, force: true })
}

/** Modes of files depend on the umask of whoever checked them out: the package has its own. */
function settleModes(): void {
  const programs = new Set(Object.values(manifest.bin).map(name => join(stage, name)))
  for (const entry of readdirSync(stage, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    chmodSync(path, entry.isDirectory() || programs.has(path) ? 0o755 : 0o644)
  }
}

/** Packs the stage and gives the name of the file. Scripts are off: what they would do is done. */
function packed(): string {
  const line = [
    'pack',
    stage,
    '--ignore-scripts',
    '--offline',
    '--no-update-notifier',
    '--json',
    '--pack-destination',
    out,
  ]
  const { status, stdout, stderr } = spawnSync('npm', line, { encoding: 'utf8', shell: process.platform === 'win32' })
  if (status !== 0) throw new Error(`npm pack failed:\n${stderr}`)
  const [made]: { readonly filename: string }[] = JSON.parse(stdout)
  if (made === undefined) throw new Error('npm pack made nothing')
  return made.filename
}
