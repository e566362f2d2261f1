import type { Environment } from './config/paths.ts'

/** Bun's own cap on requests in flight is 256 for the whole process; a gateway needs more than that. */
const REQUESTS_MIN = 1_024

/**
 * What is missing of the launcher's guard rails, in words; empty if all are there. They can only be set before the runtime starts
 * (see bin/guard-rails.mjs): without them Candor works, until it suddenly does not.
 */
export function missingGuardRails(env: Environment): readonly string[] {
  const missing: string[] = []
  if (env['CANDOR_LAUNCHED'] === undefined || env['CANDOR_LAUNCHED'] === '')
    missing.push('CANDOR_LAUNCHED is not set: the launcher did not start this program')
  const most = env['BUN_CONFIG_MAX_HTTP_REQUESTS'] ?? ''
  if (!/^\d{1,9}$/.test(most) || Number(most) < REQUESTS_MIN)
    missing.push(
      `BUN_CONFIG_MAX_HTTP_REQUESTS is ${most === '' ? 'not set' : `"${most.slice(0, 20)}"`}: at least ${REQUESTS_MIN} is needed, or calls wait for each other`,
    )
  const idle = env['BUN_CONFIG_HTTP_IDLE_TIMEOUT'] ?? ''
  if (idle !== '0')
    missing.push(
      `BUN_CONFIG_HTTP_IDLE_TIMEOUT is ${idle === '' ? 'not set' : `"${idle.slice(0, 20)}"`}: it must be 0, or long silences of a model end its answer`,
    )
  return missing
}
