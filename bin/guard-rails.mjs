// What must be set before the runtime starts, by the launcher and by the single binary. Plain JavaScript, no dependencies.

/**
 * The environment Bun is started with. A value the user has set wins. See docs/performance.md for what each one prevents:
 * the process-wide cap of 256 requests in flight, and the client's own five-minute idle limit (Candor has its own timers).
 */
export function guardRails(environment) {
  return {
    BUN_CONFIG_MAX_HTTP_REQUESTS: '16384',
    BUN_CONFIG_HTTP_IDLE_TIMEOUT: '0',
    ...environment,
    CANDOR_LAUNCHED: '1',
  }
}

/** Flags that keep the working directory out: no `.env`, no `bunfig.toml` (whose `preload` would run code from a cloned repository). */
export const isolationFlags = ['--no-env-file', '--config=/dev/null', '--no-install']
