import type { Paths } from '../../app/config/paths.ts'
import { filled } from '../../app/config/template.ts'
import type { Provider } from '../../catalog/provider.ts'
import { machineOf } from '../commands/run.ts'
import { findGateway } from '../gateway-access.ts'
import { type FoundSource, foundSources } from '../import/sources.ts'
import type { Desk } from '../verb.ts'
import { type KeyInEnvironment, keysInEnvironment } from './environment-keys.ts'
import { findLocalServers, type LocalServer } from './local-servers.ts'

/** What is there already. Looking changes nothing. */
export interface Surroundings {
  readonly rows: readonly Provider[]
  readonly keys: readonly KeyInEnvironment[]
  readonly servers: readonly LocalServer[]
  readonly tools: readonly FoundSource[]
}

/** The address a gateway has where nothing else is said. */
const USUAL_URL = 'http://127.0.0.1:8787'

/** Looks around: the environment, this machine's model servers, other tools' settings. */
export async function lookAround(paths: Paths, rows: readonly Provider[], { shell }: Desk): Promise<Surroundings> {
  const [servers, note] = await Promise.all([findLocalServers(rows), findGateway(paths)])
  const ownUrls = [USUAL_URL, USUAL_URL.replace('127.0.0.1', 'localhost'), ...(note === undefined ? [] : [note.url])]
  return { rows, keys: keysInEnvironment(shell.env, rows, ownUrls), servers, tools: foundSources(machineOf(shell)) }
}

/** The variable of a provider that holds its key now. */
export function keyVariable(row: Provider | undefined, env: Desk['shell']['env']): string | undefined {
  return row?.env.find(name => filled(env, name) !== undefined)
}
