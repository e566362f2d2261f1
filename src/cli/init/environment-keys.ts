import type { Environment } from '../../app/config/paths.ts'
import { filled } from '../../app/config/template.ts'
import type { Provider } from '../../catalog/provider.ts'
import { siblingForKey } from '../../catalog/signs.ts'

/** A provider whose key is in the environment. */
export interface KeyInEnvironment {
  readonly row: Provider
  /** The variable. */
  readonly name: string
  /** Where the variable beside it says the provider is, with that variable. */
  readonly elsewhere?: { readonly url: string; readonly name: string }
}

/**
 * The catalogue's providers whose key and variables are set, those first whose keys begin as this one does. A key that begins like a
 * sibling's is the sibling's. `ownUrls`: addresses of Candor itself, which a client's variables may name.
 */
export function keysInEnvironment(
  env: Environment,
  rows: readonly Provider[],
  ownUrls: readonly string[],
): readonly KeyInEnvironment[] {
  const found = rows.flatMap(row => {
    const name = row.env.find(each => filled(env, each) !== undefined)
    if (name === undefined || row.keyOptional === true || !variablesSet(row, env)) return []
    const key = filled(env, name) ?? ''
    const isOwn = row.keyPrefixes?.some(({ prefix }) => key.startsWith(prefix)) === true
    if (siblingForKey(row, prefix => key.startsWith(prefix)) !== undefined) return []
    const elsewhere = addressBeside(name, env, ownUrls)
    return [{ isOwn, found: { row, name, ...(elsewhere === undefined ? {} : { elsewhere }) } }]
  })
  return found.sort((a, b) => Number(b.isOwn) - Number(a.isOwn)).map(each => each.found)
}

function variablesSet(row: Provider, env: Environment): boolean {
  return (row.variables ?? []).every(
    each => each.default !== undefined || each.env.some(name => filled(env, name) !== undefined),
  )
}

/**
 * The makers' own libraries read where they go to from `NAME_BASE_URL` beside `NAME_API_KEY` (openai and @anthropic-ai/sdk do): a key in such a
 * shell is for that address, and is not sent anywhere else.
 */
function addressBeside(
  keyName: string,
  env: Environment,
  ownUrls: readonly string[],
): { url: string; name: string } | undefined {
  const name = keyName.replace(/_API_KEY$/, '_BASE_URL')
  const url = name === keyName ? undefined : filled(env, name)?.replace(/\/+$/, '')
  if (url === undefined || ownUrls.some(own => url === own || url.startsWith(`${own}/`))) return undefined
  return { url, name }
}
