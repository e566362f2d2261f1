import type { Material } from './mutate-json.ts'

/** Something that must hold for any bytes at all. */
export interface Target {
  /** Also the name of its folder below test/fixtures/fuzz. */
  readonly name: string
  /** What its corpus holds, and so how it is varied: as JSON, as a stream of events with JSON data, or as bytes. */
  readonly shape: 'json' | 'stream' | 'bytes'
  /** Well-formed examples to start from. */
  readonly corpus: readonly Uint8Array[]
  readonly material: Material
  /** Runs one case. Returns what is wrong in words, undefined if all is well; throwing is wrong too. */
  run(bytes: Uint8Array): string | undefined
}

/** What is wrong with one case, a thrown error included. */
export function faultOf(target: Target, bytes: Uint8Array): string | undefined {
  try {
    return target.run(bytes)
  } catch (error) {
    return error instanceof Error ? `threw ${error.stack ?? error.message}` : `threw ${String(error)}`
  }
}
