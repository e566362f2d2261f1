import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../src/base/json-value.ts'
import { isProblem } from '../../src/canon/problem.ts'
import { packReasoning } from '../../src/canon/reasoning-carrier.ts'
import type { CanonRequest } from '../../src/canon/request.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import { readResponse, writeResponse } from '../../src/wire/google-generative-ai/tool-response.ts'
import type { Quirks } from '../../src/wire/quirks.ts'

const RUNS = { numRuns: 300 }

const jsonValue = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>
const object = fc.dictionary(fc.string({ maxLength: 6 }), jsonValue) as fc.Arbitrary<JsonObject>
const text = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' })

const carrier = fc
  .constantFrom<Parameters<typeof packReasoning>[0]>(
    { origin: 'anthropic-messages', signature: 'EpAE', text: 'because' },
    { origin: 'openai-responses', redacted: 'x' },
    { origin: 'google-generative-ai', signature: 'c2ln' },
  )
  .map(carried => Buffer.from(packReasoning(carried)).toString('base64'))

/** Fields of a part with values that may fit or not. */
const wildPart = fc.oneof(
  jsonValue,
  fc.record(
    {
      text: fc.oneof(fc.string(), jsonValue),
      thought: fc.oneof(fc.boolean(), jsonValue),
      thoughtSignature: fc.oneof(carrier, fc.string(), jsonValue),
      thought_signature: carrier,
      functionCall: fc.oneof(fc.record({ name: fc.constantFrom('f', 'constructor'), args: object }), jsonValue),
      function_response: fc.oneof(
        fc.record({ name: fc.constantFrom('f', 'constructor'), response: object }),
        jsonValue,
      ),
      inlineData: fc.oneof(
        fc.record({ mimeType: fc.constantFrom('image/png', 'text/plain', '__proto__'), data: fc.string() }),
        jsonValue,
      ),
      file_data: fc.oneof(fc.record({ file_uri: fc.webUrl(), mime_type: fc.constantFrom('image/png', '') }), jsonValue),
      executableCode: object,
      mediaResolution: jsonValue,
    },
    { requiredKeys: [] },
  ),
)
const wildContent = fc.oneof(
  jsonValue,
  fc.record({
    role: fc.constantFrom('user', 'model', 'function', 'constructor', ''),
    parts: fc.oneof(fc.array(wildPart, { maxLength: 3 }), wildPart),
  }),
)
const keyword = fc.constantFrom('type', 'nullable', 'enum', 'properties', 'items', 'any_of', 'minItems', 'constructor')
const wildSchema = fc.letrec(tie => ({
  schema: fc.dictionary(
    keyword,
    fc.oneof(
      { maxDepth: 3 },
      jsonValue,
      fc.constantFrom('STRING', 'INTEGER'),
      tie('schema'),
      fc.array(tie('schema'), { maxLength: 2 }),
    ),
    { maxKeys: 3 },
  ),
})).schema
const wildTools = fc.array(
  fc.oneof(
    jsonValue,
    fc.record({ functionDeclarations: fc.array(fc.record({ name: fc.constant('f'), parameters: wildSchema })) }),
  ),
  { maxLength: 2 },
)
const FIELDS = [
  'systemInstruction',
  'system_instruction',
  'tools',
  'toolConfig',
  'safetySettings',
  'labels',
  '__proto__',
]
const CONFIG_FIELDS = ['thinkingConfig', 'stopSequences', 'responseSchema', 'topK', 'top_k', 'maxOutputTokens']
const wildBody = fc
  .record({
    rest: fc.dictionary(fc.constantFrom(...FIELDS), jsonValue),
    contents: fc.oneof(fc.array(wildContent, { maxLength: 4 }), jsonValue),
    tools: fc.oneof(wildTools, jsonValue),
    generationConfig: fc.oneof(
      fc.dictionary(fc.constantFrom(...CONFIG_FIELDS), fc.oneof(jsonValue, wildSchema)),
      jsonValue,
    ),
  })
  .map(({ rest, ...fields }) => ({ ...rest, ...fields }) as JsonObject)

const QUIRKS: readonly Quirks[] = [
  {},
  { thinkingConfig: 'budget', unsignedCalls: true, noCallIds: true, noResultMedia: true },
]

describe('whatever comes', () => {
  test('a request is read or refused, and what is read can be written', () => {
    fc.assert(
      fc.property(wildBody, fc.constantFrom(...QUIRKS), (body, quirks) => {
        const read = googleGenerativeAi.decodeRequest(body, { model: 'm', stream: false })
        if (isProblem(read)) expect(read.code).toBe('bad_request')
        else expect(googleGenerativeAi.encodeRequest(read, quirks).body.contents).toBeArray()
      }),
      { numRuns: 1000 },
    )
  })

  test('a body passes through as JSON, without another provider’s signatures', () => {
    fc.assert(
      fc.property(wildBody, body => {
        const before = JSON.stringify(body)
        const done = googleGenerativeAi.retarget(new TextEncoder().encode(before), 'm', {})
        if (isProblem(done)) throw new Error(done.what)
        const after = new TextDecoder().decode(done.body)
        expect(typeof JSON.parse(after)).toBe('object')
        if (!before.includes('Y2FuZG9yMS')) expect(after).toBe(before)
      }),
      { numRuns: 500 },
    )
  })

  test('bytes that are no JSON are refused or left', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map(said => new TextEncoder().encode(`{"contents":${said}`)),
        ),
        body => {
          const done = googleGenerativeAi.retarget(body, 'm', {})
          if (isProblem(done)) expect(done.code).toBe('bad_request')
          else expect(done.losses).toEqual([])
        },
      ),
      RUNS,
    )
  })

  test('an error is read into words that are bounded', () => {
    const detail = fc.record(
      { reason: fc.string(), retryDelay: fc.string(), violations: jsonValue },
      { requiredKeys: [] },
    )
    const error = fc.record({
      error: fc.record({ status: fc.string(), details: fc.array(fc.oneof(detail, jsonValue)) }),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(error, object, jsonValue, fc.string()),
        (status, body) => {
          const found = googleGenerativeAi.decodeProblem(status, body)
          expect(isProblem(found)).toBe(true)
          expect((found.upstream?.message ?? '').length).toBeLessThanOrEqual(1000)
          expect((found.upstream?.code ?? '').length).toBeLessThanOrEqual(100)
        },
      ),
      RUNS,
    )
  })
})

describe('what a tool answered', () => {
  test('is the same when written and read again', () => {
    const answer = fc.oneof(
      fc.string(),
      object.map(value => JSON.stringify(value)),
      object.map(value => JSON.stringify(value, undefined, 1)),
      fc.record({ output: jsonValue }).map(value => JSON.stringify(value)),
      fc.constantFrom('{"error":"x"}', '{"output":"x"}', '{}', '', '{"a":1.0}', '{"__proto__":1}', '{"a":1,"a":2}'),
    )
    fc.assert(
      fc.property(answer, fc.boolean(), (said, failed) => {
        expect(readResponse(writeResponse({ text: said, failed }))).toEqual({ text: said, failed })
      }),
      { numRuns: 1000 },
    )
  })
})

const signature = text.map(value => Buffer.from(`own ${value}`).toString('base64'))
const signed = fc.oneof(
  fc.constant({}),
  signature.map(thoughtSignature => ({ thoughtSignature })),
)
const userPart = fc.oneof(
  text.map((value): JsonObject => ({ text: value })),
  fc.constantFrom<JsonObject>(
    { inlineData: { mimeType: 'image/png', data: 'iVBORw0K' } },
    { inlineData: { mimeType: 'image/png', data: 'iVBORw0K' }, mediaResolution: { level: 'MEDIA_RESOLUTION_HIGH' } },
    { fileData: { mimeType: 'image/webp', fileUri: 'https://example.com/a' } },
    { fileData: { mimeType: 'application/pdf', fileUri: 'gs://bucket/a.pdf', displayName: 'a.pdf' } },
    { inlineData: { mimeType: 'text/plain', data: 'R3LDvMOfZQ==' } },
    { inlineData: { mimeType: 'audio/mp3', data: 'SUQz' } },
    { inlineData: { mimeType: 'video/mp4', data: 'AAAA' }, videoMetadata: { fps: 1 } },
  ),
)
const modelPart = fc.oneof(
  fc.tuple(text, signed).map(([value, by]): JsonObject => ({ text: value, ...by })),
  fc.tuple(text, signed).map(([value, by]): JsonObject => ({ text: value, thought: true, ...by })),
  signature.map((thoughtSignature): JsonObject => ({ text: '', thoughtSignature })),
  fc.constantFrom<JsonObject>(
    { executableCode: { language: 'PYTHON', code: 'print(1)' } },
    { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
  ),
)
const args = fc.dictionary(
  fc.string({ maxLength: 6 }).filter(key => key !== '__proto__'),
  jsonValue,
) as fc.Arbitrary<JsonObject>
const response = fc.oneof(
  args,
  text.map((output): JsonObject => ({ output })),
  text.map((error): JsonObject => ({ error })),
)
const media = fc.constantFrom<JsonObject>({}, { parts: [{ inlineData: { mimeType: 'image/png', data: 'iVBORw0K' } }] })

/** One exchange with two calls in it; where they have ids, `n` keeps them apart. */
const exchange = fc.record({
  user: fc.array(userPart, { minLength: 1, maxLength: 3 }),
  model: fc.array(modelPart, { maxLength: 3 }),
  call: fc.tuple(args, signed),
  responses: fc.tuple(response, response),
  media,
  ids: fc.boolean(),
})

function contentsOf(
  {
    user,
    model,
    call: [input, by],
    responses: [first, second],
    media: parts,
    ids,
  }: typeof exchange extends fc.Arbitrary<infer T> ? T : never,
  n: number,
): JsonObject[] {
  const id = (k: number) => (ids ? { id: `fc-${n}-${k}` } : {})
  return [
    { role: 'user', parts: user },
    {
      role: 'model',
      parts: [
        ...model,
        { functionCall: { ...id(1), name: 'f', args: input }, ...by },
        { functionCall: { ...id(2), name: 'f', args: {} } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { ...id(1), name: 'f', response: first } },
        { functionResponse: { ...id(2), name: 'f', response: second, ...parts } },
      ],
    },
    { role: 'model', parts: [...model, { text: 'Done.' }] },
  ]
}

const rest = fc.record(
  {
    systemInstruction: fc.constant({ parts: [{ text: 'Be brief.' }] }),
    tools: fc.constant([
      {
        functionDeclarations: [
          {
            name: 'f',
            description: 'Does f.',
            parameters: { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } } },
          },
          { name: 'g', parametersJsonSchema: { type: 'object', $defs: {} } },
        ],
      },
      { googleSearch: {} },
    ]),
    toolConfig: fc.constantFrom<JsonObject>(
      { functionCallingConfig: { mode: 'AUTO' } },
      { functionCallingConfig: { mode: 'NONE' }, retrievalConfig: { languageCode: 'en' } },
      { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
      { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f', 'g'] } },
      { functionCallingConfig: { mode: 'VALIDATED' } },
      { functionCallingConfig: { mode: 'VALIDATED', allowedFunctionNames: ['g'] } },
    ),
    generationConfig: fc.record(
      {
        temperature: fc.constantFrom(0, 0.5, 2),
        topK: fc.nat(100),
        seed: fc.nat(),
        candidateCount: fc.integer({ min: 1, max: 8 }),
        responseLogprobs: fc.boolean(),
        responseModalities: fc.constantFrom(['TEXT'], ['TEXT', 'IMAGE']),
        maxOutputTokens: fc.integer({ min: 1, max: 9999 }),
        stopSequences: fc.array(text, { maxLength: 5 }),
        mediaResolution: fc.constant('MEDIA_RESOLUTION_LOW'),
        thinkingConfig: fc.constantFrom<JsonObject>(
          { thinkingBudget: -1 },
          { thinkingBudget: 2048, includeThoughts: true },
          { thinkingLevel: 'LOW' },
          { thinkingLevel: 'HIGH', includeThoughts: false },
          { includeThoughts: true },
        ),
      },
      { requiredKeys: [] },
    ),
    safetySettings: fc.constant([{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }]),
    labels: fc.constantFrom({}, { team: 'a-1' }),
    serviceTier: fc.constantFrom('standard', 'flex', 'unspecified'),
    store: fc.boolean(),
  },
  { requiredKeys: ['tools'] },
)

/** The canonical request without its JSON paths, which name places in another body. */
function withoutPaths(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'at' || key === 'places' ? undefined : inner)))
}

function readValid(body: JsonObject): CanonRequest {
  const read = googleGenerativeAi.decodeRequest(body, { model: 'gemini-3-flash', stream: true })
  if (isProblem(read)) throw new Error(read.what)
  return read
}

/** All names in the other spelling; what stands in data of the client's own stays. */
function snakeCase(value: JsonValue | undefined, key = ''): JsonValue | undefined {
  if (['args', 'response', 'properties', 'labels', 'executableCode', 'codeExecutionResult'].includes(key)) return value
  if (Array.isArray(value)) return value.map((item: JsonValue) => snakeCase(item) ?? null)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value as JsonObject)
  return Object.fromEntries(
    entries.map(([name, inner]) => [
      name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
      snakeCase(inner, name),
    ]),
  )
}

const valid = fc
  .tuple(fc.array(exchange, { minLength: 1, maxLength: 3 }), rest)
  .map(([exchanges, fields]) => ({ ...fields, contents: exchanges.flatMap(contentsOf) }) as JsonObject)

describe('a request Gemini takes', () => {
  test('means the same when written and read again', () => {
    fc.assert(
      fc.property(valid, body => {
        const read = readValid(body)
        expect(read.unknown).toEqual([])
        const written = googleGenerativeAi.encodeRequest(read, {})
        expect(written.losses).toEqual([])
        expect(withoutPaths(readValid(written.body))).toEqual(withoutPaths(read))
      }),
      RUNS,
    )
  })

  test('means the same in the other spelling of its names', () => {
    fc.assert(
      fc.property(valid, body => {
        const snake = snakeCase(body) as JsonObject
        expect(withoutOpaque(readValid(snake))).toEqual(withoutOpaque(readValid(body)))
      }),
      RUNS,
    )
  })
})

/** Without paths, and without what is carried as it came. */
function withoutOpaque(request: CanonRequest): unknown {
  return JSON.parse(
    JSON.stringify(withoutPaths(request), (key, inner) => (key === 'value' && typeof inner === 'object' ? {} : inner)),
  )
}
