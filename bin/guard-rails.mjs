// What must be set before the runtime starts, by the launcher and by the single binary. Plain JavaScript, no dependencies.
import { isAbsolute, join } from 'node:path'

/**
 * The environment Bun is started with. A value the user has set wins. See docs/performance.md for what each one prevents:
 * the process-wide cap of 256 requests in flight, and the client's own five-minute idle limit (Candor has its own timers).
 * `CANDOR_LAUNCHED` is the version of the Node.js that launches it, or 1 where none does.
 */
export function guardRails(environment) {
  return {
    BUN_CONFIG_MAX_HTTP_REQUESTS: '16384',
    BUN_CONFIG_HTTP_IDLE_TIMEOUT: '0',
    ...translated(environment),
    ...environment,
    CANDOR_LAUNCHED: process.versions.bun === undefined ? process.versions.node : '1',
  }
}

/**
 * Where Bun keeps its translation of Candor's source, without which a start takes a good tenth of a second more: in Candor's own cache folder.
 * By itself Bun would put some hundred files among the packages it has fetched for its users, below `~/.bun`.
 */
function translated({ HOME, XDG_CACHE_HOME }) {
  const named = XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)
  const folder = named ? XDG_CACHE_HOME : HOME && join(HOME, '.cache')
  return folder ? { BUN_RUNTIME_TRANSPILER_CACHE_PATH: join(folder, 'candor', 'translated') } : {}
}

/** Flags that keep the working directory out: no `.env`, no `bunfig.toml` (whose `preload` would run code from a cloned repository). */
export const isolationFlags = ['--no-env-file', '--config=/dev/null', '--no-install']
