import { z } from 'zod'
import { PARAMETER_NAMES } from '../../canon/parameters.ts'
import { PROBLEM_CODES, PROBLEMS } from '../../canon/problem.ts'
import { PROTOCOL_IDS } from '../../canon/protocol.ts'
import { DAY_MS, headers, MIB, MINUTE_MS, milliseconds, secret, text, tokens } from './schema-parts.ts'

const usdPerMillion = () => z.number().min(0).max(1_000_000)

/** What a provider may be called: it stands before the slash of a model name. */
const PROVIDER_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const price = z.strictObject({
  input: usdPerMillion().describe('Input tokens.'),
  output: usdPerMillion().describe('Output tokens.'),
  cacheRead: usdPerMillion().optional().describe('Input tokens read from the prompt cache.'),
  cacheWrite: usdPerMillion().optional().describe('Input tokens written to the prompt cache.'),
})

const model = z.strictObject({
  id: text(256).describe("The model's name at the provider."),
  name: text(256).optional().describe('A name for people.'),
  contextWindow: tokens().optional().describe('Tokens that fit, input and output together.'),
  maxOutputTokens: tokens().optional().describe('Most tokens of one answer.'),
  reasoning: z.boolean().optional().describe('True if the model thinks before it answers.'),
  input: z
    .array(z.enum(['text', 'image', 'pdf', 'audio', 'video']))
    .optional()
    .describe('Kinds of input the model takes.'),
  price: price
    .optional()
    .describe(
      'US dollars per million tokens. Without it the catalogue decides, and an unknown price is told as unknown.',
    ),
  headers: headers().optional().describe("Headers for this model, over the provider's; `null` removes one."),
})

const BALANCES = ['order', 'weighted', 'least-busy'] as const
const LANES = ['plan', 'metered', 'free', 'local'] as const

const rank = () => z.int().min(1).max(1_000)

const credential = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
    .describe('What receipts call it: letters, digits, dots, dashes and underscores, at most 64.'),
  key: secret().describe('The key, as in `apiKey`.'),
  billing: z
    .enum(LANES)
    .optional()
    .describe(
      "The purse this key draws on, where it is not the provider's. Keys of different lanes never stand in for each other.",
    ),
  priority: rank().default(1).describe('Lower goes first; equals are balanced.'),
  weight: rank().default(1).describe('Share among equals.'),
})

const retry = z.strictObject({
  max: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe(
      'Further attempts at the same target, when it is overloaded, limits the rate or cannot be reached. 0: none.',
    ),
  baseMs: milliseconds(10 * MINUTE_MS)
    .default(250)
    .describe('A retry waits a random time up to this, doubled with every attempt. Milliseconds.'),
  capMs: milliseconds(10 * MINUTE_MS)
    .default(8_000)
    .describe('Most that backoff alone waits. Milliseconds.'),
  waitMsMax: milliseconds()
    .default(20_000)
    .describe('A provider that asks for a longer wait is not waited for. Milliseconds.'),
})

const providerTimeouts = z.strictObject({
  connectMs: milliseconds(10 * MINUTE_MS)
    .optional()
    .describe('Until a connection stands.'),
  firstByteMs: milliseconds().optional().describe("Until the first byte of the answer's body."),
  idleMs: milliseconds().optional().describe('Between two pieces of an answer.'),
  totalMs: milliseconds().optional().describe('The whole call, whoever was asked before.'),
})

const provider = z.strictObject({
  name: text(256).optional().describe('A name for people.'),
  enabled: z.boolean().default(true).describe('`false` switches the provider off without removing its entry.'),
  baseUrl: text(2_048)
    .optional()
    .describe(
      `Where the provider is, up to where the call's own path begins. May hold \`\${NAME}\`. The key is sent to this origin only.`,
    ),
  apiKey: secret()
    .optional()
    .describe(
      `The provider's key: \`\${NAME}\`, \`\${NAME:-default}\`, \`{ file }\`, \`{ exec }\`, or the key itself. Without it the catalogue's variables are looked at.`,
    ),
  apiKeys: z.array(credential).min(1).max(64).optional().describe('Several keys, in place of `apiKey`.'),
  balance: z
    .enum(BALANCES)
    .default('least-busy')
    .describe(
      'How one of several keys of the same priority is picked: `order` the first that can serve, `weighted` by weight, `least-busy` of two picked by weight the less busy.',
    ),
  api: z.enum(PROTOCOL_IDS).optional().describe('The protocol spoken at `baseUrl`.'),
  headers: headers()
    .optional()
    .describe(
      `Headers for every request to this provider. May hold \`\${NAME}\`; \`null\` removes one. \`User-Agent\` is sent exactly as written.`,
    ),
  billing: z
    .enum(LANES)
    .optional()
    .describe(
      'Which purse pays. Without it the catalogue or the kind of key decides; for a provider it does not know, `local` on this machine and `metered` elsewhere.',
    ),
  allowHttp: z
    .boolean()
    .default(false)
    .describe('Allows `http://` to another machine: the key then travels unprotected.'),
  timeouts: providerTimeouts
    .optional()
    .describe("This provider's own time limits, in milliseconds, over those in `gateway.timeouts`."),
  models: z.array(model).max(2_000).optional().describe("Models to list beside the catalogue's, or facts to correct."),
})

const models = z.strictObject({
  default: text(512).optional().describe('Used only when a request names no model. Never a fallback.'),
  providers: z
    .record(
      z.string().regex(PROVIDER_ID).describe('letters, digits, dots, dashes and underscores, at most 64'),
      provider,
    )
    .default({})
    .describe(
      'Providers by id. A catalogue id needs only what differs from its row; any other needs `baseUrl` and `api`.',
    ),
  aliases: z
    .record(text(256), text(512))
    .default({})
    .describe('Names to model names. A name that ends in `*` fits everything that begins so; the longest wins.'),
})

const fallbackCodes = PROBLEM_CODES.filter(code => PROBLEMS[code].fallback !== 'never')

const target = z.union([
  text(512).transform(name => ({ model: name, priority: undefined, weight: 1 })),
  z
    .strictObject({
      model: text(512).describe('A model as `provider/model`, or its alias.'),
      priority: rank().optional().describe('Lower goes first; equals are balanced.'),
      weight: rank().default(1).describe('Share among equals.'),
    })
    .transform(({ model: name, priority, weight }) => ({ model: name, priority, weight })),
])

const route = z.strictObject({
  targets: z
    .array(target)
    .min(1)
    .max(32)
    .describe('Models in the order they are tried, each as a name or as `{ model, priority, weight }`.'),
  fallbackOn: z
    .array(z.enum(fallbackCodes))
    .default([])
    .describe('Problems on which the next target is tried. Empty: the route never falls back.'),
  crossBilling: z
    .union([
      z.boolean(),
      z.strictObject({
        maxUsdPerDay: z
          .number()
          .positive()
          .max(1_000_000)
          .describe("Most that may be spent in a day (UTC) outside of the first target's lane, in US dollars."),
      }),
    ])
    .default(false)
    .describe(
      'May the route leave the billing lane of its first target? `true`, or up to an amount a day. Every such answer says so.',
    ),
  retry: retry.optional().describe('Over `gateway.retry`.'),
  balance: z
    .enum(BALANCES)
    .default('order')
    .describe(
      'How one of several targets of the same priority is picked. With `order` every target without a priority has its own, with the others they are all equal.',
    ),
  affinity: z
    .boolean()
    .default(true)
    .describe(
      "Keeps a conversation with the target and key that served it, so that the provider's prompt cache stays warm.",
    ),
  signedReasoning: z
    .enum(['refuse', 'remove'])
    .default('refuse')
    .describe(
      'What happens when a conversation with signed thinking would go to another model than the one that signed it: that target is passed over, or the thinking is taken out and the receipt says so.',
    ),
  cache: z
    .strictObject({
      ttlSeconds: z
        .int()
        .min(1)
        .max(30 * 86_400)
        .describe('How long an answer is kept, in seconds.'),
    })
    .optional()
    .describe('Answers exactly the same question of the same gateway key from memory. Off without it.'),
})

const gatewayTimeouts = z.strictObject({
  connectMs: milliseconds(10 * MINUTE_MS)
    .default(10_000)
    .describe('Until a connection to the provider stands.'),
  firstByteMs: milliseconds()
    .default(5 * MINUTE_MS)
    .describe("Until the first byte of the answer's body."),
  idleMs: milliseconds()
    .default(2 * MINUTE_MS)
    .describe('Between two pieces of an answer.'),
  totalMs: milliseconds()
    .default(60 * MINUTE_MS)
    .describe('The whole call, all its attempts together.'),
  requestMs: milliseconds(60 * MINUTE_MS)
    .default(MINUTE_MS)
    .describe('Until a client has sent its whole request.'),
})

const limits = z.strictObject({
  bodyBytesMax: z
    .int()
    .min(1_024)
    .max(1_024 * MIB)
    .default(32 * MIB)
    .describe('Largest request body, in bytes.'),
  replyBytesMax: z
    .int()
    .min(1_024)
    .max(1_024 * MIB)
    .default(64 * MIB)
    .describe('Largest reply that is not streamed, in bytes.'),
  inFlightMax: z
    .int()
    .min(1)
    .max(100_000)
    .default(4_096)
    .describe('Calls served at the same time; more are told to come back.'),
})

const gateway = z.strictObject({
  host: text(255)
    .default('127.0.0.1')
    .describe(
      'Address to listen on. Anything but this machine needs a gateway key: one of `keys`, or one that was made.',
    ),
  port: z.int().min(0).max(65_535).default(8_787).describe('Port to listen on; 0 takes a free one.'),
  keys: z
    .array(secret())
    .max(1_000)
    .default([])
    .describe(
      "The gateway's own keys (`cnd_…`), one of which a client must show, beside those made with `candor keys`. Without any, none is asked for.",
    ),
  allowedHosts: z
    .array(text(255))
    .max(100)
    .default([])
    .describe('`Host` names accepted beside the address listened on, as `name` or `name:port`.'),
  limits: limits.prefault({}).describe('Sizes and counts.'),
  timeouts: gatewayTimeouts.prefault({}).describe('Time limits, in milliseconds.'),
  retry: retry
    .prefault({})
    .describe('How often a call is tried again before anything went to the client. A route may have its own.'),
  cacheBytesMax: z
    .int()
    .min(1_024)
    .max(64 * 1_024 * MIB)
    .default(64 * MIB)
    .describe('Memory for the answers that routes with a `cache` keep, in bytes.'),
  quotaPollMs: z
    .int()
    .min(0)
    .max(DAY_MS)
    .default(5 * MINUTE_MS)
    .describe(
      'How often providers in use are asked what is left, where they have an address for that; 0: only when somebody looks. Milliseconds.',
    ),
  heartbeatMs: milliseconds(10 * MINUTE_MS)
    .default(10_000)
    .describe(
      'A stream that is silent for so long gets a comment line, so that nobody on the way closes it. Milliseconds.',
    ),
  drainMs: milliseconds(60 * MINUTE_MS)
    .default(30_000)
    .describe('How long streams may go on after a request to stop. Milliseconds.'),
})

const translate = z.strictObject({
  allowLoss: z
    .array(z.enum(['*', ...PARAMETER_NAMES]))
    .default([])
    .describe(
      'Parameters that may be lost in translation without refusing the call; `*` allows all. The names stand in docs/translation.md. Every loss is reported all the same.',
    ),
})

const logs = z.strictObject({
  format: z
    .enum(['auto', 'json', 'pretty', 'off'])
    .default('auto')
    .describe('One line a call on stderr. `auto`: for people on a terminal, JSON lines elsewhere. `off`: none.'),
})

const telemetry = z.strictObject({
  otlp: z
    .strictObject({
      endpoint: text(2_048).describe('Base URL of an OTLP/HTTP collector, such as `http://127.0.0.1:4318`.'),
      headers: z
        .record(z.string(), secret())
        .default({})
        .describe(`Headers for the collector: \`\${NAME}\`, \`{ file }\`, \`{ exec }\` or a text.`),
      prompts: z.boolean().default(false).describe('Sends what was asked along with the traces.'),
      serviceName: text(256).default('candor').describe('`service.name` of traces and metrics.'),
    })
    .optional()
    .describe('Sends traces and metrics by OpenTelemetry. Off without it.'),
})

const bodies = z.strictObject({
  keepDays: z
    .int()
    .min(0)
    .max(365)
    .default(0)
    .describe(
      'Days for which the bodies of calls, what was asked and what was answered, are kept in the data folder. 0: none is kept, and what was kept is removed.',
    ),
  bytesMax: z
    .int()
    .min(1_024)
    .max(64 * MIB)
    .default(4 * MIB)
    .describe('Most that is kept of one body, in bytes; the end of a longer one is cut off.'),
  totalBytesMax: z
    .int()
    .min(MIB)
    .max(1_024 * 1_024 * MIB)
    .default(1_024 * MIB)
    .describe('Most that all kept bodies together take on the disk, compressed, in bytes; the oldest go first.'),
})

/** The shape of the whole file. What fields mean together is checked in meaning.ts. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('A JSON Schema for editors (`candor config schema`). Not used by Candor.'),
  models: models.prefault({}).describe('Providers, their models, and names for them.'),
  routes: z.record(text(256), route).default({}).describe('Named virtual models: the only way to have a fallback.'),
  gateway: gateway.prefault({}).describe('The server.'),
  logs: logs.prefault({}).describe('The log of calls.'),
  bodies: bodies.prefault({}).describe('Keeping what was asked and answered. Off unless it is switched on.'),
  telemetry: telemetry.prefault({}).describe('Traces and metrics for others.'),
  translate: translate.prefault({}).describe('Translation between protocols.'),
})

/** The file as it is after defaults. */
export type ConfigValues = z.output<typeof configSchema>

/** The JSON Schema of the file, for editors and for docs/configuration.md. */
export function jsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' })
}
