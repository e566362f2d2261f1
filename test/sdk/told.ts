import { asNumber, asObject, type JsonObject } from '../../src/base/json-value.ts'
import type { ProtocolId } from '../../src/canon/protocol.ts'
import type { SimRequest } from '../../src/sim/recorder.ts'
import { eventsIn, parse } from '../e2e/clients.ts'
import type { Tokens } from './client.ts'
import type { Target } from './lanes.ts'

/**
 * The tokens a provider itself tells for each request it got, in order: its twin is asked the same, byte for byte, and what it answers is
 * read here without any of Candor's code for replies.
 */
export async function tokensTold({ protocol, sim, twin }: Target): Promise<readonly Tokens[]> {
  const told: Tokens[] = []
  for (const request of sim.requests()) told.push(readTokens(protocol, await askAgain(request, twin.origin)))
  return told
}

const OF_THE_CONNECTION = ['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding']

async function askAgain(request: SimRequest, origin: string): Promise<readonly JsonObject[]> {
  const query = request.query === '' ? '' : `?${request.query}`
  const response = await fetch(`${origin}${request.path}${query}`, {
    method: request.method,
    headers: request.headers
      .filter(([name]) => !OF_THE_CONNECTION.includes(name.toLowerCase()))
      .map(([name, value]): [string, string] => [name, value]),
    body: request.body,
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`the twin refused: ${text.slice(0, 500)}`)
  if (response.headers.get('content-type') !== 'text/event-stream') return [parse<JsonObject>(text)]
  return eventsIn(text).flatMap(({ data }) => (data === '[DONE]' ? [] : [parse<JsonObject>(data)]))
}

/** Where each protocol has its counts; later ones replace earlier ones. */
function readTokens(protocol: ProtocolId, bodies: readonly JsonObject[]): Tokens {
  const field = protocol === 'google-generative-ai' ? 'usageMetadata' : 'usage'
  const usage: JsonObject = Object.assign({}, ...bodies.map(body => asObject(within(body)[field])))
  const count = (field: string, inside?: string) =>
    asNumber((inside === undefined ? usage : asObject(usage[inside]))?.[field]) ?? 0
  switch (protocol) {
    case 'openai-completions':
      return {
        input: count('prompt_tokens'),
        cached: count('cached_tokens', 'prompt_tokens_details'),
        output: count('completion_tokens'),
        reasoning: count('reasoning_tokens', 'completion_tokens_details'),
      }
    case 'openai-responses':
      return {
        input: count('input_tokens'),
        cached: count('cached_tokens', 'input_tokens_details'),
        output: count('output_tokens'),
        reasoning: count('reasoning_tokens', 'output_tokens_details'),
      }
    case 'anthropic-messages': {
      const cached = count('cache_read_input_tokens')
      return {
        input: count('input_tokens') + cached + count('cache_creation_input_tokens'),
        cached,
        output: count('output_tokens'),
      }
    }
    case 'google-generative-ai': {
      const reasoning = count('thoughtsTokenCount')
      return {
        input: count('promptTokenCount'),
        cached: count('cachedContentTokenCount'),
        output: count('candidatesTokenCount') + reasoning,
        reasoning,
      }
    }
  }
}

/** Events of Messages and of Responses have the reply one level deeper. */
function within(body: JsonObject): JsonObject {
  return asObject(body.message) ?? asObject(body.response) ?? body
}
