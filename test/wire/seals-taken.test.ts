import { afterAll, describe, expect, test } from 'bun:test'
import { asArray, asObject, isObject, type JsonObject } from '../../src/base/json-value.ts'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'
import { sealsOf } from './sealed-words.ts'

/** Providers that check what comes back refuse thinking that another signed, and take the same request without it. */

const anthropic = await startSim({ kind: 'anthropic' })
const openAi = await startSim({ kind: 'openai' })
const google = await startSim({ kind: 'google', models: ['gemini-3.5-flash'] })
const sims: readonly Sim[] = [anthropic, openAi, google]
afterAll(async () => {
  await Promise.all(sims.map(sim => sim.stop()))
})

const parameters = { type: 'object', properties: { city: { type: 'string' } } }
const SAID = '[[tools]] [[think]] Hello'

interface Row {
  readonly id: string
  readonly sim: Sim
  readonly path: string
  readonly first: JsonObject
  /** The next request: all that came, and what the tools say. */
  readonly next: (first: JsonObject, reply: JsonObject) => JsonObject
}

const objects = (value: unknown) => asArray(value).filter(isObject)

const ROWS: readonly Row[] = [
  {
    id: 'anthropic-messages',
    sim: anthropic,
    path: '/v1/messages',
    first: {
      model: anthropic.model,
      max_tokens: 5000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      tools: [{ name: 'weather', input_schema: parameters }],
      messages: [{ role: 'user', content: SAID }],
    },
    next: (first, { content = [] }) => {
      const calls = objects(content).filter(block => block.type === 'tool_use')
      const results = calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'sunny' }))
      const turn = [
        { role: 'assistant', content },
        { role: 'user', content: results },
      ]
      return { ...first, messages: [...asArray(first.messages), ...turn] }
    },
  },
  {
    id: 'openai-responses',
    sim: openAi,
    path: '/v1/responses',
    first: {
      model: openAi.model,
      store: false,
      include: ['reasoning.encrypted_content'],
      tools: [{ type: 'function', name: 'weather', parameters, strict: false }],
      input: [{ role: 'user', content: SAID }],
    },
    next: (first, reply) => {
      const items = objects(reply.output)
      const calls = items.filter(item => item.type === 'function_call')
      const results = calls.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'sunny' }))
      return { ...first, input: [...asArray(first.input), ...items, ...results] }
    },
  },
  {
    id: 'google-generative-ai',
    sim: google,
    path: '/v1beta/models/gemini-3.5-flash:generateContent',
    first: {
      tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: parameters }] }],
      generationConfig: { thinkingConfig: { includeThoughts: true } },
      contents: [{ role: 'user', parts: [{ text: SAID }] }],
    },
    next: (first, reply) => {
      const content = asObject(objects(reply.candidates)[0]?.content) ?? {}
      const calls = objects(objects(content.parts).map(part => part.functionCall))
      const parts = calls.map(({ id, name }) => ({ functionResponse: { id, name, response: { output: 'sunny' } } }))
      return { ...first, contents: [...asArray(first.contents), content, { role: 'user', parts }] }
    },
  },
]

async function send({ sim, path }: Row, body: JsonObject): Promise<{ status: number; reply: JsonObject }> {
  const response = await fetch(`${sim.origin}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'x-api-key': sim.key,
      'x-goog-api-key': sim.key,
      authorization: `Bearer ${sim.key}`,
    },
    body: JSON.stringify(body),
  })
  return { status: response.status, reply: (await response.json()) as JsonObject }
}

/** The same with every signature another's. */
function signedByAnother(body: JsonObject): JsonObject {
  const fields = /"(signature|data|encrypted_content|thoughtSignature)":"[^"]{10,}"/g
  const text = JSON.stringify(body)
  expect(text).toMatch(fields)
  return JSON.parse(text.replace(fields, '"$1":"RXFRQmFub3RoZXIgbW9kZWw="')) as JsonObject
}

describe.each([...ROWS])('$id', row => {
  test('signed by another it is refused, without seals it is taken', async () => {
    const first = await send(row, row.first)
    expect(first.status).toBe(200)
    const foreign = signedByAnother(row.next(row.first, first.reply))
    expect(await send(row, foreign)).toMatchObject({ status: 400 })
    const open = sealsOf(row.id).withoutSeals(foreign)
    expect(open.losses.length).toBeGreaterThan(0)
    const second = await send(row, open.body)
    expect(second).toMatchObject({ status: 200 })
    expect(JSON.stringify(second.reply)).toContain('The tools said')
  })
})
