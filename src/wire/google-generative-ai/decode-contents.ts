import { asString } from '../../base/json-value.ts'
import type { Part, Turn } from '../../canon/request.ts'
import type { Reading } from '../reading.ts'
import { openCallIds } from './call-ids.ts'
import { readModelPart, readUserPart } from './decode-parts.ts'
import { fieldOf, has, type Message, maybeText, messageOf, messagesOf, noteUnknown, pathOf } from './reading.ts'

const CONTENT_FIELDS = new Set(['role', 'parts'])

/** Roles of what is not the model's. `function` is the older one for results; a content without a role is the user's. */
const USER_ROLES = new Set(['', 'user', 'function', 'tool'])

/** Reads `systemInstruction`: a content, or a bare text, which Google's SDKs take. Its role says nothing. */
export function readInstruction(body: Message, reading: Reading): Turn[] {
  const at = pathOf(body, 'systemInstruction')
  const text = asString(fieldOf(body, 'systemInstruction'))
  if (text !== undefined) return text === '' ? [] : [{ role: 'system', parts: [{ type: 'text', text, at }], at }]
  if (!has(body, 'systemInstruction')) return []
  const content = messageOf(body, 'systemInstruction', reading)
  noteUnknown(content, CONTENT_FIELDS, reading)
  const ids = openCallIds()
  const parts = messagesOf(content, 'parts', reading).flatMap(part => readUserPart(part, ids, reading))
  return parts.length === 0 ? [] : [{ role: 'system', parts, at }]
}

/**
 * Reads the conversation. Neighbouring contents of the model's are one turn: a client that keeps a stream as it came sends one for
 * each piece.
 */
export function readContents(body: Message, reading: Reading): Turn[] {
  if (!has(body, 'contents')) reading.faults.push({ path: 'contents', rule: 'must be a list of contents' })
  const turns: Turn[] = []
  const ids = openCallIds()
  let open: Part[] | undefined
  for (const content of messagesOf(body, 'contents', reading)) {
    noteUnknown(content, CONTENT_FIELDS, reading)
    const role = maybeText(content, 'role', reading) ?? ''
    const parts = messagesOf(content, 'parts', reading)
    if (role === 'model') {
      const continued = open
      open = continued ?? []
      if (continued === undefined) turns.push({ role: 'assistant', parts: open, at: content.at })
      for (const [i, part] of parts.entries())
        readModelPart(part, open, continued !== undefined && i === 0, ids, reading)
      continue
    }
    open = undefined
    if (!USER_ROLES.has(role)) reading.faults.push({ path: pathOf(content, 'role'), rule: 'must be user or model' })
    turns.push({ role: 'user', parts: parts.flatMap(part => readUserPart(part, ids, reading)), at: content.at })
  }
  return turns
}
