/** A setting of a fault. `duration` is milliseconds or `never` (for ever). */
export interface FaultParameter {
  readonly name: string
  readonly kind: 'count' | 'duration' | 'text'
  /** Absent: must be given. */
  readonly default?: string
  readonly choices?: readonly string[]
  /** Largest count taken: the simulator must not be what falls over. */
  readonly max?: number
  readonly about: string
}

/** A way in which an answer can go wrong. The first parameter's value follows the name: `cut=1200;how=reset`. */
export interface FaultKind {
  readonly name: string
  readonly parameters: readonly [FaultParameter, ...FaultParameter[]]
  readonly about: string
}

const after = (meaning: string): FaultParameter => ({
  name: 'after',
  kind: 'count',
  default: '1',
  about: `${meaning} after this many events of a stream; a whole body counts as two halves`,
})

/** Every fault, in the order `candor sim --help` prints them. */
export const FAULTS = [
  {
    name: 'status',
    about: 'another status with an error body',
    parameters: [
      { name: 'code', kind: 'count', about: 'HTTP status' },
      { name: 'body', kind: 'text', default: '', about: 'body; absent: an error in the envelope of the surface' },
      { name: 'content-type', kind: 'text', default: 'application/json', about: 'content type of the body' },
      { name: 'retry-after', kind: 'text', default: '', about: 'value of Retry-After' },
      { name: 'retry-after-ms', kind: 'text', default: '', about: "value of OpenAI's Retry-After-Ms" },
    ],
  },
  {
    name: 'delay',
    about: 'silence before the first byte',
    parameters: [{ name: 'ms', kind: 'duration', about: 'how long' }],
  },
  {
    name: 'stall',
    about: 'silence in the middle of the body; with after=0 right behind the headers',
    parameters: [{ name: 'ms', kind: 'duration', default: 'never', about: 'how long' }, after('silent')],
  },
  {
    name: 'cut',
    about: 'the connection ends in the middle of the body',
    parameters: [
      { name: 'bytes', kind: 'count', about: 'bytes of the body that are still sent' },
      { name: 'how', kind: 'text', default: 'fin', choices: ['fin', 'reset'], about: 'closed in order, or reset' },
      {
        name: 'framing',
        kind: 'text',
        default: 'kept',
        choices: ['kept', 'chunked', 'length', 'close'],
        about: 'how the end of the body would have been told',
      },
    ],
  },
  {
    name: 'end-early',
    about: 'the body ends in order, but too soon: the protocol’s own ending is missing',
    parameters: [{ ...after('ends'), name: 'events' }],
  },
  {
    name: 'error',
    about: 'the protocol’s own error event inside the stream, which then ends (streams only)',
    parameters: [{ ...after('fails'), name: 'events' }],
  },
  {
    name: 'garbage',
    about: 'bytes that are neither UTF-8 nor events, inside the body',
    parameters: [
      { name: 'bytes', kind: 'count', default: '64', about: 'how many, 16777216 at most', max: 16_777_216 },
      after('come'),
    ],
  },
  {
    name: 'malformed',
    about: 'an event whose JSON breaks off',
    parameters: [{ name: 'event', kind: 'count', default: '1', about: 'which one, from 0' }],
  },
  {
    name: 'huge',
    about: 'an event with an unknown field of many MiB',
    parameters: [
      { name: 'mib', kind: 'count', about: 'size in MiB, 256 at most', max: 256 },
      { name: 'event', kind: 'count', default: '1', about: 'which one, from 0' },
    ],
  },
  {
    name: 'bad-chunk',
    about: 'a chunk whose size is no number',
    parameters: [{ ...after('comes'), name: 'events' }],
  },
  {
    name: 'drip',
    about: 'the body byte by byte',
    parameters: [
      { name: 'ms', kind: 'duration', about: 'pause between two bytes; 0: none, but each byte is a chunk of its own' },
    ],
  },
  {
    name: 'reset',
    about: 'the connection is reset',
    parameters: [
      {
        name: 'at',
        kind: 'text',
        default: 'before',
        choices: ['before', 'headers'],
        about: 'before any byte, or behind the headers',
      },
    ],
  },
  {
    name: 'content-type',
    about: 'the body as it is, under another content type',
    parameters: [{ name: 'type', kind: 'text', default: 'text/html', about: 'content type' }],
  },
  {
    name: 'redirect',
    about: 'sends the client elsewhere',
    parameters: [
      {
        name: 'code',
        kind: 'count',
        default: '307',
        choices: ['301', '302', '303', '307', '308'],
        about: 'HTTP status',
      },
      { name: 'to', kind: 'text', about: 'URL for Location' },
    ],
  },
  {
    name: 'extra',
    about: 'bytes behind the end of the answer',
    parameters: [
      {
        name: 'what',
        kind: 'text',
        default: 'garbage',
        choices: ['garbage', 'response'],
        about: 'noise, or a second answer nobody asked for',
      },
    ],
  },
  {
    name: 'gzip-bomb',
    about: 'a small compressed body that unpacks to many MiB',
    parameters: [{ name: 'mib', kind: 'count', about: 'unpacked size in MiB, 256 at most', max: 256 }],
  },
  {
    name: 'headers',
    about: 'many response headers of 1 KiB each',
    parameters: [{ name: 'kib', kind: 'count', about: 'size in KiB, 65536 at most', max: 65_536 }],
  },
  {
    name: 'both-lengths',
    about: 'a Content-Length beside Transfer-Encoding: chunked',
    parameters: [{ name: 'bytes', kind: 'count', default: '5', about: 'the length that is announced' }],
  },
  {
    name: 'informational',
    about: 'many 103 answers before the real one',
    parameters: [{ name: 'count', kind: 'count', about: 'how many, 100000 at most', max: 100_000 }],
  },
] as const satisfies readonly FaultKind[]

/** What a fault is called. */
export type FaultName = (typeof FAULTS)[number]['name']

/** A fault with all its settings. */
export interface Fault {
  readonly name: FaultName
  /** By parameter name; a duration of `never` is `Infinity`. */
  readonly values: Readonly<Record<string, string | number>>
}

/** Reads `name`, `name=value` or `name=value;parameter=value;…`. A text that is no fault gives the reason, in words. */
export function parseFault(text: string): Fault | string {
  const [head = '', ...rest] = text.split(';')
  const [name, first] = halves(head)
  const kind: (FaultKind & { readonly name: FaultName }) | undefined = FAULTS.find(row => row.name === name)
  if (kind === undefined) return `no fault is called "${name}"; there are ${FAULTS.map(row => row.name).join(', ')}`
  const given = new Map<string, string>(first === undefined ? [] : [[kind.parameters[0].name, first]])
  for (const part of rest) {
    const [key, value] = halves(part)
    if (!kind.parameters.some(parameter => parameter.name === key)) return `${name} has no parameter "${key}"`
    given.set(key, value ?? '')
  }
  const values: Record<string, string | number> = {}
  for (const parameter of kind.parameters) {
    const value = readValue(parameter, given.get(parameter.name) ?? parameter.default)
    if (value === undefined) return `${name}: ${parameter.name} must be ${expected(parameter)}`
    values[parameter.name] = value
  }
  return { name: kind.name, values }
}

function halves(text: string): [string, string | undefined] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text.trim(), undefined] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()]
}

function readValue(parameter: FaultParameter, text: string | undefined): string | number | undefined {
  if (text === undefined || (parameter.choices !== undefined && !parameter.choices.includes(text))) return undefined
  if (parameter.kind === 'text') return /[\r\n\0]/.test(text) ? undefined : text
  if (parameter.kind === 'duration' && text === 'never') return Number.POSITIVE_INFINITY
  if (!/^\d{1,9}$/.test(text)) return undefined
  return Number(text) > (parameter.max ?? Number.POSITIVE_INFINITY) ? undefined : Number(text)
}

function expected(parameter: FaultParameter): string {
  if (parameter.choices !== undefined) return `one of ${parameter.choices.join(', ')}`
  if (parameter.kind === 'text') return 'a text'
  if (parameter.kind === 'duration') return 'milliseconds or never'
  return parameter.max === undefined ? 'a whole number' : `a whole number up to ${parameter.max}`
}
