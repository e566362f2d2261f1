import { parseJson } from '../../src/base/json.ts'
import { isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import type { ParameterName } from '../../src/canon/parameters.ts'
import { type CarriedReasoning, unpackCallId, unpackReasoning } from '../../src/canon/reasoning-carrier.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'
import { leavesOf, matches } from './paths.ts'
import { saysNothing } from './says-nothing.ts'

/**
 * The leaves of a client's body that are neither found in the target's body, nor stand in a place that a loss names, nor ask for nothing
 * (says-nothing.ts). Each is told with its path; empty where all is said or told.
 */
export function silentDrops(
  body: JsonObject,
  request: CanonRequest,
  from: WireProtocol,
  to: WireProtocol,
): readonly string[] {
  const { body: sent, losses, assumptions } = to.encodeRequest(request, {})
  const told = [
    ...losses.flatMap(loss => [loss.path, from.parameters[loss.parameter as ParameterName]?.path ?? loss.path]),
    ...cutTools(request),
  ]
  const filledIn = assumptions.flatMap(({ value, reason }) => [value, reason])
  const said = new Set(
    [...leavesOf(sent).map(({ value }) => value), ...filledIn].flatMap(value => readingsOf(value).flat()),
  )
  const texts = [...said].filter(text => text.length > 8)
  const isSaid = (reading: readonly string[]) =>
    reading.every(word => said.has(word) || (word.length > 1 && texts.some(text => text.includes(word))))
  return leavesOf(body)
    .filter(({ path }) => !told.some(place => matches(path, place)))
    .filter(({ path, value }) => !saysNothing(path, value, request.from, to.id))
    .filter(({ value }) => !carriedElsewhere(value, to, said) && !readingsOf(value).some(isSaid))
    .map(({ path, value }) => `${path} ${JSON.stringify(value)}`)
}

/** Tools that a choice of others leaves out. */
function cutTools({ tools, toolChoice }: CanonRequest): readonly string[] {
  if (toolChoice?.mode !== 'allowed') return []
  return tools.flatMap(tool => (toolChoice.names.includes(tool.name) ? [] : [tool.at]))
}

/** Each way to say a value: as it is, as what JSON, base64 or a `data:` URL holds, as the kind of media without its family,
 * in small letters, without the name of its enum. */
function readingsOf(value: JsonValue): readonly (readonly string[])[] {
  if (typeof value !== 'string') return [[isObject(value) || Array.isArray(value) ? '{}' : JSON.stringify(value)]]
  const readings = [
    [value],
    [value.toLowerCase()],
    [unpackCallId(value).id],
    [(value.split('_').at(-1) ?? '').toLowerCase()],
  ]
  const read = /^[[{]/.test(value) ? parseJson(value) : undefined
  if (read?.ok === true) readings.push(leavesOf(read.value).flatMap(leaf => readingsOf(leaf.value)[0] ?? []))
  const data = /^data:([^;,]+);base64,/i.exec(value)
  if (data !== null) readings.push([data[1] ?? '', value.slice(data[0].length)])
  const bytes = data === null ? value : value.slice(data[0].length)
  const text = Buffer.from(bytes, 'base64').toString('utf8')
  if (bytes.length > 8 && Buffer.from(text).toString('base64') === bytes) readings.push([text])
  const kind = /^audio\/(\w+)$/.exec(value)?.[1]
  if (kind !== undefined) readings.push([kind])
  return readings
}

/** A carrier says something to the protocol that wrote what is in it, and nothing to any other. */
function carriedElsewhere(value: JsonValue, to: WireProtocol, said: ReadonlySet<string>): boolean {
  const carried = typeof value === 'string' ? carriedIn(value) : undefined
  if (carried === undefined) return false
  if (carried.origin !== to.id) return true
  return leavesOf([carried.signature ?? null, carried.redacted ?? null])
    .filter(leaf => leaf.value !== null)
    .every(leaf => said.has(String(leaf.value)))
}

/** Bare, or in base64 as Gemini's clients have it. */
function carriedIn(value: string): CarriedReasoning | undefined {
  return unpackReasoning(value) ?? unpackReasoning(Buffer.from(value, 'base64').toString('utf8'))
}
