import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../src/base/json-value.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type {
  CanonRequest,
  FunctionTool,
  Part,
  ReasoningWish,
  Setting,
  ToolChoice,
  Turn,
} from '../../src/canon/request.ts'

const AT = { at: 'generated' }

/** Words of any script, with characters outside the basic plane and what JSON escapes; never white space alone. */
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map(text => `a${text}z`)
const names = fc.constantFrom('get_height', 'list_towers', 'save')
const args = fc.dictionary(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }).filter(key => key !== '__proto__'),
  fc.jsonValue({ maxDepth: 2 }),
  { maxKeys: 3 },
) as fc.Arbitrary<JsonObject>

/** There in one of eight: a request that uses everything at once loses something on every way. */
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: one })

const bytes = fc.uint8Array({ minLength: 3, maxLength: 9 }).map(data => Buffer.from(data).toString('base64'))
const text = words.map((said): Part => ({ type: 'text', text: said, ...AT }))
const media = fc.oneof(
  bytes.map((data): Part => ({ type: 'image', source: { type: 'base64', mediaType: 'image/png', data }, ...AT })),
  fc
    .constantFrom('one', 'two')
    .map((name): Part => ({ type: 'image', source: { type: 'url', url: `https://example.com/${name}.png` }, ...AT })),
  fc.tuple(bytes, words).map(
    ([data, title]): Part => ({
      type: 'document',
      source: { type: 'base64', mediaType: 'application/pdf', data },
      title,
      ...AT,
    }),
  ),
  words.map((said): Part => ({ type: 'document', source: { type: 'text', text: said }, ...AT })),
  bytes.map((data): Part => ({ type: 'audio', data, format: 'wav', ...AT })),
)

/** A user's turn, the model's answer with calls, and their results; ids are made in order, so that each is there once. */
interface Round {
  readonly asked: readonly Part[]
  readonly answered: string | undefined
  readonly thought: string | undefined
  readonly calls: readonly {
    readonly name: string
    readonly input: JsonObject
    readonly result: string
    readonly failed: boolean
  }[]
}

const call = fc.record({
  name: names,
  input: args,
  result: fc.oneof(
    words,
    args.map(value => JSON.stringify(value)),
  ),
  failed: maybe(fc.constant(true)).map(failed => failed === true),
})
const round: fc.Arbitrary<Round> = fc.record({
  asked: fc
    .tuple(text, maybe(fc.oneof(text, media)))
    .map(([first, more]) => [first, ...(more === undefined ? [] : [more])]),
  answered: fc.option(words, { nil: undefined }),
  thought: maybe(words),
  calls: fc.array(call, { maxLength: 2 }),
})

function turnsOf(rounds: readonly Round[]): Turn[] {
  let id = 0
  return rounds.flatMap(({ asked, answered, thought, calls }, i): Turn[] => {
    const numbered = calls.map(one => {
      id += 1
      return { ...one, id: `call_${id}` }
    })
    // The last turn of a round must be the user's, or the next one would stand beside it.
    const said: Part[] = [
      ...(thought === undefined ? [] : [{ type: 'reasoning', text: thought, ...AT } as const]),
      ...(answered === undefined && calls.length > 0
        ? []
        : [{ type: 'text', text: answered ?? 'yes', ...AT } as const]),
      ...numbered.map(
        (one): Part => ({
          type: 'tool-call',
          id: one.id,
          name: one.name,
          input: JSON.stringify(one.input),
          custom: false,
          ...AT,
        }),
      ),
    ]
    const results = numbered.map(
      (one): Part => ({
        type: 'tool-result',
        callId: one.id,
        failed: one.failed,
        content: [{ type: 'text', text: one.result, ...AT }],
        ...AT,
      }),
    )
    const last = i === rounds.length - 1
    return [
      { role: 'user', parts: asked, ...AT },
      ...(last && numbered.length === 0 ? [] : [{ role: 'assistant', parts: said, ...AT } as const]),
      ...(results.length === 0 ? [] : [{ role: 'user', parts: results, ...AT } as const]),
    ]
  })
}

const instructions = fc.array(
  fc
    .tuple(fc.constantFrom<'system' | 'developer'>('system', 'developer'), text)
    .map(([role, part]): Turn => ({ role, parts: [part], ...AT })),
  { maxLength: 2 },
)

const schema = fc.constantFrom<JsonObject>(
  { type: 'object', properties: { tower: { type: 'string' } }, required: ['tower'], additionalProperties: false },
  {
    type: 'object',
    properties: { depth: { anyOf: [{ type: 'integer' }, { type: 'null' }] }, clé: { enum: ['a', 1] } },
  },
)
const tool = fc.record({ description: maybe(words), parameters: maybe(schema), strict: maybe(fc.constant(true)) }).map(
  ({ description, parameters, strict }): Omit<FunctionTool, 'name'> => ({
    type: 'function',
    ...AT,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
  }),
)
const tools = fc
  .uniqueArray(fc.tuple(names, tool), { maxLength: 3, selector: ([name]) => name })
  .map(found => found.map(([name, one]): FunctionTool => ({ ...one, name })))

const choice: fc.Arbitrary<ToolChoice | undefined> = maybe(
  fc.oneof(
    fc.constantFrom<ToolChoice>({ mode: 'auto' }, { mode: 'none' }, { mode: 'required' }),
    names.map((name): ToolChoice => ({ mode: 'tool', name })),
    fc.boolean().map((required): ToolChoice => ({ mode: 'allowed', required, names: ['get_height', 'save'], ...AT })),
  ),
)

/** A choice is of tools that there are. */
function fits(choice: ToolChoice, tools: readonly FunctionTool[]): boolean {
  const there = (name: string) => tools.some(tool => tool.name === name)
  if (choice.mode === 'tool') return there(choice.name)
  return choice.mode === 'allowed' ? choice.names.every(there) : tools.length > 0
}

const setting = (name: string, value: fc.Arbitrary<JsonValue>) =>
  maybe(value).map((found): Setting[] => (found === undefined ? [] : [{ name, value: found, ...AT }]))
const settings = fc
  .tuple(
    setting('temperature', fc.constantFrom(0, 0.3, 1, 1.7)),
    setting('top_p', fc.constantFrom(0.1, 0.9)),
    setting('top_k', fc.constantFrom(1, 40)),
    setting('seed', fc.integer({ min: 0, max: 1000 })),
    setting('frequency_penalty', fc.constantFrom(-0.5, 0.5)),
    setting('user', words),
    setting('service_tier', fc.constantFrom('default', 'flex', 'priority')),
    setting('store', fc.constant(true)),
  )
  .map(found => found.flat())

const reasoning: fc.Arbitrary<ReasoningWish | undefined> = maybe(
  fc.oneof(
    fc.constantFrom('low', 'medium', 'high').map((effort): ReasoningWish => ({ mode: 'on', effort, ...AT })),
    fc.constant<ReasoningWish>({ mode: 'off', ...AT }),
  ),
)

/** A request that any of the protocols could have got from a client: not all that each can say, but all that more than one can. */
export function anyRequest(from: ProtocolId): fc.Arbitrary<CanonRequest> {
  const rounds = fc.array(round, { minLength: 1, maxLength: 3 })
  return fc
    .record({
      instructions,
      rounds,
      tools,
      choice,
      settings,
      reasoning,
      stream: fc.boolean(),
      limit: maybe(fc.constantFrom(100, 20_000)),
      stops: maybe(fc.array(words, { minLength: 1, maxLength: 3 })),
      format: maybe(schema),
      parallel: maybe(fc.boolean()),
    })
    .map(drawn => ({
      from,
      model: 'model',
      stream: drawn.stream,
      streamUsage: true,
      turns: [...drawn.instructions, ...turnsOf(drawn.rounds)],
      tools: drawn.tools,
      settings: drawn.settings,
      unknown: [],
      ...(drawn.choice === undefined || !fits(drawn.choice, drawn.tools) ? {} : { toolChoice: drawn.choice }),
      ...(drawn.parallel === undefined || drawn.tools.length === 0 ? {} : { parallelTools: drawn.parallel }),
      ...(drawn.limit === undefined ? {} : { maxOutputTokens: drawn.limit }),
      ...(drawn.stops === undefined ? {} : { stopSequences: drawn.stops }),
      ...(drawn.format === undefined ? {} : { format: { type: 'json-schema', schema: drawn.format } as const }),
      ...(drawn.reasoning === undefined ? {} : { reasoning: drawn.reasoning }),
    }))
}
