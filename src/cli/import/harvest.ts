import { checkHeaderName, checkHeaderValue, isCredentialHeader } from '../../app/config/headers.ts'
import { isPlainWord } from '../../app/config/plain-word.ts'
import { hasReference, isOnlyReferences } from '../../app/config/template.ts'
import type { Path } from '../../app/config/tree.ts'
import { asObject, type JsonObject } from '../../base/json-value.ts'
import type { ProtocolId } from '../../canon/protocol.ts'
import type { Provider } from '../../catalog/provider.ts'
import { oneLine } from '../terminal-text.ts'
import { type FoundKey, mayBeKey, shownName } from './found-key.ts'
import type { SourceDocument } from './source-document.ts'

/**
 * One thing that is said about a source. `mapped`: it is in what would be written. `proposal`: so too, but not what the source meant exactly.
 * `left out`: it is not, and why.
 */
export interface Remark {
  readonly kind: 'mapped' | 'proposal' | 'left out'
  readonly what: string
  readonly why?: string
  readonly fix?: string
  /** Line in the source, from 1. */
  readonly line?: number
}

/** A provider another program has, in Candor's words. */
export interface FoundProvider {
  readonly id: string
  readonly row: Provider | undefined
  readonly name?: string
  readonly baseUrl?: string
  readonly api?: ProtocolId
  readonly allowHttp?: true
  /** Its name in the source, where it has another here. */
  readonly calledThere?: string
  readonly keys: readonly FoundKey[]
  readonly headers: Readonly<Record<string, string>>
  readonly models: readonly JsonObject[]
  /** Where it stands in the source. */
  readonly path: Path
}

/** A name for a model, or for several of which the first that can answers. */
export interface FoundName {
  readonly name: string
  /** As `provider/model`; more than one makes a route. */
  readonly targets: readonly string[]
  /** Equals among which the load is spread, not an order. */
  readonly balanced?: true
  readonly path: Path
}

/** All that was found in a source. */
export interface Harvest {
  readonly document: SourceDocument
  readonly providers: FoundProvider[]
  readonly names: FoundName[]
  defaultModel: { readonly ref: string; readonly path: Path } | undefined
  readonly remarks: Remark[]
}

/** An empty one. */
export function openHarvest(document: SourceDocument): Harvest {
  return { document, providers: [], names: [], defaultModel: undefined, remarks: [] }
}

/** Says something about a place of the source. */
export function remark(harvest: Harvest, path: Path, words: Omit<Remark, 'line'>): void {
  const line = harvest.document.lineOf(path)
  harvest.remarks.push({ ...words, ...(line === undefined ? {} : { line }) })
}

/** Says that a place of the source is not carried over. */
export function leaveOut(harvest: Harvest, path: Path, what: string, why: string, fix?: string): void {
  remark(harvest, path, { kind: 'left out', what, why, ...(fix === undefined ? {} : { fix }) })
}

/** Says so of each of these keys that is there. */
export function leaveOutKeys(
  harvest: Harvest,
  path: Path,
  object: JsonObject,
  reasons: Readonly<Record<string, readonly [why: string, fix?: string]>>,
): void {
  for (const [key, [why, fix]] of Object.entries(reasons))
    if (object[key] !== undefined && object[key] !== null) leaveOut(harvest, [...path, key], key, why, fix)
}

/** Headers that tell who the client is. */
const IDENTITY_HEADERS = /^(?:user-agent|x-app|originator|x-client-(?:name|version)|x-stainless-.*)$/i

/** The headers that may be carried over; of all others it is said why not. References are written as Candor has them already. */
export function headersFrom(harvest: Harvest, path: Path, value: unknown, provider: string): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, text] of Object.entries(asObject(value) ?? {})) {
    const at = [...path, name]
    const what = `the header ${shownName(name)}`
    if (typeof text !== 'string' || mayBeKey(name) || checkHeaderName(name) !== undefined)
      leaveOut(harvest, at, what, 'it is no header that Candor can send')
    else if (IDENTITY_HEADERS.test(name)) leaveOut(harvest, at, identityWords(name, text), ...identityReasons(provider))
    else if (isCredentialHeader(name) && !isOnlyReferences(text))
      leaveOut(harvest, at, what, 'it may be a key', `Write it with a reference: models.providers.${provider}.headers`)
    else if (!hasReference(text) && !isPlainWord(text))
      leaveOut(
        harvest,
        at,
        what,
        'its value may be a secret',
        `Write it yourself: models.providers.${provider}.headers`,
      )
    else if (checkHeaderValue(name, text) !== undefined)
      leaveOut(harvest, at, what, 'its value is none that a header can carry')
    else kept[name] = text
  }
  return kept
}

function identityWords(name: string, text: string): string {
  const value = isPlainWord(text) && !mayBeKey(text) ? ` "${oneLine(text, 60)}"` : ''
  return `the header "${name}"${value}, which says to be another program`
}

function identityReasons(provider: string): [string, string] {
  return [
    'Candor does not pretend to be another program, and some providers suspend accounts for it',
    `Leave it away: the calling client's own User-Agent is passed on as it is, else candor/VERSION is sent. If it is your own program's name: candor config set 'models.providers.${provider}.headers["User-Agent"]' NAME/VERSION`,
  ]
}
