import type { ProtocolId } from '../../src/canon/protocol.ts'
import { CLIENTS, type Client, chatClient, eventsIn, parse, written } from './clients.ts'
import type { MadeStormKey } from './storm-keys.ts'
import { OUTPUT_MAX } from './storm-providers.ts'
import type { Random } from './storm-random.ts'

/** How one call looked to its client. */
export interface Seen {
  /** What the client wrote into its `User-Agent`. */
  readonly tag: string
  readonly key: string
  readonly model: string
  readonly protocol: ProtocolId
  readonly stream: boolean
  /** Milliseconds since 1970. */
  readonly at: number
  /** Asks what others ask too. */
  readonly repeats: boolean
  /** The key had been withdrawn before. */
  readonly withdrawn: boolean
  /**
   * `complete`: an answer to its end. `refused`: an error before any answer. `told`: a stream that ended with an error of the protocol. `left`: the
   * client went away. `spoiled`: the answer was not what the model said, or could not be read. `odd`: anything else, which must not be.
   */
  readonly came: 'complete' | 'refused' | 'told' | 'left' | 'spoiled' | 'odd'
  /** Why it is odd or spoiled, or what the error said. */
  readonly words?: string
  readonly code?: string
  readonly status?: number
  readonly headers: Readonly<Record<string, string>>
}

/** One call to be made. */
export interface Occasion {
  readonly url: string
  readonly tag: string
  readonly key: MadeStormKey & { readonly endedAt?: number }
  readonly random: Random
  readonly names: readonly string[]
}

/** When a client goes away: right behind its request, with the answer's head, or after so many pieces of it. */
type Leaving = 'at once' | 'at the head' | number | undefined

const TOKENS = [20, 60, 200]
const LEAVES = 0.12
const WORDS = ['weather', 'north', 'wind', 'rain', 'clouds', 'thunder', 'hail', 'storm', 'calm', 'sea']
/** What is asked again and again where answers are kept. */
const REPEATED = 'always the same'
/** Longer than was reserved for it, by a third. */
const LONG = `[[long ${OUTPUT_MAX + 200}]]`

const SHOWN = [
  'candor-request-id',
  'candor-model',
  'candor-fallback',
  'candor-billing',
  'candor-attempts',
  'candor-budget',
  'candor-cache',
  'retry-after',
  'ratelimit-limit',
]

interface Asking {
  readonly client: Client
  readonly model: string
  readonly stream: boolean
  readonly text: string
  readonly body: Record<string, unknown>
  readonly leaving: Leaving
}

/** Makes one call, chosen by chance, and says how it looked. */
export async function callOnce(occasion: Occasion): Promise<Seen> {
  const { url, tag, key } = occasion
  const asking = askingFor(occasion)
  const { client, model, stream } = asking
  const abort = new AbortController()
  const at = Date.now()
  const about = {
    tag,
    key: key.name,
    model,
    protocol: client.protocol,
    stream,
    at,
    repeats: asking.text === REPEATED,
    withdrawn: key.endedAt !== undefined,
  }
  const { path, body } = written(client, { ...asking.body, stream })
  const headers = { 'content-type': 'application/json', 'x-api-key': key.secret, 'user-agent': `storm/1.0 (${tag})` }
  const asked = fetch(url + path, { method: 'POST', body, headers, signal: abort.signal })
  if (asking.leaving === 'at once') setImmediate(() => abort.abort())
  try {
    return { ...about, ...(await take(await asked, asking, abort)) }
  } catch (error) {
    if (abort.signal.aborted) return { ...about, came: 'left', headers: {} }
    return { ...about, came: 'odd', words: `no answer: ${String(error)}`, headers: {} }
  }
}

function askingFor({ tag, key, random, names }: Occasion): Asking {
  const client = random.pick(CLIENTS)
  const stream = random.chance(0.5)
  const model = random.chance(0.01)
    ? 'nobody/knows-this'
    : key.overshoots === true
      ? 'house/gpt-house'
      : random.pick(names)
  const said = [tag, ...Array.from({ length: 1 + random.below(12) }, () => random.pick(WORDS))].join(' ')
  const paced = stream && random.chance(0.1) ? ' [[pace 10]]' : ''
  const long = key.overshoots === true && client.protocol !== 'anthropic-messages'
  const text = long ? LONG : `${said}${paced}`
  const limit = long || random.chance(0.3) ? {} : client.limit(random.pick(TOKENS))
  // Elsewhere usage is told in any case.
  const usage = client === chatClient && stream && random.chance(0.8) ? { stream_options: { include_usage: true } } : {}
  // Half of what is kept is asked for again.
  const again = model === 'kept' && random.chance(0.5) ? REPEATED : text
  return {
    client,
    model,
    stream,
    text: again,
    body: client.body(model, again, { ...limit, ...usage }),
    leaving: leavingBy(random),
  }
}

function leavingBy(random: Random): Leaving {
  if (!random.chance(LEAVES)) return undefined
  return random.pick(['at once', 'at the head', 1, 2, 5] as const)
}

type Came = Pick<Seen, 'came' | 'words' | 'code' | 'status' | 'headers'>

async function take(response: Response, asking: Asking, abort: AbortController): Promise<Came> {
  const { status } = response
  const headers = Object.fromEntries(
    SHOWN.flatMap(name => {
      const value = response.headers.get(name)
      return value === null ? [] : [[name, value] as const]
    }),
  )
  const text = await readAll(response, asking.leaving, abort)
  if (text === undefined) return { came: 'left', status, headers }
  return { status, headers, ...judge(text, status, asking, headers) }
}

async function readAll(response: Response, leaving: Leaving, abort: AbortController): Promise<string | undefined> {
  if (leaving === 'at the head') {
    abort.abort()
    return undefined
  }
  const decoder = new TextDecoder()
  let text = ''
  let pieces = 0
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true })
    pieces += 1
    if (pieces === leaving) {
      abort.abort()
      return undefined
    }
  }
  return text
}

function judge(text: string, status: number, asking: Asking, headers: Came['headers']): Omit<Came, 'headers'> {
  try {
    return status === 200 ? judgeAnswer(text, asking, headers) : judgeRefusal(text, asking)
  } catch (error) {
    return { came: 'spoiled', words: `${String(error)}: ${text.slice(-600)}` }
  }
}

function judgeRefusal(text: string, { client }: Asking): Omit<Came, 'headers'> {
  const body = parse(text)
  if (!client.isEnvelope(body) || body.error === undefined)
    return { came: 'odd', words: `no envelope: ${text.slice(0, 300)}` }
  return { came: 'refused', code: body.error.candor.code, words: body.error.message }
}

function judgeAnswer(text: string, asking: Asking, headers: Came['headers']): Omit<Came, 'headers'> {
  const { client, stream } = asking
  if (!stream) {
    const said = client.textOf(parse(text))
    return asExpected(said, true, asking, headers) ?? { came: 'complete' }
  }
  const events = eventsIn(text)
  const error = events.map(event => client.errorIn(event)).find(found => found !== undefined)
  const ended = client.ended.test(text)
  if (error !== undefined && ended) return { came: 'odd', words: `an error and an ending: ${text.slice(-600)}` }
  if (error === undefined && !ended)
    return { came: 'odd', words: `neither an error nor an ending: ${text.slice(-600)}` }
  const said = client.streamText(
    error === undefined ? events : events.filter(event => client.errorIn(event) === undefined),
  )
  const odd = asExpected(said, error === undefined, asking, headers)
  if (odd !== undefined) return odd
  return error === undefined ? { came: 'complete' } : { came: 'told', code: error.candor.code, words: error.message }
}

/** What the simulated model says to this, if nothing is lost, doubled or another's. */
function expectedText({ text }: Asking, served: string): string {
  const long = /\[\[long (\d+)\]\]/.exec(text)?.[1]
  if (long !== undefined) return 'word '.repeat(Number(long))
  const model = served.slice(served.indexOf('/') + 1)
  return `This is the simulated model ${model}. You said: "${text.replace(/\[\[[^\]]*\]\]/g, '').trim()}".`
}

/** Why the answer is not what was said, if so. One that stopped at the limit of the request is a beginning of it. */
function asExpected(
  said: string,
  whole: boolean,
  asking: Asking,
  headers: Came['headers'],
): Omit<Came, 'headers'> | undefined {
  const expected = expectedText(asking, headers['candor-model'] ?? '')
  const limited = /"max(?:_output|_completion)?_tokens"|maxOutputTokens/.test(JSON.stringify(asking.body))
  const fits = whole && !limited ? said.trim() === expected.trim() : expected.startsWith(said.trim())
  return fits
    ? undefined
    : { came: 'spoiled', words: `said ${JSON.stringify(said)} and not ${JSON.stringify(expected)}` }
}
