import { expect } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import { failureOf, readJson, type Tokens, type Turn } from './client.ts'
import { type Feature, isLimited, type Lane, type Limit, openTalk, type Target, watchReceipt } from './lanes.ts'
import { tokensTold } from './told.ts'

/** A red dot. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=='

const SCHEMA: JsonObject = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' }, rainy: { type: 'boolean' } },
  required: ['city', 'days', 'rainy'],
  additionalProperties: false,
}

const REASONING = 'The user asks something simple. I think about it in two short sentences.'

const BOTH = ['weather', 'clock']
const INPUTS = [{ city: 'sample city' }, { zone: 'sample zone' }]

/** How the reasoning a provider wrote comes back to it, signed as it was. */
const RETURNED: Readonly<Record<Target['protocol'], RegExp>> = {
  'openai-completions': /"reasoning_content":"The user asks/,
  'openai-responses': /"encrypted_content":"gAAAAAB/,
  'anthropic-messages': /"type":"thinking","thinking":"The user asks[^"]*","signature":"SIM/,
  'google-generative-ai': /"thoughtSignature":"Eqo\+/,
}

/** The same where there is no text to read. */
const SEALED = /"type":"redacted_thinking","data":"SIM|"encrypted_content":"gAAAAAB/

/** What every lane does. */
export const FEATURES: readonly Feature[] = [
  { name: 'text', run: text },
  { name: 'tools in a loop of three turns', run: loop },
  { name: 'parallel tools', run: parallel },
  { name: 'image', run: image },
  { name: 'thinking and a second turn', run: thinking },
  { name: 'thinking, tools and a second turn', run: thinkingWithTools },
  {
    name: 'sealed thinking, tools and a second turn',
    targets: ['anthropic-messages', 'openai-responses'],
    run: sealedThinking,
  },
  { name: 'another provider takes the second turn', run: handedOver },
  { name: 'structured output', run: structured },
  {
    name: 'stop sequence',
    spoken: ['openai-completions', 'anthropic-messages', 'google-generative-ai'],
    run: stopSequence,
  },
  { name: 'usage', run: usage },
]

/** A word that only this lane says, so that no other lane's prompt is found in a provider's cache. */
const wordOf = ({ client, form }: Lane) => `${client.name.replaceAll(/\W+/g, '-')}-${form}`

const namesOf = (turn: Turn) => turn.calls.map(call => call.name)
const inputsOf = (turn: Turn) => turn.calls.map(call => call.input)

/** What is said once the tools have answered. */
function toolsSaid({ client }: Lane, ...results: string[]): string {
  const quoted = results.map(result => `"${client.resultAs(result.split(' ')[0] ?? '', result)}"`)
  return `The tools said: ${quoted.join(' and ')}.`
}

async function text(lane: Lane): Promise<void> {
  const talk = openTalk(lane)
  const word = wordOf(lane)
  expect((await talk.turn({ text: `[[unicode]] ${word}` })).text).toContain('Grüße, 世界! Привет, 🌍👩‍🚀')
  const second = await talk.turn({ text: `again ${word}` })
  expect(second).toMatchObject({ calls: [], reasoning: '' })
  expect(second.text).toEndWith(`You said: "again ${word}".`)
}

async function loop(lane: Lane): Promise<void> {
  const talk = openTalk(lane, { tools: true })
  const word = wordOf(lane)
  const first = await talk.turn({ text: `[[steps 2]] ${word}` })
  const second = await talk.turn({})
  const third = await talk.turn({})
  expect([first, second].map(namesOf)).toEqual([['weather'], ['clock']])
  expect([first, second].flatMap(inputsOf)).toEqual(INPUTS)
  expect(third).toMatchObject({ text: toolsSaid(lane, 'weather 1', 'clock 2'), calls: [] })
}

async function parallel(lane: Lane): Promise<void> {
  const talk = openTalk(lane, { tools: true })
  const word = wordOf(lane)
  const first = await talk.turn({ text: `[[tools]] ${word}` })
  expect([namesOf(first), inputsOf(first)]).toEqual([BOTH, INPUTS])
  expect((await talk.turn({})).text).toBe(toolsSaid(lane, 'weather 1', 'clock 2'))
  expect((await talk.turn({ text: `thanks ${word}` })).text).toEndWith(`You said: "thanks ${word}".`)
}

async function image(lane: Lane): Promise<void> {
  const talk = openTalk(lane)
  const word = wordOf(lane)
  const bytes = Buffer.from(PNG, 'base64').length
  const turn = await talk.turn({ text: word, image: PNG })
  expect(turn.text).toEndWith(`You said: "${word}". I see image/png of ${bytes} bytes.`)
}

async function thinking(lane: Lane): Promise<void> {
  const talk = openTalk(lane, { thinks: true })
  const word = wordOf(lane)
  showsReasoning(lane, await talk.turn({ text: word }))
  expect((await talk.turn({ text: `more ${word}` })).text).toEndWith(`You said: "more ${word}".`)
  bringsBack(lane, 'reasoning comes back with tools only')
}

/** The provider looks at the reasoning where results of tools follow it, so this is the turn that shows whether it came back. */
async function thinkingWithTools(lane: Lane): Promise<void> {
  const talk = openTalk(lane, { thinks: true, tools: true })
  const word = wordOf(lane)
  const first = await talk.turn({ text: `[[tools]] ${word}` })
  expect([namesOf(first), inputsOf(first)]).toEqual([BOTH, INPUTS])
  showsReasoning(lane, first)
  if (isLimited('the second turn is refused', lane.client.name, lane.target.protocol)) {
    const refused = await failureOf(lane.client, talk.turn({}))
    expect(refused).toMatchObject({ status: 400, code: 'upstream_bad_request' })
    return
  }
  expect((await talk.turn({})).text).toBe(toolsSaid(lane, 'weather 1', 'clock 2'))
  bringsBack(lane)
  const more = [await talk.turn({ text: `[[steps 2]] ${word}` }), await talk.turn({})]
  expect(more.map(namesOf)).toEqual([['weather'], ['clock']])
  expect((await talk.turn({})).text).toBe(toolsSaid(lane, 'weather 3', 'clock 4'))
}

/** Reasoning nobody but the provider can read. */
async function sealedThinking(lane: Lane): Promise<void> {
  const talk = openTalk(lane, { thinks: true, tools: true })
  const first = await talk.turn({ text: `[[redacted]] [[tools]] ${wordOf(lane)}` })
  expect([namesOf(first), first.reasoning]).toEqual([BOTH, ''])
  expect((await talk.turn({})).text).toBe(toolsSaid(lane, 'weather 1', 'clock 2'))
  if (!isLimited('reasoning does not come back', lane.client.name, lane.target.protocol))
    expect(lane.target.sim.requests().at(-1)?.body).toMatch(SEALED)
}

/**
 * What one provider signed is never sent to another. The other answers all the same, or says what it misses; and what was shown but cannot go on is
 * told, where not even its text goes on, as it does in Chat Completions.
 */
async function handedOver(lane: Lane): Promise<void> {
  const { client, scene, target } = lane
  for (const other of scene.targets.filter(each => each !== target)) {
    const talk = openTalk(lane, { thinks: true, tools: true })
    const first = await talk.turn({ text: `[[tools]] ${wordOf(lane)}` })
    const receipt = await watchReceipt(scene)
    const next = talk.turn({ model: other.ref })
    if (isLimited('a turn of another provider is refused', client.name, other.protocol, target.protocol)) {
      expect(await failureOf(client, next)).toMatchObject({ status: 400, code: 'upstream_bad_request' })
    } else expect((await next).text).toBe(toolsSaid(lane, 'weather 1', 'clock 2'))
    const body = other.sim.requests().at(-1)?.body
    expect(body).toContain('weather 1')
    if (target.protocol !== 'openai-completions') expect(body).not.toMatch(RETURNED[target.protocol])
    if (first.reasoning === '' || other.protocol === 'openai-completions') continue
    expect((await receipt()).losses.map(({ parameter }) => parameter)).toContain('reasoning_history')
  }
}

async function structured(lane: Lane): Promise<void> {
  const talk = openTalk(lane, { schema: SCHEMA })
  const answer = await talk.turn({ text: wordOf(lane) })
  expect(readJson(answer.text)).toEqual({ city: 'sample city', days: 1, rainy: true })
}

/** Leaving it out would change the answer, so where there is no word for it the call is refused, and nothing is sent. */
async function stopSequence(lane: Lane): Promise<void> {
  const { client, target } = lane
  const turn = openTalk(lane, { stop: 'END' }).turn({ text: `alpha END omega ${wordOf(lane)}` })
  if (isLimited('it is refused by name', client.name, target.protocol)) {
    const refused = {
      type: client.errorFor(400),
      status: 400,
      code: 'untranslatable',
      paths: expect.stringMatching(/stop/i),
    }
    expect(await failureOf(client, turn)).toMatchObject(refused)
    expect(target.sim.requests()).toEqual([])
    return
  }
  expect((await turn).text).toMatch(/You said: "alpha ?$/)
}

/** Asked twice the same, a provider finds the beginning of the conversation in its cache, but for the one that must be told to keep it. */
async function usage(lane: Lane): Promise<void> {
  const talk = openTalk(lane, { thinks: true, tools: true })
  const word = wordOf(lane)
  const turns = [await talk.turn({ text: `usage ${word}` })]
  for (let time = 0; time < 2; time += 1) turns.push(await talk.turn({ text: `[[tools]] ${word}`, aside: true }))
  const told = await tokensTold(lane.target)
  const counted = turns.map(({ tokens }) => tokens)
  // Messages tell no reasoning of their own, and other clients are told none of it then.
  const known = lane.client.protocol !== 'anthropic-messages' && lane.target.protocol !== 'anthropic-messages'
  const shown = (tokens: Tokens) => (known ? tokens : { ...tokens, reasoning: undefined })
  expect(counted.map(shown)).toEqual(told.map(shown))
  if (lane.target.protocol !== 'anthropic-messages') expect(counted.at(-1)?.cached).toBeGreaterThan(0)
  if (known) expect(counted.at(-1)?.reasoning).toBeGreaterThan(0)
}

function showsReasoning({ client, target }: Lane, turn: Turn): void {
  const hidden = isLimited('reasoning is not shown', client.name, target.protocol)
  expect(turn.reasoning).toBe(hidden ? '' : REASONING)
}

function bringsBack({ client, target }: Lane, ...limits: readonly Limit['what'][]): void {
  const body = target.sim.requests().at(-1)?.body
  const missing = ['reasoning does not come back' as const, ...limits]
  if (missing.some(what => isLimited(what, client.name, target.protocol))) {
    expect(body).not.toMatch(RETURNED[target.protocol])
  } else expect(body).toMatch(RETURNED[target.protocol])
}
