import type { Config } from '../../app/config/config.ts'
import { loadConfig } from '../../app/config/load.ts'
import { filled } from '../../app/config/template.ts'
import { parseJson } from '../../base/json.ts'
import { asArray, asObject, asString } from '../../base/json-value.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import { modelsOf } from '../../catalog/models.ts'
import { openLedgerReader, readKeys } from '../../ledger/open.ts'
import { pathsOf, requestTo, runningAccess } from '../gateway-access.ts'
import type { Shell } from '../shell.ts'
import type { Asked } from './asked.ts'
import type { Word } from './table.ts'

/** Time the running gateway has for its list of models, in milliseconds: a person waits at the key. */
const WITHIN_MS = 1_000
/** Receipts that are proposed, newest first. */
const RECEIPTS_MAX = 50

/**
 * Names of that kind on this machine. Only the gateway that runs here is ever asked over the network, and no program that holds a secret is run: without
 * a gateway the configuration and the catalogue are read as they are. Never rejects; what cannot be had is left out.
 */
export async function askNames(kind: Asked, shell: Shell): Promise<readonly Word[]> {
  try {
    const words = await ASKERS[kind](shell)
    return words.filter(({ word }) => HARMLESS_NAME.test(word))
  } catch {
    return []
  }
}

/**
 * Names that no shell reads as anything else. A provider chooses the names of its models, and bash puts an answer on the command line as it is: one
 * with `$(…)` in it would be run by the next Enter.
 */
const HARMLESS_NAME = /^[A-Za-z0-9_][A-Za-z0-9_./:@+-]*$/

const ASKERS: Readonly<Record<Asked, (shell: Shell) => Promise<readonly Word[]>>> = {
  models: async shell => (await modelsOfGateway(shell)) ?? modelsOfFile(await settings(shell), shell),
  async providers(shell) {
    const config = await settings(shell)
    const usable = usableProviders(config, shell)
    const configured = Object.keys(config?.models.providers ?? {})
    const all = [...new Set([...configured, ...PROVIDERS.map(({ id }) => id)])]
    return all.map(id => ({ word: id, about: usable.has(id) ? 'set up' : '' }))
  },
  async keys(shell) {
    const keys = readKeys(pathsOf(shell).dataDir).list()
    return keys.filter(({ revokedAt }) => revokedAt === undefined).map(({ name, id }) => ({ word: name, about: id }))
  },
  async receipts(shell) {
    const file = openLedgerReader(pathsOf(shell).dataDir)
    if (!file.ok) return []
    const newest = await file.reader.list({ limit: RECEIPTS_MAX })
    file.reader.close()
    return newest.map(({ id, requestedModel, ending }) => ({ word: id, about: plain(`${requestedModel}, ${ending}`) }))
  },
}

/** What is said about a name stands in a column of the shell's own: one short line of plain characters. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 80)
}

async function modelsOfGateway(shell: Shell): Promise<readonly Word[] | undefined> {
  const access = await runningAccess(undefined, { shell })
  if (access === undefined) return undefined
  const response = await access.handle(requestTo('/v1/models', { signal: AbortSignal.timeout(WITHIN_MS) }))
  const read = parseJson(await response.text())
  if (!response.ok || !read.ok) return undefined
  return asArray(asObject(read.value)?.['data']).flatMap(item => {
    const model = asObject(item)
    const word = asString(model?.['id'])
    return word === undefined ? [] : [{ word, about: plain(aboutModel(asObject(model?.['candor']))) }]
  })
}

function aboutModel(facts: ReturnType<typeof asObject>): string {
  const billing = asString(facts?.['billing']) ?? ''
  return facts?.['route'] === true ? 'route' : billing
}

async function settings(shell: Shell): Promise<Config | undefined> {
  const { configFile, configNamed } = pathsOf(shell)
  const loaded = await loadConfig({ file: configFile, mustExist: configNamed })
  return loaded.ok ? loaded.config : undefined
}

/** Those of the configuration that are not switched off, and those of the catalogue whose key is in the environment. */
function usableProviders(config: Config | undefined, { env }: Shell): ReadonlySet<string> {
  const entries = config?.models.providers ?? {}
  const configured = Object.keys(entries).filter(id => entries[id]?.enabled !== false)
  const known = PROVIDERS.filter(row => row.env.some(name => filled(env, name) !== undefined)).map(({ id }) => id)
  return new Set([...configured, ...known.filter(id => entries[id]?.enabled !== false)])
}

function modelsOfFile(config: Config | undefined, shell: Shell): readonly Word[] {
  const entries = config?.models.providers ?? {}
  const routes = Object.keys(config?.routes ?? {}).map(word => ({ word, about: 'route' }))
  const aliases = Object.keys(config?.models.aliases ?? {}).map(word => ({ word, about: 'alias' }))
  const models = [...usableProviders(config, shell)].flatMap(provider => {
    const own = (entries[provider]?.models ?? []).map(({ id }) => id)
    const row = PROVIDERS.find(({ id }) => id === provider)
    const known = row === undefined ? [] : modelsOf(row).map(({ id }) => id)
    return [...new Set([...own, ...known])].map(id => ({ word: `${provider}/${id}`, about: '' }))
  })
  return [...routes, ...aliases, ...models]
}
