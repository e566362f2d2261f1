import { parseJson } from '../base/json.ts'
import { asObject, isObject, type JsonObject } from '../base/json-value.ts'
import { nearest } from '../base/nearest.ts'
import { quoteText, redactText } from '../base/redact.ts'
import { isProblem, type Problem, problem } from '../canon/problem.ts'
import {
  BUDGET_PERIODS,
  type Budget,
  KEY_BOUNDS,
  type KeyChange,
  type KeyLimits,
  type KeySettings,
} from '../ledger/gateway-key.ts'
import { isoDuration, isoMoment } from './iso-time.ts'

/** What a request says of a key. `null`: it is to be removed. */
interface Said {
  name?: string
  owner?: string | null
  tags?: readonly string[]
  expiresAt?: number | null
  models?: readonly string[]
  limits?: { readonly [K in keyof KeyLimits]?: number | null }
  budgets?: readonly Budget[]
  admin?: boolean
}

/** Where in a request a value stands, and how a fault of it is told. */
interface Place {
  readonly path: string
  /** `rule` goes on behind the path: `must be …`. */
  wrong(rule: string): undefined
  inside(name: string | number): Place
}

/** Reads a value; undefined if it is wrong, which is then told. */
type Reader<T> = (value: unknown, at: Place) => T | undefined

/** The settings of a new key from a request's body, or all that is wrong with it. `now`: milliseconds since 1970. */
export function readNewKey(body: Uint8Array, now: number): KeySettings | Problem {
  const said = readSaid(body, now)
  if (isProblem(said)) return said
  const { name, owner, expiresAt, limits = {} } = said
  if (name === undefined) return faulty([{ path: 'name', rule: 'is missing' }])
  return {
    name,
    ...(typeof owner === 'string' ? { owner } : {}),
    tags: said.tags ?? [],
    ...(typeof expiresAt === 'number' ? { expiresAt } : {}),
    models: said.models ?? [],
    limits: mergedLimits({}, limits),
    budgets: said.budgets ?? [],
    admin: said.admin ?? false,
  }
}

/** The change of a key from a request's body, after the rules of a merge patch (RFC 7396): `limits` is merged, lists are replaced. */
export function readKeyChange(body: Uint8Array, now: number, before: KeySettings): KeyChange | Problem {
  const said = readSaid(body, now)
  if (isProblem(said)) return said
  const { limits, ...rest } = said
  return limits === undefined ? rest : { ...rest, limits: mergedLimits(before.limits, limits) }
}

function mergedLimits(before: KeyLimits, said: NonNullable<Said['limits']>): KeyLimits {
  return Object.fromEntries(
    Object.entries({ ...before, ...said }).flatMap(([name, most]) => (most === null ? [] : [[name, most]])),
  )
}

interface Fault {
  readonly path: string
  readonly rule: string
}

function faulty(faults: readonly Fault[]): Problem {
  const [first, ...others] = faults.map(({ path, rule }) => `"${path}" ${rule}${rule.endsWith('?') ? '' : '.'}`)
  return problem('bad_request', first ?? 'The request is not valid.', {
    ...(others.length === 0 ? {} : { why: others.join(' ') }),
    fix: ['Correct it and send it again; GET /candor/openapi.json describes the fields.'],
    paths: faults.map(({ path }) => path),
  })
}

/** More faults of one request are not told. */
const FAULTS_MAX = 10

function readSaid(bytes: Uint8Array, now: number): Said | Problem {
  const read = parseJson(new TextDecoder().decode(bytes))
  const body = read.ok ? asObject(read.value) : undefined
  if (body === undefined) {
    const why = read.ok ? 'It is JSON, but no object.' : `It is not JSON: ${quoteText(read.reason, 200)}.`
    const fix = ['Send an object such as {"name": "ci"}.']
    return problem('bad_request', 'The request body must be a JSON object.', { why, fix })
  }
  const faults: Fault[] = []
  const said = readFields(body, placeIn(faults, ''), now)
  return faults.length === 0 ? said : faulty(faults.slice(0, FAULTS_MAX))
}

function placeIn(faults: Fault[], path: string): Place {
  return {
    path,
    wrong(rule) {
      faults.push({ path, rule })
      return undefined
    },
    inside: name => {
      const inner = typeof name === 'number' ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`
      return placeIn(faults, inner)
    },
  }
}

function readFields(body: JsonObject, at: Place, now: number): Said {
  refuseUnknown(body, Object.keys(PROPERTIES), at)
  if (body['expiresAt'] !== undefined && body['expiresIn'] !== undefined)
    at.inside('expiresIn').wrong('cannot be sent together with "expiresAt"')
  const field = <T>(name: string, read: Reader<T>): T | undefined =>
    body[name] === undefined ? undefined : read(body[name], at.inside(name))
  return known<Said>({
    name: field('name', readName),
    owner: field('owner', orNull(textOf(KEY_BOUNDS.ownerChars))),
    tags: field('tags', listOf(textOf(KEY_BOUNDS.tagChars), KEY_BOUNDS.tags)),
    expiresAt:
      body['expiresIn'] === undefined
        ? field('expiresAt', orNull(momentAfter(now)))
        : field('expiresIn', stretchFrom(now)),
    models: field('models', listOf(textOf(KEY_BOUNDS.modelChars), KEY_BOUNDS.models)),
    limits: field('limits', readLimits),
    budgets: field('budgets', readBudgets),
    admin: field('admin', flag),
  })
}

/** The fields that have a value. */
function known<T extends object>(fields: { readonly [K in keyof Required<T>]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

function refuseUnknown(body: JsonObject, names: readonly string[], at: Place): void {
  for (const name of Object.keys(body)) {
    if (names.includes(name)) continue
    const [close] = nearest(name, names, 1)
    const shown = quoteText(redactText(name), 60)
    at.inside(shown).wrong(
      close === undefined
        ? `is not known here; known are ${names.join(', ')}`
        : `is not known here; did you mean "${close}"?`,
    )
  }
}

/** Ids stand for keys beside their names, so no name may look like one. */
const ID_LIKE = /^(?:key_|config-\d)/

const readName: Reader<string> = (value, at) => {
  const name = textOf(KEY_BOUNDS.nameChars)(value, at)
  return name !== undefined && ID_LIKE.test(name) ? at.wrong('must not look like the id of a key') : name
}

function textOf(charsMax: number): Reader<string> {
  return (value, at) => {
    if (typeof value !== 'string' || value === '' || value.length > charsMax)
      return at.wrong(`must be a text of 1 to ${charsMax} characters`)
    if (value.trim() !== value || quoteText(value, charsMax) !== value)
      return at.wrong('must not begin or end with spaces, nor hold control characters')
    // It would be shown to everybody who may see the key's name.
    return redactText(value) === value ? value : at.wrong('must not hold what looks like a key')
  }
}

const flag: Reader<boolean> = (value, at) => (typeof value === 'boolean' ? value : at.wrong('must be true or false'))

function orNull<T>(read: Reader<T>): Reader<T | null> {
  return (value, at) => (value === null ? null : read(value, at))
}

function listOf<T>(read: Reader<T>, most: number): Reader<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length > most) return at.wrong(`must be a list of at most ${most}`)
    return value.flatMap((item: unknown, i) => read(item, at.inside(i)) ?? [])
  }
}

function momentAfter(now: number): Reader<number> {
  return (value, at) => {
    const moment = typeof value === 'string' ? isoMoment(value) : value
    if (typeof moment !== 'number' || !Number.isSafeInteger(moment) || moment > MOMENT_MAX)
      return at.wrong('must be a date such as "2027-01-01" or "2027-01-01T12:00:00Z", or milliseconds since 1970')
    return moment > now ? moment : at.wrong('is over already')
  }
}

/** The last moment a date can be, milliseconds since 1970 (ECMA-262, 21.4.1.1). */
const MOMENT_MAX = 8.64e15

function stretchFrom(now: number): Reader<number> {
  return (value, at) => {
    const ms = typeof value === 'string' ? isoDuration(value) : value
    return typeof ms === 'number' && Number.isSafeInteger(ms) && ms > 0 && now + ms <= MOMENT_MAX
      ? now + ms
      : at.wrong('must be a duration such as "P30D" or "PT12H", or milliseconds; months and years have no fixed length')
  }
}

const LIMITS = ['requestsPerMinute', 'inputTokensPerMinute', 'outputTokensPerMinute', 'concurrency'] as const

const LIMIT_MAX = 1_000_000_000

const readLimits: Reader<NonNullable<Said['limits']>> = (value, at) => {
  if (!isObject(value)) return at.wrong('must be an object')
  refuseUnknown(value, LIMITS, at)
  const limit = (name: (typeof LIMITS)[number]) =>
    value[name] === undefined ? undefined : readLimit(value[name], at.inside(name))
  return known<NonNullable<Said['limits']>>({
    requestsPerMinute: limit('requestsPerMinute'),
    inputTokensPerMinute: limit('inputTokensPerMinute'),
    outputTokensPerMinute: limit('outputTokensPerMinute'),
    concurrency: limit('concurrency'),
  })
}

const readLimit = orNull<number>((value, at) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LIMIT_MAX
    ? value
    : at.wrong(`must be a whole number from 1 to ${LIMIT_MAX}`),
)

const readBudgets: Reader<readonly Budget[]> = (value, at) => {
  const budgets = listOf(readBudget, KEY_BOUNDS.budgets)(value, at)
  const seen = new Set<string>()
  for (const [i, { unit, period, kind }] of (budgets ?? []).entries()) {
    const sort = `${kind} budget of ${unit} per ${period}`
    if (seen.has(sort)) at.inside(i).wrong(`is a second ${sort}`)
    seen.add(sort)
  }
  return budgets
}

const BUDGET_FIELDS = ['period', 'unit', 'most', 'kind'] as const
const UNITS = ['usd', 'tokens'] as const
const KINDS = ['hard', 'soft'] as const

const readBudget: Reader<Budget> = (value, at) => {
  if (!isObject(value)) return at.wrong('must be an object such as {"period": "day", "unit": "usd", "most": 5}')
  refuseUnknown(value, BUDGET_FIELDS, at)
  const period = oneOf(BUDGET_PERIODS)(value['period'], at.inside('period'))
  const unit = oneOf(UNITS)(value['unit'], at.inside('unit'))
  const kind = oneOf(KINDS)(value['kind'] ?? 'hard', at.inside('kind'))
  if (period === undefined || unit === undefined || kind === undefined) return undefined
  const most = (unit === 'usd' ? readUsd : readTokens)(value['most'], at.inside('most'))
  return most === undefined ? undefined : { period, unit, most, kind }
}

function oneOf<T extends string>(words: readonly T[]): Reader<T> {
  return (value, at) => words.find(word => word === value) ?? at.wrong(`must be one of ${words.join(', ')}`)
}

/** Dollars to nano-dollars. A number is exact to nine decimals if the division leads back to it. */
const readUsd: Reader<number> = (value, at) => {
  const nano = typeof value === 'number' ? Math.round(value * 1e9) : 0
  if (nano < 1 || !Number.isSafeInteger(nano) || nano > USD_MAX * 1e9)
    return at.wrong(`must be a number of dollars above 0, up to ${USD_MAX}`)
  return nano / 1e9 === value ? nano : at.wrong('must have at most 9 decimals')
}

/** Sums beyond it would not be exact. */
const USD_MAX = 9_000_000

const TOKENS_MAX = 1e15

const readTokens: Reader<number> = (value, at) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= TOKENS_MAX
    ? value
    : at.wrong(`must be a whole number of tokens from 1 to ${TOKENS_MAX}`)

const BUDGET_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    period: { enum: BUDGET_PERIODS, description: 'Calendar periods in UTC; "total": the key\'s whole life' },
    unit: { enum: UNITS },
    most: { type: 'number', description: 'Dollars with at most 9 decimals, or whole tokens' },
    kind: { enum: KINDS, default: 'hard', description: '"hard" refuses further calls, "soft" only tells' },
  },
  required: ['period', 'unit', 'most'],
  additionalProperties: false,
}

const LIMIT_SCHEMA: JsonObject = { type: ['integer', 'null'], minimum: 1, maximum: LIMIT_MAX }

function textSchema(maxLength: number): JsonObject {
  return { type: 'string', minLength: 1, maxLength }
}

/** The fields a request may have. */
const PROPERTIES: JsonObject = {
  name: { ...textSchema(KEY_BOUNDS.nameChars), description: 'Unique among the keys that are not revoked' },
  owner: { ...textSchema(KEY_BOUNDS.ownerChars), type: ['string', 'null'] },
  tags: { type: 'array', maxItems: KEY_BOUNDS.tags, items: textSchema(KEY_BOUNDS.tagChars) },
  expiresAt: { type: ['string', 'integer', 'null'], description: 'ISO 8601, or milliseconds since 1970' },
  expiresIn: {
    type: ['string', 'integer'],
    description: 'In place of expiresAt: ISO 8601 such as "P30D", or milliseconds',
  },
  models: {
    type: 'array',
    maxItems: KEY_BOUNDS.models,
    items: textSchema(KEY_BOUNDS.modelChars),
    description: 'Models and routes it may call; * at the end stands for anything. Empty: all',
  },
  limits: {
    type: 'object',
    properties: Object.fromEntries(LIMITS.map(name => [name, LIMIT_SCHEMA])),
    additionalProperties: false,
    description: 'Absent: no limit; null removes one',
  },
  budgets: { type: 'array', maxItems: KEY_BOUNDS.budgets, items: BUDGET_SCHEMA },
  admin: { type: 'boolean', default: false, description: 'May use the admin API' },
}

/** The body that makes a key, as JSON Schema. */
export const NEW_KEY_SCHEMA: JsonObject = {
  type: 'object',
  properties: PROPERTIES,
  required: ['name'],
  additionalProperties: false,
}

/** The body that changes a key, as JSON Schema: what is absent stays. */
export const KEY_CHANGE_SCHEMA: JsonObject = { type: 'object', properties: PROPERTIES, additionalProperties: false }
