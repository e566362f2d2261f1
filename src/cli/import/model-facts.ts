import { asArray, asBoolean, asNumber, asString, type JsonObject } from '../../base/json-value.ts'
import { mayBeKey } from './found-key.ts'

/** Kinds of input Candor knows of a model. */
const INPUTS = ['text', 'image', 'pdf', 'audio', 'video']

/** A model's facts under the names another program has for them; what has no sense is left out. */
export interface ModelFacts {
  readonly name?: unknown
  readonly contextWindow?: unknown
  readonly maxOutputTokens?: unknown
  readonly reasoning?: unknown
  readonly input?: unknown
  /** US dollars per million tokens: `input`, `output`, `cacheRead`, `cacheWrite`. All of them nothing means unknown. */
  readonly price?: Readonly<Record<string, unknown>>
}

/** A model's row for the configuration. */
export function modelRow(id: string, facts: ModelFacts): JsonObject {
  const name = asString(facts.name)
  const reasoning = asBoolean(facts.reasoning)
  const input = asArray(facts.input).filter(kind => typeof kind === 'string' && INPUTS.includes(kind))
  const price = priceOf(facts.price)
  return {
    id,
    ...(name === undefined || name === '' || name === id || name.length > 256 || mayBeKey(name) ? {} : { name }),
    ...tokens('contextWindow', facts.contextWindow),
    ...tokens('maxOutputTokens', facts.maxOutputTokens),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(input.length === 0 ? {} : { input }),
    ...(price === undefined ? {} : { price }),
  }
}

function tokens(name: string, value: unknown): JsonObject {
  const count = asNumber(value)
  return count !== undefined && Number.isInteger(count) && count > 0 ? { [name]: count } : {}
}

function priceOf(price: ModelFacts['price']): JsonObject | undefined {
  const entries = ['input', 'output', 'cacheRead', 'cacheWrite'].flatMap(name => {
    const value = asNumber(price?.[name])
    return value === undefined || value < 0 ? [] : [[name, value] as const]
  })
  const named = Object.fromEntries(entries)
  const isKnown =
    named['input'] !== undefined && named['output'] !== undefined && entries.some(([, value]) => value > 0)
  return isKnown ? named : undefined
}

/** The value as an id a model can have, undefined if it is none or may be a key. */
export function modelId(value: unknown): string | undefined {
  const id = asString(value)?.trim()
  return id === undefined || id === '' || id.length > 256 || mayBeKey(id) || /[\u0000-\u001f\u007f]/.test(id)
    ? undefined
    : id
}
