import { PARAMETER_NAMES, PARAMETERS, type ParameterName } from '../canon/parameters.ts'
import type { ProtocolId } from '../canon/protocol.ts'
import { WIRE_PROTOCOLS } from '../wire/index.ts'
import type { WireProtocol } from '../wire/wire-protocol.ts'

/**
 * What becomes of a parameter. `passed`: nothing is translated. `mapped`: said in the other protocol's words. `reported`: left out, for the
 * answer stays the same. `refused`: leaving it out would change the answer.
 */
export type Fate = 'passed' | 'mapped' | 'reported' | 'refused'

/** One parameter on one lane. */
export interface LaneParameter {
  readonly name: ParameterName
  readonly meaning: string
  /** Where it stands in the client's request. */
  readonly at: string
  readonly becomes: Fate
  /** Where it stands upstream, if it is mapped. */
  readonly as?: string
  readonly note?: string
}

/** The way from a client's protocol to a provider's. */
export interface Lane {
  readonly from: ProtocolId
  readonly to: ProtocolId
  /** The client's own bytes go through. */
  readonly passThrough: boolean
  readonly parameters: readonly LaneParameter[]
}

/** Every lane, from the tables the codecs themselves work by. */
export const LANES: readonly Lane[] = WIRE_PROTOCOLS.flatMap(from => WIRE_PROTOCOLS.map(to => laneOf(from, to)))

/** The answer to `/candor/capabilities`. */
export function capabilities() {
  return { object: 'capabilities', protocols: WIRE_PROTOCOLS.map(({ id }) => id), lanes: LANES }
}

function laneOf(from: WireProtocol, to: WireProtocol): Lane {
  const spoken = PARAMETER_NAMES.filter(name => name === 'unknown_fields' || from.parameters[name] !== undefined)
  return {
    from: from.id,
    to: to.id,
    passThrough: from === to,
    parameters: spoken.map(name => parameterOf(name, from, to)),
  }
}

function parameterOf(name: ParameterName, from: WireProtocol, to: WireProtocol): LaneParameter {
  const { meaning, kind } = PARAMETERS[name]
  const [source, target] = [from.parameters[name], to.parameters[name]]
  const base = { name, meaning, at: source?.path ?? 'anywhere' }
  if (from === to) return { ...base, becomes: 'passed', ...(source?.note === undefined ? {} : { note: source.note }) }
  const note = [...new Set([source?.note, target?.note])].filter(each => each !== undefined).join('; ')
  return {
    ...base,
    ...(target === undefined
      ? { becomes: kind === 'hint' ? 'reported' : 'refused' }
      : { becomes: 'mapped', as: target.path }),
    ...(note === '' ? {} : { note }),
  }
}
