import { isLoopback } from '../../app/config/base-url.ts'
import { isId } from '../../base/ids.ts'
import { quoteText, redactText } from '../../base/redact.ts'
import { PROVIDERS } from '../../catalog/index.ts'
import { modelsOf } from '../../catalog/models.ts'
import { shortPath } from '../short-path.ts'
import { openStandIns, type StandInKind, type StandIns } from './stand-ins.ts'

const MASK = '••••'

/** Makes texts fit to be posted. Whatever it is given, what comes out holds no known secret, nothing shaped like a key and no private host. */
export interface Cleaner {
  /** A sentence of Candor's own, which may quote anything. */
  text(text: string): string
  /** What a client or a provider wrote. */
  said(text: string): string
  /** A URL: without user and query, a private host by its stand-in, of the path only what every API has. */
  url(url: string): string
  /** A host, with or without a port. */
  host(host: string): string
  /** A name the user gave something. */
  name(kind: StandInKind, name: string): string
  /** The id of a provider; one the user made up by its stand-in. */
  provider(id: string): string
  /** A model, as `provider/model` or without a provider. */
  model(name: string): string
  /** A header's value, shown for a few harmless headers only. */
  header(name: string, value: string): string
  /** What was taken out so far, in words, with how many of each. */
  removed(): readonly string[]
}

/** What a cleaner needs to know. */
export interface CleanerOptions {
  /** Masks what is known to be secret: `fragmentMask`. */
  readonly maskKnown: (text: string) => string
  readonly home: string
  readonly own: OwnNames
  /** Not all secrets could be found out, as the configuration has faults: what others wrote is left out. */
  readonly strict: boolean
}

/** What the user gave names to. */
export interface OwnNames {
  /** Models: shown as they are, though some look like a key. */
  readonly models: readonly string[]
  /** Everything else, replaced wherever it stands. */
  readonly others: readonly (readonly [StandInKind, string])[]
}

const LEFT_OUT = '(left out)'
const TEXT_CHARS_MAX = 600

/** Headers whose value is worth knowing and says nothing about anybody. */
const HARMLESS_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'anthropic-beta',
  'anthropic-version',
  'content-type',
  'openai-beta',
  'user-agent',
])

/** Whether the header's value may be told. */
export function isHarmlessHeader(name: string): boolean {
  return HARMLESS_HEADERS.has(name.toLowerCase())
}

/** What the catalogue knows, and may be told. */
interface Known {
  readonly hosts: ReadonlySet<string>
  readonly providers: ReadonlySet<string>
  readonly models: ReadonlySet<string>
  /** Words that paths of APIs are made of. What else stands in a path may be anything. */
  readonly pathWords: ReadonlySet<string>
}

const CALL_WORDS = 'chat completions responses messages count_tokens embeddings models v1 v1beta api'.split(' ')

/** Looked up when a report is made: to go through all models takes a while. */
function catalogueWords(own: OwnNames): Known {
  const urls = PROVIDERS.flatMap(({ endpoints }) => endpoints.map(({ baseUrl }) => baseUrl))
  const models = PROVIDERS.flatMap(provider => modelsOf(provider).map(({ id }) => id))
  return {
    hosts: new Set(urls.flatMap(hostOf)),
    providers: new Set(PROVIDERS.map(({ id }) => id)),
    models: new Set([...models, ...own.models]),
    pathWords: new Set([...CALL_WORDS, ...urls.flatMap(pathWords)]),
  }
}

function hostOf(url: string): readonly string[] {
  return URL.canParse(url) ? [new URL(url).host] : []
}

function pathWords(url: string): readonly string[] {
  return URL.canParse(url) ? new URL(url).pathname.split('/').filter(word => /^[\w-]{1,24}$/.test(word)) : []
}

/** Makes a cleaner; what it calls something it calls it ever after. */
export function openCleaner(options: CleanerOptions): Cleaner {
  const { home, own, strict } = options
  const names = openStandIns()
  const known = catalogueWords(own)
  const nameless = ownNameMask(own.others, names)
  let masks = 0
  const counted = (text: string) => {
    masks += text.split(MASK).length - 1
    return text
  }
  const secretless = (text: string) => redactText(options.maskKnown(text))
  const host = (text: string) => (known.hosts.has(text.toLowerCase()) ? text.toLowerCase() : strangeHost(text, names))
  const url = (text: string) => secretless(cleanUrl(text, known.pathWords, host))
  function text(raw: string): string {
    const urls = secretless(raw).replace(/\b[a-z][a-z+]{1,9}:\/\/[^\s"'`<>)\]}•]+/gi, url)
    const words = urls.replace(/[\w+=.~%-]{12,}/g, word => (known.models.has(word) || !looksSecret(word) ? word : MASK))
    const shown = withoutPlaces(nameless(withoutHome(words, home)), names, host).replaceAll('`', "'")
    return counted(quoteText(secretless(shown), TEXT_CHARS_MAX))
  }
  const said = (raw: string) => (strict && raw !== '' ? LEFT_OUT : text(raw))
  const provider = (id: string) => (known.providers.has(id) ? id : names.of('provider', id))
  const modelId = (id: string) => (known.models.has(id) ? text(id) : said(id))
  return {
    text,
    said,
    url: raw => counted(url(raw)),
    host,
    name: (kind, name) => names.of(kind, name),
    provider,
    model(name) {
      const other = own.others.find(each => each[1] === name)
      if (other !== undefined) return names.of(...other)
      const slash = name.indexOf('/')
      if (slash <= 0 || known.models.has(name)) return modelId(name)
      return `${provider(name.slice(0, slash))}/${modelId(name.slice(slash + 1))}`
    },
    header: (name, value) => (isHarmlessHeader(name) ? said(value) : counted(MASK)),
    removed: () => [...(masks === 0 ? [] : [`${masks} × a secret, or what looks like one`]), ...names.told()],
  }
}

/** Shorter ones would be found in other words. */
const NAME_CHARS_MIN = 3

function ownNameMask(own: OwnNames['others'], names: StandIns): (text: string) => string {
  const kinds = new Map(own.filter(([, name]) => name.length >= NAME_CHARS_MIN).map(([kind, name]) => [name, kind]))
  const longestFirst = [...kinds.keys()].toSorted((a, b) => b.length - a.length).map(RegExp.escape)
  if (longestFirst.length === 0) return text => text
  const pattern = new RegExp(`(?<!\\w)(?:${longestFirst.join('|')})(?!\\w)`, 'g')
  return text =>
    text.replace(pattern, name => {
      const kind = kinds.get(name)
      return kind === undefined ? name : names.of(kind, name)
    })
}

const MAIL = /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g

/** IPv6 as RFC 4291 (2.2) writes it: eight groups, or fewer around a `::`. The time of day has neither. */
const ADDRESS_6 = /(?<![\w:.])(?=[\da-f:.]*::|(?:[\da-f]{1,4}:){7}[\da-f])[\da-f:.]*[\da-f](?!\w)/gi

const ADDRESS_4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\.\d)/g

/**
 * Names of hosts: before a port, or under a top that the world does not have (RFC 6762, appendix G; RFC 8375; ICANN's `internal`). Any other name with
 * dots may be that of a file or a model.
 */
const HOST =
  /(?<![\w.@/-])(?:[a-z0-9-]+\.)+(?:(?:internal|intranet|private|corp|home|home\.arpa|lan|local|localdomain)(?![\w-]|\.\w)|(?!json|ya?ml|toml|ts\b|js\b|md\b)[a-z]{2,}(?=:\d{2,5}\b))/gi

/** People and other machines, also where they stand in no URL. */
function withoutPlaces(text: string, names: StandIns, host: (text: string) => string): string {
  return text
    .replace(MAIL, address => names.of('mail-address', address))
    .replace(ADDRESS_6, host)
    .replace(ADDRESS_4, host)
    .replace(HOST, host)
}

function withoutHome(text: string, home: string): string {
  if (home.length < 2) return text
  return text.replaceAll(home, shortPath(home, home)).replace(/\/(?:home|Users)\/[^/\s"':]+/g, '~')
}

/** This machine as it is, any other host by its stand-in. */
function strangeHost(text: string, names: StandIns): string {
  const lower = text.toLowerCase()
  const [, name = lower, port = ''] = /^(\[.*\]|[^:]+)(:\d+)$/.exec(lower) ?? []
  const bare = name.replace(/^\[|\]$/g, '')
  if (isLoopback(bare) || bare === '0.0.0.0' || bare === '::') return lower
  return `${names.of('private-host', name)}${port}`
}

function cleanUrl(text: string, pathWords: ReadonlySet<string>, host: (text: string) => string): string {
  if (!URL.canParse(text)) return MASK
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `${url.protocol}//${MASK}`
  const path = url.pathname
    .split('/')
    .map(word => (word === '' || pathWords.has(word) ? word : '…'))
    .join('/')
  const user = url.username === '' && url.password === '' ? '' : `${MASK}@`
  const query = url.search === '' ? '' : `?${MASK}`
  return `${url.protocol}//${user}${host(url.host)}${path === '/' ? '' : path}${query}`
}

const DATE = /20\d\d-?[01]\d-?[0-3]\d/g

/** Long, and with digits or cases mixed as no word has them. Ids of Candor's own calls are none, and neither are dates. */
function looksSecret(word: string): boolean {
  if (isId(word, 'req')) return false
  const bare = word.replace(DATE, '')
  const digits = bare.replace(/\D/g, '').length
  const mixed = /[a-z]/.test(bare) && /[A-Z]/.test(bare) && digits > 0
  return (digits >= 4 && /[A-Za-z]/.test(bare)) || (bare.length >= 20 && mixed) || /[A-Za-z0-9]{32,}/.test(bare)
}
