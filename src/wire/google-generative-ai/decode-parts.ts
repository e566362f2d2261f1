import type { JsonObject } from '../../base/json-value.ts'
import { unpackCallId } from '../../canon/reasoning-carrier.ts'
import type { Part, ToolCallPart, ToolResultPart } from '../../canon/request.ts'
import type { Reading } from '../reading.ts'
import type { CallIds } from './call-ids.ts'
import { readMedia } from './decode-media.ts'
import { opaquePart } from './decode-opaque.ts'
import { readSignature, restoreReasoning, signedReasoning } from './decode-signatures.ts'
import { PROTOCOL } from './protocol.ts'
import {
  fieldOf,
  has,
  type Message,
  maybeObject,
  maybeText,
  messageOf,
  messagesOf,
  noteUnknown,
  pathOf,
  wantText,
} from './reading.ts'
import { readResponse } from './tool-response.ts'

const USER_TEXT_FIELDS = new Set(['text'])
const MODEL_TEXT_FIELDS = new Set(['text', 'thought', 'thoughtSignature'])
const MEDIA_FIELDS = new Set(['inlineData', 'fileData'])
const CALL_PART_FIELDS = new Set(['functionCall', 'thoughtSignature', 'thought'])
const CALL_FIELDS = new Set(['id', 'name', 'args'])
const RESULT_PART_FIELDS = new Set(['functionResponse'])
const RESULT_FIELDS = new Set(['id', 'name', 'response', 'parts'])

/** What stands beside a part's data and is none itself (SDK type `Part`). */
const BESIDE = new Set([
  'thought',
  'thoughtSignature',
  'mediaResolution',
  'videoMetadata',
  'partMetadata',
  'mediaProcessing',
  'speechMetadata',
])

/** Reads a part of the user's, or of an instruction. */
export function readUserPart(part: Message, ids: CallIds, reading: Reading): Part[] {
  if (has(part, 'functionResponse')) return [readResult(part, ids, reading)]
  if (has(part, 'functionCall') || fieldOf(part, 'thought') === true) {
    const path = pathOf(part, has(part, 'functionCall') ? 'functionCall' : 'thought')
    reading.faults.push({ path, rule: 'belongs into a content of the role model' })
    return []
  }
  if (has(part, 'inlineData') || has(part, 'fileData')) return [readMedia(part, MEDIA_FIELDS, reading)]
  if (!has(part, 'text')) return readOther(part, reading)
  noteUnknown(part, USER_TEXT_FIELDS, reading)
  return [{ type: 'text', text: wantText(part, 'text', reading), at: part.at }]
}

/**
 * Reads a part of the model's behind those of the same turn. Streams come in pieces and clients send the pieces back: neighbouring thoughts are one
 * thought, up to its signature; a text that `continues` another content goes on where that ended.
 */
export function readModelPart(part: Message, parts: Part[], continues: boolean, ids: CallIds, reading: Reading): void {
  if (has(part, 'functionCall')) readCall(part, parts, ids, reading)
  else if (has(part, 'functionResponse'))
    reading.faults.push({ path: pathOf(part, 'functionResponse'), rule: 'belongs into a content of the role user' })
  else if (has(part, 'inlineData') || has(part, 'fileData')) parts.push(readMedia(part, MEDIA_FIELDS, reading))
  else if (has(part, 'text') || isSignatureAlone(part)) readText(part, parts, continues, reading)
  else parts.push(...readOther(part, reading))
}

function isSignatureAlone(part: Message): boolean {
  return has(part, 'thoughtSignature') && dataName(part) === undefined
}

/** Executed code, server tools, transcriptions and kinds to come. */
function readOther(part: Message, reading: Reading): Part[] {
  const name = dataName(part)
  if (name !== undefined) return [opaquePart(part, name)]
  reading.faults.push({ path: part.at, rule: 'must hold text or another kind of data' })
  return []
}

function dataName(part: Message): string | undefined {
  return Object.keys(part.fields).find(key => !BESIDE.has(key))
}

function readText(part: Message, parts: Part[], continues: boolean, reading: Reading): void {
  noteUnknown(part, MODEL_TEXT_FIELDS, reading)
  const text = maybeText(part, 'text', reading) ?? ''
  const signature = maybeText(part, 'thoughtSignature', reading)
  const last = parts.at(-1)
  if (fieldOf(part, 'thought') === true) {
    const open = last?.type === 'reasoning' && isUnsigned(last) ? last : undefined
    const thought = signedReasoning((open?.text ?? '') + text, readSignature(signature), open?.at ?? part.at)
    if (open !== undefined) parts.pop()
    if (thought.text !== '' || !isUnsigned(thought)) parts.push(thought)
    return
  }
  if (continues && last?.type === 'text') parts[parts.length - 1] = { ...last, text: last.text + text }
  else if (text !== '') parts.push({ type: 'text', text, at: part.at })
  const signed = signedReasoning('', readSignature(signature), part.at)
  if (!isUnsigned(signed)) parts.push(signed)
}

function isUnsigned(part: Part): boolean {
  return part.type === 'reasoning' && (part.signature ?? part.redacted ?? part.origin) === undefined
}

function readCall(part: Message, parts: Part[], ids: CallIds, reading: Reading): void {
  noteUnknown(part, CALL_PART_FIELDS, reading)
  const call = messageOf(part, 'functionCall', reading)
  noteUnknown(call, CALL_FIELDS, reading)
  const name = wantText(call, 'name', reading)
  const given = readId(call, reading)
  const input: JsonObject = maybeObject(call, 'args', reading) ?? {}
  const { own, carried } = readSignature(maybeText(part, 'thoughtSignature', reading))
  restoreReasoning(parts, carried, part.at)
  const signature = own ?? (given?.carried?.origin === PROTOCOL ? given.carried.signature : undefined)
  parts.push({
    type: 'tool-call',
    id: ids.forCall(given?.id, name),
    name,
    input: JSON.stringify(input),
    custom: false,
    ...(signature === undefined
      ? {}
      : { signature, ...placed(part, own === undefined ? pathOf(call, 'id') : pathOf(part, 'thoughtSignature')) }),
    at: part.at,
  })
}

/** Where a call's signature stands, if not in the usual field. */
function placed({ at }: Message, signature: string): Pick<ToolCallPart, 'places'> {
  return signature === `${at}.thoughtSignature` ? {} : { places: { signature } }
}

function readResult(part: Message, ids: CallIds, reading: Reading): ToolResultPart {
  noteUnknown(part, RESULT_PART_FIELDS, reading)
  const result = messageOf(part, 'functionResponse', reading)
  noteUnknown(result, RESULT_FIELDS, reading)
  const name = wantText(result, 'name', reading)
  const response = maybeObject(result, 'response', reading)
  const { text, failed } = response === undefined ? { text: '', failed: false } : readResponse(response)
  const media = messagesOf(result, 'parts', reading).flatMap(inner => readUserPart(inner, ids, reading))
  return {
    type: 'tool-result',
    callId: ids.forResult(readId(result, reading)?.id, name),
    failed,
    content: [...(text === '' ? [] : [{ type: 'text', text, at: pathOf(result, 'response') } as const]), ...media],
    at: part.at,
  }
}

/** An id, with what another protocol's encoder may have put into it. An empty one is none. */
function readId(message: Message, reading: Reading): ReturnType<typeof unpackCallId> | undefined {
  const id = maybeText(message, 'id', reading)
  return id === undefined || id === '' ? undefined : unpackCallId(id)
}
