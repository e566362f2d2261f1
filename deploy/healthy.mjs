// The health check of the container image: does the gateway answer that has written about itself into the data folder? It is asked every half minute,
// so it runs without the program, by the runtime that is inside the binary (BUN_BE_BUN=1).
import { readFileSync } from 'node:fs'

/** Less than the time the health check itself has. */
const WITHIN_MS = 4_000

async function answers() {
  const { url } = JSON.parse(readFileSync(`${process.env.CANDOR_HOME}/gateway.json`, 'utf8'))
  const { ok } = await fetch(`${url}/livez`, { redirect: 'manual', signal: AbortSignal.timeout(WITHIN_MS) })
  return ok
}

process.exit((await answers().catch(() => false)) ? 0 : 1)
