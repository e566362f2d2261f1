// Runs the pinned Bun with the same guard rails as the launcher: for npm scripts, where `bun` on PATH may be another one.
import { spawnSync } from 'node:child_process'
import { findBun, guardRails, isolationFlags } from '../bin/find-bun.mjs'

const bun = findBun()
if (bun === undefined) {
  console.error('Bun is not installed: run "npm ci".')
  process.exit(69)
}
const done = spawnSync(bun, [...isolationFlags, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: guardRails(process.env),
})
process.exit(done.status ?? 1)
