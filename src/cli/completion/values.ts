import { USAGE_PERIODS } from '../../admin/usage-span.ts'
import { PROTOCOL_IDS } from '../../canon/protocol.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import { USAGE_GROUPS } from '../../ledger/usage.ts'
import { SIM_KIND_IDS } from '../../sim/sim-kind.ts'
import { CLIENTS } from '../clients/clients.ts'
import { SOURCES } from '../import/sources.ts'
import { ASKED, type Asked } from './asked.ts'
import { configPaths } from './config-paths.ts'
import { COMPLETION_SHELLS } from './shells.ts'

/** What may stand at a place: words that are known here, names that are asked for when the key is pressed, or a path. */
export type Expected =
  | { readonly from: 'list'; readonly words: readonly string[] }
  | { readonly from: 'asked'; readonly kind: Asked }
  | { readonly from: 'files' }

const list = (words: readonly string[]): Expected => ({ from: 'list', words })
const asked = (kind: Asked): Expected => ({ from: 'asked', kind })

/** The variables in which the providers' own documentation puts their keys. */
const KEY_VARIABLES = [...new Set(PROVIDERS.flatMap(({ env }) => env))]

/**
 * What the placeholders of the help stand for: by the option or command before it, or alone. A placeholder that is not here, such as `port`,
 * is something that only the user knows.
 */
export const PLACES: Readonly<Record<string, Expected>> = {
  file: { from: 'files' },
  model: asked(ASKED.models),
  provider: asked(ASKED.providers),
  key: asked(ASKED.keys),
  client: list(CLIENTS.map(({ id }) => id)),
  source: list(SOURCES.map(({ id }) => id)),
  protocol: list(PROTOCOL_IDS),
  period: list(USAGE_PERIODS),
  what: list(USAGE_GROUPS),
  kind: list(SIM_KIND_IDS),
  shell: list(COMPLETION_SHELLS),
  '--model name': asked(ASKED.models),
  '--key name': asked(ASKED.keys),
  '--provider id': asked(ASKED.providers),
  '--key-env name': list(KEY_VARIABLES),
  '--take-env name': list(KEY_VARIABLES),
  'trace id': asked(ASKED.receipts),
  'set path': list(configPaths()),
  'replay id': asked(ASKED.receipts),
}

/** The names under which a placeholder is looked up, the narrower first: `--model <name>` by `--model name` and `name`. */
export function placeNames(owner: string, placeholder: string): readonly string[] {
  const bare = placeholder.replace(/[^\w-]/g, '')
  return [`${owner} ${bare}`, bare]
}

/** What stands at the place of an argument or of an option's value; undefined if nothing can be proposed. */
export function expectedAt(owner: string, placeholder: string): Expected | undefined {
  for (const name of placeNames(owner, placeholder)) if (Object.hasOwn(PLACES, name)) return PLACES[name]
  return undefined
}
