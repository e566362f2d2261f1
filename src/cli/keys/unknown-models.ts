import type { ModelView } from '../../admin/contract.ts'
import { nearest } from '../../base/nearest.ts'
import { mayCall } from '../../policy/model-allowlist.ts'
import type { Access } from '../gateway-access.ts'
import { askModel, askModels } from '../questions.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault } from '../verb.ts'

/** The word that takes a limit away. */
export const NONE = 'none'

/**
 * A sentence for each name that means no model, route or alias of the gateway now, with those that may have been meant. It is not wrong to name one
 * that is yet to come. Says nothing where the gateway does not tell its models.
 */
export async function unknownModelWords(names: readonly string[], access: Access): Promise<readonly string[]> {
  const wanted = names.filter(name => name !== NONE)
  if (wanted.length === 0) return []
  try {
    const known = (await askModels(access, true)).map(({ id }) => id)
    const words = await Promise.all(wanted.map(name => wordsFor(name, known, access)))
    return words.flatMap(each => each ?? [])
  } catch (error) {
    if (error instanceof CliFault) return []
    throw error
  }
}

async function wordsFor(name: string, known: readonly string[], access: Access): Promise<string | undefined> {
  if (known.some(id => mayCall({ models: [name] }, id))) return undefined
  const taken = await takenFor(name, access)
  // A provider's models may be more than the list has; of some there is no list at all.
  const mayBeNew = taken !== undefined && !known.some(id => id.startsWith(`${taken.candor.provider}/`))
  if (mayBeNew || (taken !== undefined && known.includes(taken.id))) return undefined
  const what =
    taken === undefined
      ? `This gateway has nothing called "${oneLine(name, 80)}" now.`
      : `"${oneLine(name, 80)}" is none of the models that are known of ${taken.candor.provider}.`
  const close = nearMisses(name, known)
  const meant =
    close.length === 0 ? 'See: candor models --all' : `Did you mean ${close.map(id => oneLine(id, 80)).join(' or ')}?`
  return `${what} ${meant}`
}

/** Of a pattern for a whole provider, such as `opnai/*`, the providers' own. */
function nearMisses(name: string, known: readonly string[]): readonly string[] {
  if (!name.endsWith('/*')) return nearest(name.replace(/\*$/, ''), known)
  const providers = known.filter(id => id.includes('/')).map(id => id.slice(0, id.indexOf('/')))
  return nearest(name.slice(0, -2), new Set(providers)).map(id => `${id}/*`)
}

/** The model a name is taken for, by an alias or as a model's bare name; any name is taken that begins with a provider's. */
async function takenFor(name: string, access: Access): Promise<ModelView | undefined> {
  try {
    return await askModel(access, name)
  } catch (error) {
    if (error instanceof CliFault) return undefined
    throw error
  }
}
