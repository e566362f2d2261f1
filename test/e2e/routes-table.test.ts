import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { createServer, type Server, type Socket } from 'node:net'
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from '../../src/canon/problem.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import { statusFor } from '../../src/wire/wire-protocol.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Client, call, chatClient, messagesClient, noteOf, stream } from './clients.ts'
import { type Gateway, startGateway } from './harness.ts'
import { entryOf, simulate } from './providers.ts'
import { FAILURES, type Failure } from './route-failures.ts'

/** One way to name the first target. */
type Way = 'no route' | 'a route without the code' | 'a route with it'
const WAYS: readonly Way[] = ['no route', 'a route without the code', 'a route with it']

const SPARE_MODEL = 'gpt-4.1'

/** Breakers remember by model, so every cell has a model of its own. */
interface Cell {
  readonly failure: Failure
  readonly client: Client
  readonly protocol: ProtocolId
  readonly way: Way
  readonly streams: boolean
  /** The first target's model, and the route's name. */
  readonly id: string
}
