import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../src/base/json-value.ts'
import { PROTOCOL_IDS, type ProtocolId } from '../../src/canon/protocol.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { ReplyContext, WireProtocol } from '../../src/wire/wire-protocol.ts'

const ROOT = join(import.meta.dir, '..', 'fixtures', 'matrix')

/** Run with `UPDATE_GOLDENS=1` to write the goldens anew; read every changed line of them before it is kept. */
const UPDATE = process.env.UPDATE_GOLDENS === '1'

/** What is crossed: a request, a whole reply, a stream as it comes over the wire, or an error with its status. */
export type Kind = 'requests' | 'replies' | 'streams' | 'errors'

/** One feature in one protocol's words: `tools-parallel.openai-responses.json`. */
export interface MatrixFixture {
  readonly kind: Kind
  readonly feature: string
  readonly protocol: WireProtocol
  readonly name: string
  readonly path: string
}

/** Where the protocol says them in the path, what the path of every fixture says. */
export const NAMES = { model: 'model', stream: false } as const

/** What every reply is written with. */
export const CONTEXT: ReplyContext = {
  requestId: 'req_matrix',
  model: 'provider/model',
  createdSeconds: 1_790_000_000,
  streamUsage: true,
}

/** The protocol of that name. */
export function protocolOf(id: ProtocolId): WireProtocol {
  const found = WIRE_PROTOCOLS.find(protocol => protocol.id === id)
  if (found === undefined) throw new Error(`no codec for ${id}`)
  return found
}

/** All fixtures of a kind, by name. A file whose name does not say its protocol is an error. */
export function fixturesOf(kind: Kind): readonly MatrixFixture[] {
  return readdirSync(join(ROOT, kind))
    .filter(file => !file.endsWith('.golden.json'))
    .sort()
    .map(file => {
      const [feature = '', id = ''] = file.split('.')
      const known = PROTOCOL_IDS.find(each => each === id)
      if (known === undefined) throw new Error(`${kind}/${file} does not name its protocol`)
      return { kind, feature, protocol: protocolOf(known), name: `${feature} in ${id}`, path: join(ROOT, kind, file) }
    })
}

/** The features that lack a fixture in one of the protocols, as `feature in protocol`; those in `lacking` have no words there. */
export function gapsIn(kind: Kind, lacking: Readonly<Record<string, readonly ProtocolId[]>>): readonly string[] {
  const fixtures = fixturesOf(kind)
  const features = [...new Set(fixtures.map(fixture => fixture.feature))]
  return features.flatMap(feature =>
    PROTOCOL_IDS.filter(
      id =>
        lacking[feature]?.includes(id) !== true &&
        !fixtures.some(fixture => fixture.feature === feature && fixture.protocol.id === id),
    ).map(id => `${feature} in ${id}`),
  )
}

/** A fixture's text. */
export function textOf(fixture: MatrixFixture): string {
  return readFileSync(fixture.path, 'utf8')
}

/** A fixture's JSON. */
export function bodyOf(fixture: MatrixFixture): JsonObject {
  return JSON.parse(textOf(fixture)) as JsonObject
}

/** What the golden beside a fixture says; with `UPDATE_GOLDENS=1` it is written first. */
export function golden(fixture: MatrixFixture, actual: unknown): unknown {
  const path = fixture.path.replace(/\.(?:json|txt)$/, '.golden.json')
  if (UPDATE) writeFileSync(path, `${JSON.stringify(actual, undefined, 2)}\n`)
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** A value as JSON keeps it: without what is undefined. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
