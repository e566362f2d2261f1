import { providerCalled } from '../../catalog/foreign-names.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import { modelId } from './model-facts.ts'

/** What the source's providers are called here. */
export type Renames = ReadonlyMap<string, string>

/** `provider/model` of another program as Candor has it; undefined if its provider is not known here, or if it is no such name. */
export function refFrom(value: unknown, renames: Renames): string | undefined {
  const text = modelId(value)
  const slash = text?.indexOf('/') ?? -1
  if (text === undefined || slash <= 0) return undefined
  const provider = text.slice(0, slash)
  const id = renames.get(provider) ?? providerCalled(provider, PROVIDERS)?.id
  return id === undefined || slash === text.length - 1 ? undefined : `${id}${text.slice(slash)}`
}
