import { asArray, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { Assumption, Loss } from '../../canon/loss.ts'
import type { Quirks } from '../quirks.ts'
import {
  breaks,
  eachOnce,
  keepsNone,
  mapObjects,
  openedId,
  sealsIn,
  sealsOfCarried,
  sealsOfId,
  unsealed,
  withoutFields,
} from '../seals.ts'
import type { KeepsSeal, Seals, Unsealed } from '../wire-protocol.ts'
import { NO_SIGNATURE, readSignature } from './decode-signatures.ts'

/** Thoughts, thought signatures on parts of any kind, and ids of calls that carry one. */
export const seals: Seals = { signaturesIn, withoutSeals }

const SIGNATURES = ['thoughtSignature', 'thought_signature']
const CALLS = ['functionCall', 'function_call']
const RESULTS = ['functionResponse', 'function_response']
/** Where a request for counting holds a whole request. */
const WHOLE = ['generateContentRequest', 'generate_content_request']

function signaturesIn(body: JsonObject): readonly string[] {
  const inside = WHOLE.flatMap(name => objectsIn(body[name])).flatMap(signaturesIn)
  const parts = objectsIn(body.contents).flatMap(content => objectsIn(content.parts))
  return eachOnce([...parts.flatMap(part => [...partSeals(part), ...idSeals(part)]), ...inside])
}

/** Google takes one object in place of a list of one. */
function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return isObject(value) ? [value] : asArray(value).filter(isObject)
}

function partSeals(part: JsonObject): string[] {
  return SIGNATURES.flatMap(name => {
    const { own, carried } = readSignature(asString(part[name]))
    return [...(own === undefined ? [] : sealsIn(own)), ...carried.flatMap(sealsOfCarried)]
  })
}

function idSeals(part: JsonObject): string[] {
  return CALLS.flatMap(name => {
    const message = part[name]
    return isObject(message) ? sealsOfId(message, 'id') : []
  })
}

/** What is gathered while a conversation is gone through. */
interface Removal {
  readonly losses: Loss[]
  readonly assumptions: Assumption[]
  /** Calls may not go unsigned. */
  readonly signsCalls: boolean
  readonly keeps: KeepsSeal
}

function withoutSeals(body: JsonObject, to: Quirks | 'translated' = {}, keeps = keepsNone): Unsealed {
  const signsCalls = to !== 'translated' && to.unsignedCalls !== true
  const removal: Removal = { losses: [], assumptions: [], signsCalls, keeps }
  return { body: openRequest(body, '', removal), losses: removal.losses, assumptions: removal.assumptions }
}

function openRequest(body: JsonObject, at: string, removal: Removal): JsonObject {
  let open = body
  if (open.contents !== undefined) open = { ...open, contents: openContents(open.contents, `${at}contents`, removal) }
  for (const name of WHOLE) {
    const inner = open[name]
    if (isObject(inner)) open = { ...open, [name]: openRequest(inner, `${at}${name}.`, removal) }
  }
  return open
}

/** A part, and what is to become of it. */
interface Place {
  readonly part: JsonObject
  readonly at: string
  dropped: boolean
}

function openContents(contents: JsonValue, at: string, removal: Removal): JsonValue {
  const places: Place[] = []
  mapEach(contents, at, (content, path) => {
    mapEach(content.parts, `${path}.parts`, (part, where) => {
      places.push({ part, at: where, dropped: false })
      return part
    })
    return content
  })
  dropThoughts(places, removal)
  const order = places.values()
  return mapEach(contents, at, content => openContent(content, order, removal)) ?? []
}

/** The list, or the one object in its place, with each object changed; one that becomes undefined is left out. */
function mapEach(
  value: JsonValue | undefined,
  at: string,
  change: (object: JsonObject, at: string) => JsonObject | undefined,
): JsonValue | undefined {
  if (isObject(value)) return change(value, at)
  return Array.isArray(value) ? mapObjects(value, (item, i) => listOf(change(item, `${at}[${i}]`))) : value
}

function listOf(object: JsonObject | undefined): JsonObject[] {
  return object === undefined ? [] : [object]
}

/**
 * Thoughts in a row are one thought up to its signature, since clients send the pieces of a stream back; a thought that has none is Gemini's
 * summary of what the next part is signed with. It goes with a seal that is broken, and if nothing signs it. It stays with a seal that does, and
 * with a carrier that says that nobody signed it.
 */
function dropThoughts(places: readonly Place[], { losses, keeps }: Removal): void {
  let run: Place[] = []
  const drop = () => {
    const [first] = run
    if (first !== undefined) losses.push(unsealed(first.at))
    for (const place of run) place.dropped = true
    run = []
  }
  for (const place of places) {
    if (isThought(place.part)) run.push(place)
    if (breaks(partSeals(place.part), keeps)) drop()
    else if (isClosed(place.part)) run = []
    else if (!isThought(place.part)) drop()
  }
  drop()
}

function isThought(part: JsonObject): boolean {
  return part.thought === true && !CALLS.some(name => isObject(part[name]))
}

function isClosed(part: JsonObject): boolean {
  return SIGNATURES.some(name => ![undefined, '', NO_SIGNATURE].includes(asString(part[name])))
}

/** The content with the parts that are left; none if none is. `places` gives its parts in their order. */
function openContent(content: JsonObject, places: Iterator<Place>, removal: Removal): JsonObject | undefined {
  if (content.parts === undefined) return content
  const parts = mapEach(content.parts, '', () => {
    const { value, done } = places.next()
    return done === true || value.dropped ? undefined : openPart(value, removal)
  })
  const emptied = parts === undefined || (asArray(content.parts).length > 0 && asArray(parts).length === 0)
  return emptied ? undefined : { ...content, parts }
}

function openPart({ part, at }: Place, removal: Removal): JsonObject | undefined {
  const plain = withPlainIds(part, at, removal)
  if (!breaks(partSeals(part), removal.keeps)) return plain
  const name = SIGNATURES.find(known => part[known] !== undefined) ?? ''
  const where = `${at}.${name}`
  removal.losses.push(unsealed(where))
  const bare = withoutFields(plain, SIGNATURES)
  if (removal.signsCalls && CALLS.some(known => isObject(part[known]))) {
    removal.assumptions.push({
      path: where,
      value: NO_SIGNATURE,
      reason: 'the model demands a signature on calls, and another model signed this one',
    })
    return { ...bare, [name]: NO_SIGNATURE }
  }
  const hasData = Object.keys(bare).some(key => key !== 'thought' && !(key === 'text' && bare.text === ''))
  return hasData ? bare : undefined
}

function withPlainIds(part: JsonObject, at: string, { losses, keeps }: Removal): JsonObject {
  let open = part
  for (const name of [...CALLS, ...RESULTS]) {
    const message = open[name]
    const id = isObject(message) ? openedId(message.id, keeps) : undefined
    if (!isObject(message) || id === undefined) continue
    if (CALLS.includes(name)) losses.push(unsealed(`${at}.${name}.id`))
    open = { ...open, [name]: { ...message, id } }
  }
  return open
}
