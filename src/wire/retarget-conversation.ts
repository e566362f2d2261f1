import { type Edit, type FieldSpan, type ObjectScan, scanArray, scanObject, spanString } from '../base/json-splice.ts'
import type { Loss } from '../canon/loss.ts'
import { unpackCallId } from '../canon/reasoning-carrier.ts'
import type { CallIds } from './call-ids.ts'
import type { Span } from './cut-json.ts'
import { lossOf } from './settings.ts'

const OPEN_BRACKET = 0x5b

/** Stands in every carrier (canon/reasoning-carrier.ts). Bytes without it hold nothing of another protocol's provider. */
const CARRIER_MARK = Buffer.from('candor1')

/** Why reasoning is taken out of a client's bytes. */
export const FOREIGN = "another protocol's provider wrote it"

/** True if the bytes may hold a carrier: only then a conversation that passes through is looked into. */
export function mayHoldCarriers(body: Uint8Array): boolean {
  // The search of `Buffer` on any array of bytes: a `Buffer` over these would cost more than the search.
  return Buffer.prototype.includes.call(body, CARRIER_MARK)
}

/** An object in a list, with the fields that were looked for. */
export interface ItemScan extends Span {
  readonly place: number
  readonly scan: ObjectScan
}

/** The objects of a list. What is no list or no object, or says a thing twice, is the provider's to refuse. */
export function scanItems(
  body: Uint8Array,
  list: FieldSpan | undefined,
  wanted: readonly string[],
): readonly ItemScan[] {
  if (list === undefined || body[list.valueStart] !== OPEN_BRACKET) return []
  const items = scanArray(body, { start: list.valueStart, end: list.valueEnd })
  if ('fault' in items) return []
  return items.flatMap((item, place) => {
    const scan = scanObject(body, wanted, item)
    return 'fault' in scan ? [] : [{ ...item, place, scan }]
  })
}

/** The text of a field; undefined if it is not there or no text. */
export function textAt(body: Uint8Array, scan: ObjectScan, name: string): string | undefined {
  const field = scan.fields.get(name)
  return field === undefined ? undefined : spanString(body, field.valueStart, field.valueEnd)
}

/** The edit of a field's value. */
export function valueEdit(field: FieldSpan, text: string): Edit {
  return { start: field.valueStart, end: field.valueEnd, insert: JSON.stringify(text) }
}

/** Writes `system` for `developer`. */
export function roleEdits(body: Uint8Array, scan: ObjectScan): Edit[] {
  const role = scan.fields.get('role')
  return role === undefined || textAt(body, scan, 'role') !== 'developer' ? [] : [valueEdit(role, 'system')]
}

/** Reasoning, or what a call was signed with, that does not go on. */
export function leftOut(at: string, reason: string): Loss {
  return lossOf('reasoning_history', at, `earlier thinking is left out: ${reason}`)
}

/**
 * Makes the id of a call or a result what it was before another provider's signature was put into it, as far as the target takes it. The
 * signature is lost once for each call, not again for its result.
 */
export function callIdEdits(
  body: Uint8Array,
  { scan }: ItemScan,
  name: string,
  of: { readonly at: string; readonly result: boolean; readonly ids: CallIds },
  losses: Loss[],
): Edit[] {
  const field = scan.fields.get(name)
  const given = textAt(body, scan, name)
  if (field === undefined || given === undefined) return []
  const { id, carried } = unpackCallId(given)
  if (carried !== undefined && !of.result)
    losses.push(leftOut(`${of.at}.${name}`, "the call carries another provider's signature"))
  const fitted = of.result ? of.ids.forResult(id, false).id : of.ids.forCall(id, false)
  return fitted === given ? [] : [valueEdit(field, fitted)]
}
