import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

/** Why a question was not answered, in the gateway's words. */
export class Trouble extends Error {
  readonly status: number
  readonly code: string
  readonly why: string | undefined
  readonly fix: readonly string[]
  /** What a provider said about it, quoted. */
  readonly said: string | undefined
  /** The fields of what was sent that the problem is about, as `budgets[0].most`. */
  readonly paths: readonly string[]

  constructor(
    what: string,
    rest: {
      readonly status: number
      readonly code: string
      readonly why?: string | undefined
      readonly fix?: readonly string[]
      readonly said?: string | undefined
      readonly paths?: readonly string[]
    },
  ) {
    super(what)
    this.name = 'Trouble'
    this.status = rest.status
    this.code = rest.code
    this.why = rest.why
    this.fix = rest.fix ?? []
    this.said = rest.said
    this.paths = rest.paths ?? []
  }
}

/** What is sent with a question. */
export interface Sending {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly body?: object
  readonly signal?: AbortSignal
}

/**
 * Asks the gateway. The answer's type is the contract of that path (src/admin); it is not checked again here. Throws {@link Trouble}, or the
 * reason of the signal.
 */
export async function ask<Answer>(path: string, sending: Sending = {}): Promise<Answer> {
  const { body, signal, method = body === undefined ? 'GET' : 'POST' } = sending
  const response = await fetch(path, {
    method,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    throw new Trouble('The gateway does not answer.', {
      status: 0,
      code: 'unreachable',
      fix: ['See whether it still runs: candor status', 'This page asks again by itself.'],
    })
  })
  const text = await response.text()
  const parsed = parsedOf(text)
  if (response.ok && parsed !== undefined) return parsed as Answer
  throw troubleIn(parsed, response.status)
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The gateway's problem as it stands in an answer: `error.candor`, or what there is of it. */
export function troubleIn(body: unknown, status: number): Trouble {
  const error = fieldOf(body, 'error')
  const note = fieldOf(error, 'candor')
  const what = textIn(note, 'what') ?? textIn(error, 'message') ?? `The gateway answered with HTTP ${status}.`
  return new Trouble(what, {
    status,
    code: textIn(note, 'code') ?? 'unknown',
    why: textIn(note, 'why'),
    fix: textsIn(note, 'fix'),
    said: textIn(fieldOf(note, 'upstream'), 'message'),
    paths: textsIn(note, 'paths'),
  })
}

/** The field of something that came from outside; undefined where it has none. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}

function textsIn(value: unknown, name: string): readonly string[] {
  const found = fieldOf(value, name)
  return Array.isArray(found) ? found.filter(line => typeof line === 'string') : []
}

/** The text in a field; undefined where there is none, or an empty one. */
export function textIn(value: unknown, name: string): string | undefined {
  const found = fieldOf(value, name)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** A question and what is known of its answer. An old answer stays while a new one is fetched, and while that fails. */
export interface Question<Answer> {
  readonly answer?: Answer
  /** Why the last try failed. */
  readonly trouble?: Trouble
  readonly asking: boolean
  /** Asks again now. */
  again(): void
}

interface Known<Answer> {
  readonly answer?: Answer
  readonly trouble?: Trouble
  readonly asking: boolean
}

/** A gateway that did not answer is asked again after this many milliseconds. */
const LOST_MS = 5_000

/**
 * Asks when the view appears, when `path` changes, and then every `everyMs` milliseconds while the page is visible; of a gateway that does not answer
 * again until it does. An `undefined` path asks nothing yet.
 */
export function useQuestion<Answer>(path: string | undefined, everyMs?: number): Question<Answer> {
  const [known, setKnown] = useState<Known<Answer>>({ asking: path !== undefined })
  const running = useRef<AbortController | undefined>(undefined)
  const asked = useRef<string | undefined>(undefined)

  const again = useCallback(() => {
    if (path === undefined) return
    running.current?.abort()
    const own = new AbortController()
    running.current = own
    const isOther = asked.current !== path
    asked.current = path
    setKnown(before => (isOther ? { asking: true } : { ...before, asking: true }))
    ask<Answer>(path, { signal: own.signal }).then(
      answer => setKnown({ answer, asking: false }),
      (error: unknown) => {
        if (own.signal.aborted) return
        setKnown(before => ({ ...before, trouble: asTrouble(error), asking: false }))
      },
    )
  }, [path])

  useEffect(() => {
    again()
    return () => running.current?.abort()
  }, [again])

  useEffect(() => {
    if (everyMs === undefined) return undefined
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') again()
    }, everyMs)
    return () => clearInterval(timer)
  }, [again, everyMs])

  const isLost = known.trouble?.code === 'unreachable' && !known.asking
  useEffect(() => {
    if (!isLost) return undefined
    const timer = setTimeout(again, LOST_MS)
    return () => clearTimeout(timer)
  }, [isLost, again])

  return { ...known, again }
}

/** Whatever was thrown, as something to show. */
export function asTrouble(error: unknown): Trouble {
  if (error instanceof Trouble) return error
  return new Trouble(error instanceof Error ? error.message : 'Something went wrong.', { status: 0, code: 'unknown' })
}
