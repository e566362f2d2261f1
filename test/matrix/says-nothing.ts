import type { JsonValue } from '../../src/base/json-value.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import { matches } from './paths.ts'

/** A place in a client's body whose value no other protocol needs to be told, and why. */
interface Exception {
  readonly from: ProtocolId
  readonly at: string
  /** Only this value. */
  readonly value?: JsonValue
  readonly to?: ProtocolId
  readonly because: string
}

/** Fields whose word only says what kind of thing stands there, or who says it: every protocol has its own. */
const STRUCTURE = /(?:^|[.\]])(?:type|role|mode|syntax)$/

const EXCEPTIONS: readonly Exception[] = []

/** True for a leaf that asks for nothing, or says what the target says in another way. */
export function saysNothing(path: string, value: JsonValue, from: ProtocolId, to: ProtocolId): boolean {
  if (value === null || STRUCTURE.test(path)) return true
  if (to === 'google-generative-ai' && path === 'model') return true
  return EXCEPTIONS.some(
    row =>
      row.from === from &&
      (row.to === undefined || row.to === to) &&
      (row.value === undefined || Bun.deepEquals(row.value, value)) &&
      matches(path, row.at),
  )
}
