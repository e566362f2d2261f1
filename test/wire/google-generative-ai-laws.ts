import { readFileSync } from 'node:fs'
import { parseJson } from '../../src/base/json.ts'
import { asArray, asObject, isObject, type JsonValue } from '../../src/base/json-value.ts'
import type { SseFrame } from '../../src/base/sse.ts'
import type { Event } from '../../src/canon/event.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Fixture } from './google-generative-ai-goldens.ts'

/** A fixture of the folder `told`: a reply's canonical events, and the protocol they were read from. */
export function toldReply({ path }: Fixture): { readonly events: readonly Event[]; readonly from: ProtocolId } {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/**
 * Whether a Gemini stream may end behind these frames, worked out from the wire alone: every candidate that came has told a reason to finish, or
 * the prompt was refused.
 */
export function geminiIsComplete(frames: readonly SseFrame[]): boolean {
  const finished = new Map<JsonValue, boolean>()
  let blocked = false
  for (const { data } of frames) {
    const read = parseJson(data)
    if (!read.ok) continue
    for (const chunk of isObject(read.value) ? [read.value] : asArray(read.value)) {
      const reason = asObject(asObject(chunk)?.promptFeedback)?.blockReason
      blocked ||= reason !== undefined && reason !== 'BLOCK_REASON_UNSPECIFIED'
      for (const [position, value] of asArray(asObject(chunk)?.candidates).entries()) {
        const candidate = asObject(value)
        const index = candidate?.index ?? position
        finished.set(index, finished.get(index) === true || candidate?.finishReason !== undefined)
      }
    }
  }
  return blocked || (finished.size > 0 && [...finished.values()].every(Boolean))
}

/** A block of a reply: its head, and its contents with neighbouring pieces of text put together. */
interface Told {
  readonly head: JsonValue
  readonly contents: { readonly type: string; value: JsonValue }[]
}

/**
 * A reply without what may differ when it is told again: how texts were cut, the raw usage, things nobody knows, when citations came, how often it was told what
 * stands beside a candidate's content, the word for no reason to finish.
 */
export function sameReply(events: readonly Event[]): JsonValue {
  const blocks = new Map<number, Told>()
  const rest: Event[] = []
  let usage: JsonValue = null
  for (const event of events) {
    if (event.type === 'block-start')
      blocks.set(event.index, { head: JSON.stringify([event.choice, event.block]), contents: [] })
    else if (event.type === 'block-delta') addDelta(blocks.get(event.index), event)
    else if (event.type === 'usage') usage = { ...event.usage, raw: null }
    else if (event.type === 'choice-stop')
      rest.push({ ...event, raw: event.raw === 'FINISH_REASON_UNSPECIFIED' ? '' : event.raw })
    else if (event.type !== 'unknown' && event.type !== 'ping' && event.type !== 'block-stop') rest.push(event)
  }
  const told = [...blocks.values()]
  const beside = new Set(told.filter(isBeside).map(({ head }) => head))
  const content = told.filter(block => !isBeside(block)).map(withParsedInput)
  return JSON.parse(JSON.stringify({ content, beside: [...beside], rest, usage }))
}

function isBeside({ head }: Told): boolean {
  return /"name":"\w+Metadata"/.test(String(head))
}

/** The same arguments may be written as different texts. */
function withParsedInput({ head, contents }: Told): JsonValue {
  return [
    head,
    contents
      .toSorted((a, b) => Number(a.type === 'citation') - Number(b.type === 'citation'))
      .map(({ type, value }) => [type, type === 'input' ? JSON.parse(String(value)) : value]),
  ] satisfies JsonValue
}

function addDelta(block: Told | undefined, { delta }: Event & { readonly type: 'block-delta' }): void {
  const last = block?.contents.findLast(({ type }) => type !== 'citation')
  if (delta.type === 'text' || delta.type === 'input') {
    if (last?.type === delta.type) last.value = `${String(last.value)}${delta.text}`
    else block?.contents.push({ type: delta.type, value: delta.text })
  } else block?.contents.push({ type: delta.type, value: 'value' in delta ? delta.value : delta.signature })
}

/** All text of a reply by choice, reasoning apart. */
export function textOf(events: readonly Event[]): JsonValue {
  const kinds = new Map<number, string>()
  const texts: Record<string, string> = {}
  for (const event of events) {
    if (event.type === 'block-start')
      kinds.set(event.index, `${event.choice} ${event.block.type === 'reasoning' ? 'reasoning' : 'text'}`)
    if (event.type !== 'block-delta' || event.delta.type !== 'text') continue
    const kind = kinds.get(event.index) ?? ''
    texts[kind] = (texts[kind] ?? '') + event.delta.text
  }
  return texts
}
