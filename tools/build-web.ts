// Builds the dashboard into web/dist: npm run build:web. A package holds what is built here, not the sources.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildDashboard, DASHBOARD_FOLDERS } from '../src/app/dashboard-build.ts'

/** The scripts' size that may not be passed, compressed, in bytes. */
const SCRIPT_BYTES_MAX = 150_000

const files = await buildDashboard()
rmSync(DASHBOARD_FOLDERS.built, { recursive: true, force: true })
mkdirSync(DASHBOARD_FOLDERS.built, { recursive: true })
for (const { name, bytes } of files) {
  writeFileSync(join(DASHBOARD_FOLDERS.built, name), bytes)
  console.log(`${name.padEnd(28)} ${String(bytes.length).padStart(8)} bytes ${gzipSync(bytes).length} compressed`)
}
const scripts = files.filter(({ name }) => name.endsWith('.js'))
const size = scripts.reduce((sum, { bytes }) => sum + gzipSync(bytes).length, 0)
if (size > SCRIPT_BYTES_MAX) {
  console.error(`The scripts have ${size} bytes compressed, more than the ${SCRIPT_BYTES_MAX} they may have.`)
  process.exit(1)
}
