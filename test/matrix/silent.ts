import { parseJson } from '../../src/base/json.ts'
import { isObject, type JsonObject, type JsonValue } from '../../src/base/json-value.ts'
import { type CarriedReasoning, unpackCallId, unpackReasoning } from '../../src/canon/reasoning-carrier.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'
import { type Leaf, leavesOf, matches } from './paths.ts'
import { saysNothing } from './says-nothing.ts'

/**
 * The leaves of a client's body that are neither found in the target's body, nor stand in a place that a loss names, nor ask for nothing
 * (says-nothing.ts). Each is told with its path; empty where all is said or told.
 */
export function silentDrops(body: JsonObject, request: CanonRequest, to: WireProtocol): readonly string[] {
  const { body: sent, losses, assumptions } = to.encodeRequest(request, {})
  const told = [...losses.map(loss => loss.path), ...cutTools(request)]
  const filledIn = assumptions.flatMap(({ value, reason }) => [value, reason])
  const said = new Set(
    [...leavesOf(sent).map(({ value }) => value), ...filledIn].flatMap(value => readingsOf(value).flat()),
  )
  const texts = [...said].filter(text => text.length > 8)
  const isSaid = (reading: readonly string[]) =>
    reading.every(word => said.has(word) || (word.length > 1 && texts.some(text => text.includes(word))))
  const isTold = ({ path }: Leaf) => told.some(place => matches(path, place))
  const leaves = leavesOf(body)
  const toldSeals = new Set(leaves.filter(isTold).flatMap(({ value }) => sealsIn(value)))
  return leaves
    .filter(leaf => !isTold(leaf))
    .filter(({ path, value }) => !saysNothing(path, value, request.from, to.id))
    .filter(({ value }) => !isCarried(value, new Set([...said, ...toldSeals])) && !readingsOf(value).some(isSaid))
    .map(({ path, value }) => `${path} ${JSON.stringify(value)}`)
}

/** The places that losses name and the client's body does not have; empty where each loss names what the client wrote. */
export function placesNowhere(body: JsonObject, request: CanonRequest, to: WireProtocol): readonly string[] {
  const leaves = leavesOf(body)
  const paths = to.encodeRequest(request, {}).losses.map(loss => loss.path)
  return paths.filter(path => !leaves.some(leaf => matches(leaf.path, path)))
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

/** A carrier is said or told where all that is sealed in it is. Clients may keep one and the same in two places. */
function isCarried(value: JsonValue, known: ReadonlySet<string>): boolean {
  const seals = sealsIn(value)
  return seals.length > 0 && seals.every(seal => known.has(seal))
}

/** What a carrier holds of a provider's own; nothing where the value is none. */
function sealsIn(value: JsonValue): readonly string[] {
  const carried = typeof value === 'string' ? carriedIn(value) : undefined
  if (carried === undefined) return []
  const { signature, redacted, details } = carried
  const seals = [signature, redacted].filter(seal => seal !== undefined)
  return seals.length > 0 ? seals : leavesOf(details).map(leaf => String(leaf.value))
}

/** Bare, or in base64 as Gemini's clients have it. */
function carriedIn(value: string): CarriedReasoning | undefined {
  return unpackReasoning(value) ?? unpackReasoning(Buffer.from(value, 'base64').toString('utf8'))
}
