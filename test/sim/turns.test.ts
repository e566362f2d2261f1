import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import { type Content, GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { type Sim, startSim } from '../../src/sim/start-sim.ts'

/** Conversations as an official client holds them with each surface: what it got is sent back as it came, and must be taken. */

const openAi = await startSim({ kind: 'openai' })
const moonshot = await startSim({ kind: 'moonshot' })
const anthropic = await startSim({ kind: 'anthropic' })
const google = await startSim({ kind: 'google' })
const sims: readonly Sim[] = [openAi, moonshot, anthropic, google]
afterAll(async () => {
  await Promise.all(sims.map(sim => sim.stop()))
})
beforeEach(() => {
  for (const sim of sims) sim.clear()
})

const schema = { type: 'object' as const, properties: { city: { type: 'string' as const } } }
const NAMES = ['weather', 'clock'] as const

/** One reply: the text of its answer, and the names of the tools it calls. */
interface Turn {
  readonly text: string
  readonly calls: readonly string[]
}

/** A client with its conversation. */
interface Talk {
  /** What is said next, or undefined to send the results of the tools that were called. */
  turn(said?: string): Promise<Turn>
}

interface Called {
  readonly id: string
  readonly name: string
}

/** What each tool answers: its name and how often it was asked. */
function openResults(): (name: string) => string {
  let count = 0
  return name => {
    count += 1
    return `${name} ${count}`
  }
}

function chatTalk(sim: Sim, thinking: object): Talk {
  const client = new OpenAI({ apiKey: sim.key, baseURL: sim.surfaces[0]?.baseUrl ?? '', maxRetries: 0 })
  const messages: OpenAI.ChatCompletionMessageParam[] = []
  const tools = NAMES.map(name => ({ type: 'function' as const, function: { name, parameters: schema } }))
  const resultOf = openResults()
  let open: readonly Called[] = []
  return {
    async turn(said) {
      if (said !== undefined) messages.push({ role: 'user', content: said })
      for (const { id, name } of open) messages.push({ role: 'tool', tool_call_id: id, content: resultOf(name) })
      const { choices } = await client.chat.completions.create({ model: sim.model, messages, tools, ...thinking })
      const message = choices[0]?.message
      if (message !== undefined) messages.push(message)
      open = (message?.tool_calls ?? []).flatMap(each =>
        each.type === 'function' ? [{ id: each.id, name: each.function.name }] : [],
      )
      return { text: message?.content ?? '', calls: open.map(each => each.name) }
    },
  }
}

function responsesTalk(sim: Sim): Talk {
  const client = new OpenAI({ apiKey: sim.key, baseURL: `${sim.origin}/v1`, maxRetries: 0 })
  const input: OpenAI.Responses.ResponseInputItem[] = []
  const tools = NAMES.map(name => ({ type: 'function' as const, name, parameters: schema, strict: false }))
  const resultOf = openResults()
  let open: readonly Called[] = []
  return {
    async turn(said) {
      if (said !== undefined) input.push({ role: 'user', content: said })
      for (const { id, name } of open) {
        input.push({ type: 'function_call_output', call_id: id, output: resultOf(name) })
      }
      const { output, output_text } = await client.responses.create({
        model: 'gpt-5',
        input,
        tools,
        store: false,
        reasoning: { effort: 'medium', summary: 'auto' },
        include: ['reasoning.encrypted_content'],
      })
      expect(output.map(item => item.type)).toContain('reasoning')
      input.push(...(output as OpenAI.Responses.ResponseInputItem[]))
      open = output.flatMap(item => (item.type === 'function_call' ? [{ id: item.call_id, name: item.name }] : []))
      return { text: output_text, calls: open.map(each => each.name) }
    },
  }
}

function anthropicTalk(sim: Sim): Talk {
  const client = new Anthropic({ apiKey: sim.key, baseURL: sim.origin, maxRetries: 0 })
  const messages: Anthropic.MessageParam[] = []
  const tools = NAMES.map(name => ({ name, input_schema: schema }))
  const resultOf = openResults()
  let open: readonly Called[] = []
  return {
    async turn(said) {
      const results = open.map(({ id, name }) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: resultOf(name),
      }))
      messages.push({ role: 'user', content: said ?? results })
      const { content } = await client.messages.create({
        model: sim.model,
        max_tokens: 5000,
        messages,
        tools,
        thinking: { type: 'enabled', budget_tokens: 1024 },
      })
      expect(content[0]?.type).toBe('thinking')
      messages.push({ role: 'assistant', content })
      open = content.flatMap(block => (block.type === 'tool_use' ? [{ id: block.id, name: block.name }] : []))
      const text = content.flatMap(block => (block.type === 'text' ? [block.text] : [])).join('')
      return { text, calls: open.map(each => each.name) }
    },
  }
}

function googleTalk(sim: Sim): Talk {
  const client = new GoogleGenAI({ apiKey: sim.key, httpOptions: { baseUrl: sim.origin } })
  const contents: Content[] = []
  const functionDeclarations = NAMES.map(name => ({ name, parametersJsonSchema: schema }))
  const resultOf = openResults()
  let open: readonly string[] = []
  return {
    async turn(said) {
      const results = open.map(name => ({ functionResponse: { name, response: { output: resultOf(name) } } }))
      contents.push({ role: 'user', parts: said === undefined ? results : [{ text: said }] })
      const reply = await client.models.generateContent({
        model: sim.model,
        contents,
        config: { tools: [{ functionDeclarations }], thinkingConfig: { includeThoughts: true } },
      })
      const content = reply.candidates?.[0]?.content
      const parts = content?.parts ?? []
      expect(parts[0]?.thought).toBe(true)
      contents.push(content ?? {})
      open = parts.flatMap(part => part.functionCall?.name ?? [])
      const text = parts.flatMap(part => (part.thought === true ? [] : [part.text ?? ''])).join('')
      return { text, calls: open }
    },
  }
}

const TALKS: readonly { readonly name: string; open(): Talk }[] = [
  { name: 'openai, Chat Completions', open: () => chatTalk(openAi, {}) },
  { name: 'moonshot, Chat Completions', open: () => chatTalk(moonshot, { thinking: { type: 'enabled' } }) },
  { name: 'openai, Responses', open: () => responsesTalk(openAi) },
  { name: 'anthropic, Messages', open: () => anthropicTalk(anthropic) },
  { name: 'google, Gemini', open: () => googleTalk(google) },
]

describe.each(TALKS)('$name', ({ open }) => {
  test('a loop of three turns that ends with what the tools said', async () => {
    const talk = open()
    expect(await talk.turn('[[steps 2]]')).toMatchObject({ calls: ['weather'] })
    expect(await talk.turn()).toMatchObject({ calls: ['clock'] })
    expect(await talk.turn()).toEqual({ text: 'The tools said: "weather 1" and "clock 2".', calls: [] })
  })
  test('parallel calls, and then more talk', async () => {
    const talk = open()
    expect(await talk.turn('[[tools]]')).toMatchObject({ calls: ['weather', 'clock'] })
    expect((await talk.turn()).text).toBe('The tools said: "weather 1" and "clock 2".')
    expect((await talk.turn('thanks')).text).toEndWith('You said: "thanks".')
    expect(await talk.turn('[[steps 1]]')).toMatchObject({ calls: ['weather'] })
    expect((await talk.turn()).text).toBe('The tools said: "weather 3".')
  })
})
