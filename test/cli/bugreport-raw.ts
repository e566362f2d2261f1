import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { newId } from '../../src/base/ids.ts'
import { openBodyFiles } from '../../src/ledger/body-files.ts'
import { openLedger } from '../../src/ledger/open.ts'
import type { Attempt, Receipt } from '../../src/ledger/receipt.ts'
import { manualClock } from '../ledger/manual-clock.ts'
import { receipt } from '../ledger/receipts.ts'
import type { HomeFolder } from './home-folder.ts'

export const NOW = Date.UTC(2026, 10, 20, 12, 30)

/** Names that say who somebody is. */
export const PRIVATE = {
  provider: 'acme',
  host: 'llm.acme-internal.example',
  route: 'takeover-of-bolt',
  alias: 'anns-model',
  credential: 'anns-key',
  gatewayKey: 'ann-smith',
  client: 'acme-agent',
  address: '192.168.77.5',
} as const

/** Where the markers stand. Each place has one of its own. */
export interface Markers {
  readonly literal: string
  readonly variable: string
  readonly fallback: string
  readonly header: string
  readonly headerVariable: string
  readonly note: string
  readonly modelHeader: string
  readonly file: string
  readonly program: string
  readonly gatewayKey: string
  readonly urlUser: string
  readonly urlQuery: string
  readonly collectorHeader: string
  readonly stray: string
  readonly proxy: string
  /** In no place where Candor could know it from: an older key, in an answer of a provider. */
  readonly unknown: string
}

/** What is like a key: nothing of it is found anywhere by chance. */
const marker = (prefix: string) =>
  fc.tuple(fc.nat(), fc.integer({ min: 16, max: 40 })).map(([seed, length]) => {
    const text = createHash('sha256').update(`${prefix}${seed}`).digest('base64')
    return `${prefix}${text.slice(0, length)}`
  })

/** Where there may be only letters and digits. */
const plainMarker = (prefix: string) =>
  fc.nat().map(seed => `${prefix}${createHash('sha256').update(`${prefix}${seed}`).digest('hex').slice(0, 30)}`)

export const MARKERS: fc.Arbitrary<Markers> = fc.record({
  literal: fc.oneof(marker('sk-'), marker('')),
  variable: fc.oneof(marker('sk-kimi-'), marker('')),
  fallback: plainMarker(''),
  header: marker(''),
  headerVariable: marker(''),
  note: marker(''),
  modelHeader: marker(''),
  file: marker(''),
  program: marker(''),
  gatewayKey: plainMarker('cnd_'),
  urlUser: plainMarker(''),
  urlQuery: plainMarker(''),
  collectorHeader: marker(''),
  stray: marker(''),
  proxy: plainMarker(''),
  unknown: plainMarker('sk-'),
})

/** What is wrong with the file: then nothing of it is in force, and faults tell of it. */
export const FAULTS = ['none', 'unknown key', 'user info', 'wrong type', 'cut off'] as const
export type Fault = (typeof FAULTS)[number]

/** The environment the configuration refers to. */
export function environmentOf(markers: Markers): Record<string, string> {
  return {
    SOME_KEY: markers.variable,
    TEAM_PASS: markers.headerVariable,
    MY_OWN_TOKEN: markers.stray,
    FOR_PROGRAM: markers.program,
    HTTPS_PROXY: `http://${markers.urlUser}:${markers.proxy}@127.0.0.1:9/?q=${markers.urlQuery}`,
    PATH: process.env['PATH'] ?? '',
  }
}

/** A configuration file with a marker wherever a secret can be. */
export function configText(markers: Markers, fault: Fault, folder: string): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'key.txt')
  writeFileSync(file, `${markers.file}\n`)
  const config = {
    ...(fault === 'unknown key' ? { apiKye: markers.stray } : {}),
    models: {
      default: `${PRIVATE.provider}/own-model`,
      aliases: { [PRIVATE.alias]: `${PRIVATE.provider}/own-model` },
      providers: {
        [PRIVATE.provider]: {
          name: 'Acme of Ann',
          baseUrl:
            fault === 'user info'
              ? `https://${markers.urlUser}:${markers.stray}@${PRIVATE.host}/v1?k=${markers.urlQuery}`
              : `https://${PRIVATE.host}/v1`,
          api: 'openai-completions',
          apiKeys: [
            { name: PRIVATE.credential, key: markers.literal },
            { name: 'second', key: `\${SOME_KEY}` },
            { name: 'third', key: `\${NOT_SET:-${markers.fallback}}` },
            { name: 'fourth', key: { file } },
            { name: 'fifth', key: { exec: ['printenv', 'FOR_PROGRAM'], env: ['FOR_PROGRAM'] } },
          ],
          headers: { 'X-Team': markers.header, 'X-Other': `\${TEAM_PASS}`, 'X-Note': `note ${markers.note} end` },
          models: [{ id: 'own-model', headers: { 'X-Model': markers.modelHeader } }],
        },
        openai: { apiKey: fault === 'wrong type' ? { key: markers.literal } : markers.literal },
      },
    },
    routes: { [PRIVATE.route]: { targets: [`${PRIVATE.provider}/own-model`, 'openai/gpt-4.1'] } },
    gateway: { keys: [markers.gatewayKey] },
    bodies: { keepDays: 7 },
    telemetry: {
      otlp: { endpoint: `http://127.0.0.1:4318`, headers: { authorization: markers.collectorHeader } },
    },
  }
  const text = `// a comment with ${markers.note}\n${JSON.stringify(config, null, 2)}`
  return fault === 'cut off' ? text.slice(0, Math.floor(text.length * 0.8)) : text
}

/** The ways in which a provider may say a key again. */
const ECHOES: readonly ((text: string) => string)[] = [
  text => text,
  text => Buffer.from(text).toString('base64'),
  text => Buffer.from(`user:${text}`).toString('base64'),
  text => Buffer.from(text).toString('base64url'),
  text => Buffer.from(text).toString('hex'),
  text => encodeURIComponent(text),
  text => text.toUpperCase(),
  text => JSON.stringify({ deep: { key: [text] } }),
  text => text.slice(0, Math.floor(text.length / 2)),
  text => text.slice(Math.floor(text.length / 2)),
]

/** Receipts in which providers and clients say what they should not. */
export function talkativeReceipts(markers: Markers): readonly Receipt[] {
  const known = Object.entries(markers).flatMap(([name, text]) => (name === 'unknown' ? [] : [text]))
  return known.map((text, i) => {
    const say = (n: number) => (ECHOES[(i + n) % ECHOES.length] ?? String)(text)
    const half = Math.floor(text.length / 2)
    return receipt({
      id: newId('req', NOW - i),
      at: NOW - i,
      client: `${PRIVATE.client}/1.0 ${say(0)}`,
      requestedModel: `${PRIVATE.provider}/${say(1)}`,
      servedModel: `${PRIVATE.provider}/own-model`,
      reportedModel: say(2),
      route: PRIVATE.route,
      key: { id: 'key_1', name: PRIVATE.gatewayKey },
      attempts: [talkativeAttempt(text, say, markers.unknown)],
      passed: [{ reason: `because of ${say(3)} at ${PRIVATE.host}` }],
      losses: [{ parameter: 'user', path: `metadata.${say(4)}`, kind: 'hint', reason: say(5) }],
      assumptions: [{ path: `x[${say(6)}]`, value: say(7), reason: say(8) }],
      replyLosses: [say(9)],
      stopReason: say(0),
      usage: { input: 1, raw: { [say(1)]: { key: say(2) } } },
      cost: { type: 'unknown', reason: say(3) },
      ending: 'failed',
      status: 401,
      problem: {
        code: 'invalid_key',
        what: `${PRIVATE.provider} does not know ${text.slice(0, half)}`,
        why: say(4),
        fix: [say(5)],
        upstream: { status: 401, message: `…${text.slice(half)} and ${markers.unknown}`, type: say(6), code: say(7) },
      },
    })
  })
}

function talkativeAttempt(text: string, say: (n: number) => string, unknown: string): Attempt {
  return {
    provider: PRIVATE.provider,
    model: say(8),
    credential: PRIVATE.credential,
    protocol: 'openai-completions',
    url: `https://ann:${encodeURIComponent(text)}@${PRIVATE.host}/v1/${encodeURIComponent(text)}?key=${encodeURIComponent(text)}`,
    identity: { userAgent: `agent/1 ${say(9)}`, source: 'configured' },
    headers: {
      authorization: `Bearer ${text}`,
      'x-own': say(0),
      'user-agent': `agent/1 ${say(1)}`,
      [`x-${unknown}`]: 'a',
    },
    startedMs: 1,
    problem: {
      code: 'invalid_key',
      what: say(2),
      fix: [],
      upstream: {
        message: `Bad key ${say(3)} at https://${PRIVATE.host}/${say(4)}?k=${say(5)} from ${PRIVATE.address}, was ${unknown}`,
      },
    },
  }
}

/** Writes a ledger with the receipts. */
export async function writeLedger(home: HomeFolder, receipts: readonly Receipt[]): Promise<void> {
  const opening = openLedger({ folder: home.dataDir, clock: manualClock(NOW) })
  if (!opening.ok) throw new Error(opening.refusal.what)
  for (const each of receipts) await opening.store.settle(each)
  await opening.store.close()
}

/** What stands in every kept body, beside all the markers. */
export const IN_BODIES = 'Read this out to nobody, Bolt.'

/** Keeps bodies for these calls, with everything in them that nobody may read. */
export async function writeBodies(
  { dataDir }: HomeFolder,
  receipts: readonly Receipt[],
  markers: Markers,
): Promise<void> {
  const clock = manualClock(NOW)
  const limits = { keepDays: 7, bytesMax: 1_000_000, totalBytesMax: 1_000_000_000 }
  const store = openBodyFiles({ folder: dataDir, clock, limits, say() {} })
  const data = new TextEncoder().encode(JSON.stringify({ said: [IN_BODIES, ...Object.values(markers)] }))
  const body = { contentType: 'application/json', bytes: data.length, data }
  const rest = { protocol: 'openai-completions', operation: 'generate', jsonArray: false, headers: {} } as const
  for (const { id, at } of receipts) store.keep({ id, at, ...rest, request: body, reply: body })
  await store.close()
}
