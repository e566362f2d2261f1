import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { entryOf, simulate } from '../e2e/providers.ts'
import { aiSdks } from './ai-sdk.ts'
import { anthropicSdk } from './anthropic.ts'
import type { Form, SdkClient, Talk, TalkOptions } from './client.ts'
import { genai } from './genai.ts'
import { openAiChat, openAiResponses } from './openai.ts'

/** Every official client, once for each protocol it speaks. */
export const CLIENTS: readonly SdkClient[] = [openAiChat, openAiResponses, anthropicSdk, genai, ...aiSdks]

/** A provider that can be reached in one protocol only, so that a lane is what it says. */
export interface Target {
  readonly protocol: ProtocolId
  /** What a client asks for. */
  readonly ref: string
  readonly sim: Sim
  /** A second provider of the same kind, which says again what the first said to the same requests. */
  readonly twin: Sim
}

/** The gateway with a target for each protocol. */
export interface Scene {
  readonly gateway: Gateway
  readonly targets: readonly Target[]
  stop(): Promise<void>
}

/**
 * Where each protocol is spoken. Anthropic's row has one surface only. DeepSeek's, for a dialect that wants its reasoning back, has others, but they
 * do not come along to an address whose path is not like theirs. The last two are no row's: they speak their protocol and nothing else.
 */
const PLACES = [
  { id: 'deepseek', protocol: 'openai-completions', kind: 'moonshot', model: 'kimi-k3' },
  { id: 'some-responses', protocol: 'openai-responses', kind: 'openai', model: 'gpt-5' },
  { id: 'anthropic', protocol: 'anthropic-messages', kind: 'anthropic', model: 'claude-sonnet-5-5' },
  { id: 'some-gemini', protocol: 'google-generative-ai', kind: 'google', model: 'gemini-3.5-flash' },
] as const

/** The four protocols a target may speak. */
export const PROTOCOLS: readonly ProtocolId[] = PLACES.map(({ protocol }) => protocol)

/** Starts the simulated providers and the gateway before them. */
export async function openScene(): Promise<Scene> {
  const targets = await Promise.all(
    PLACES.map(async ({ id, protocol, kind, model }) => ({
      protocol,
      id,
      ref: `${id}/${model}`,
      sim: await simulate(kind),
      twin: await simulate(kind),
    })),
  )
  const providers = Object.fromEntries(targets.map(({ id, protocol, sim }) => [id, entryOf(sim, undefined, protocol)]))
  const gateway = await startGateway({ config: { models: { providers } } })
  return {
    gateway,
    targets,
    async stop() {
      await gateway.stop()
      await Promise.all(targets.flatMap(({ sim, twin }) => [sim.stop(), twin.stop()]))
    },
  }
}

/** One client before one target, in one form. */
export interface Lane {
  readonly client: SdkClient
  readonly target: Target
  readonly form: Form
  readonly scene: Scene
}

/** Something every lane does; throws where it does not. */
export interface Feature {
  readonly name: string
  /** Absent: both. */
  readonly forms?: readonly Form[]
  /** Absent: all. */
  readonly targets?: readonly ProtocolId[]
  /** What clients must speak, because others have no words for it. Absent: anything. */
  readonly spoken?: readonly ProtocolId[]
  run(lane: Lane): Promise<void>
}

/** Starts a conversation; what the target was asked before is forgotten. */
export function openTalk({ client, form, scene, target }: Lane, options: Partial<TalkOptions> = {}): Talk {
  target.sim.clear()
  target.twin.clear()
  return client.open({ origin: scene.gateway.url, model: target.ref, form, ...options })
}

/** Gives a way to get the receipt of the one call that is made from now on, once it has ended. */
export async function watchReceipt({ gateway }: Scene): Promise<() => Promise<Receipt>> {
  const before = new Set((await gateway.receipts()).map(({ id }) => id))
  return () => gateway.receiptThat(({ id, ending }) => !before.has(id) && ending !== 'in-flight')
}

/** The target that speaks a protocol. Throws if there is none. */
export function targetOf(scene: Scene, protocol: ProtocolId): Target {
  const found = scene.targets.find(target => target.protocol === protocol)
  if (found === undefined) throw new Error(`no target speaks ${protocol}`)
  return found
}

/** What a lane does not do, and why. */
export interface Limit {
  readonly what:
    | 'it is refused by name'
    | 'reasoning is not shown'
    | 'reasoning does not come back'
    | 'reasoning comes back with tools only'
    | 'the second turn is refused'
    | 'a turn of another provider is refused'
  readonly clients: readonly string[]
  readonly targets: readonly ProtocolId[]
  /** Who began the turn; absent: anybody. */
  readonly from?: readonly ProtocolId[]
  readonly why: string
}

const OVER_CHAT = ['openai chat', 'ai, openai chat', 'ai, openai-compatible']

/** Clients that ask for a budget of thinking; the others ask for an effort, or leave it to the model. */
const WITH_BUDGET = ['anthropic', 'google genai', 'ai, google']

/** All of them. Each is checked for what it says. */
export const LIMITS: readonly Limit[] = [
  {
    what: 'it is refused by name',
    clients: CLIENTS.map(({ name }) => name),
    targets: ['openai-responses'],
    why: 'Responses have no stop sequences',
  },
  {
    what: 'reasoning is not shown',
    clients: ['ai, openai chat'],
    targets: PROTOCOLS,
    why: 'the client reads no reasoning in Chat Completions',
  },
  {
    what: 'reasoning is not shown',
    clients: OVER_CHAT,
    targets: ['openai-responses', 'google-generative-ai'],
    why: 'the provider shows it only where asked to, and reasoning_effort does not ask',
  },
  {
    what: 'reasoning does not come back',
    clients: ['ai, openai chat', 'ai, openai-compatible'],
    targets: ['anthropic-messages', 'openai-responses'],
    why: 'the client drops reasoning_details, where the signature is; the provider does without',
  },
  {
    what: 'reasoning comes back with tools only',
    clients: ['ai, openai chat', 'ai, openai-compatible'],
    targets: ['google-generative-ai'],
    why: 'the signature travels in the id of a call; beside a text it is in reasoning_details, which the client drops',
  },
  {
    what: 'reasoning comes back with tools only',
    clients: ['anthropic', 'ai, anthropic'],
    targets: ['google-generative-ai'],
    why: 'a signature behind the last text would hide it as an empty block, so it is left out; the provider does without',
  },
  {
    what: 'reasoning does not come back',
    clients: ['ai, openai chat'],
    targets: ['openai-completions'],
    why: 'the client drops reasoning_content',
  },
  {
    what: 'the second turn is refused',
    clients: ['ai, openai chat'],
    targets: ['openai-completions'],
    why: 'the client drops reasoning_content, which this provider wants back beside tool calls',
  },
  {
    what: 'a turn of another provider is refused',
    clients: WITH_BUDGET,
    targets: ['anthropic-messages'],
    why: 'with a thinking budget the turn must begin with thinking that Anthropic signed, and nobody else can',
  },
  {
    what: 'a turn of another provider is refused',
    clients: OVER_CHAT,
    targets: ['openai-completions'],
    from: ['openai-responses', 'google-generative-ai'],
    why: 'the provider wants the text of the reasoning back beside tool calls, and none was shown',
  },
  {
    what: 'a turn of another provider is refused',
    clients: ['ai, openai chat'],
    targets: ['openai-completions'],
    why: 'the client drops reasoning_content, which this provider wants back beside tool calls',
  },
]

/** True if the table says so of this client and this target; `from` is the protocol of another one that began the turn. */
export function isLimited(what: Limit['what'], client: string, target: ProtocolId, from?: ProtocolId): boolean {
  return LIMITS.filter(limit => limit.what === what && limit.clients.includes(client)).some(
    limit => limit.targets.includes(target) && (from === undefined || (limit.from?.includes(from) ?? true)),
  )
}
