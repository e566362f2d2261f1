import { Trouble } from '../../api.ts'
import type { Answer } from './answer.ts'

/** How questions are asked. Texts as they stand in the fields; empty: it is not sent. */
export interface Settings {
  readonly system: string
  readonly temperature: string
  readonly maxTokens: string
  /** A JSON list in the form of Chat Completions. */
  readonly tools: string
}

/** A picture that goes along with a question. */
export interface Picture {
  readonly name: string
  /** `data:image/png;base64,…`. */
  readonly url: string
}

/** What was said to the model. */
export interface Asked {
  readonly text: string
  readonly pictures: readonly Picture[]
  /** What the tools gave that the answer before wanted called, by the call's id. */
  readonly results: Readonly<Record<string, string>>
}

/** A question and its answer. */
export interface Turn {
  readonly id: number
  /** The model or route that was asked. */
  readonly model: string
  readonly asked: Asked
  readonly answer: Answer
}

/** The calls the next question must answer. */
export function openCalls(turns: readonly Turn[]): Answer['calls'] {
  const answer = turns.at(-1)?.answer
  return answer?.outcome === 'whole' ? answer.calls : []
}

/** The body of the next call. Throws {@link Trouble} where a setting cannot be sent. */
export function requestBody(model: string, settings: Settings, turns: readonly Turn[], asked: Asked): object {
  const { system, temperature, maxTokens, tools } = settings
  return {
    ...(model === '' ? {} : { model }),
    messages: [
      ...(system.trim() === '' ? [] : [{ role: 'system', content: system }]),
      ...turns.flatMap((turn, i) => [...questionOf(turn.asked, turns.slice(0, i)), ...answerOf(turn.answer)]),
      ...questionOf(asked, turns),
    ],
    stream: true,
    stream_options: { include_usage: true },
    ...(temperature.trim() === '' ? {} : { temperature: numberOf(temperature, 'The temperature') }),
    ...(maxTokens.trim() === '' ? {} : { max_completion_tokens: numberOf(maxTokens, 'The output limit') }),
    ...(tools.trim() === '' ? {} : { tools: toolsIn(tools) }),
  }
}

function questionOf({ text, pictures, results }: Asked, before: readonly Turn[]): readonly object[] {
  const answers = openCalls(before).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: results[id] ?? '' }))
  if (text === '' && pictures.length === 0) return answers
  const content =
    pictures.length === 0
      ? text
      : [
          ...(text === '' ? [] : [{ type: 'text', text }]),
          ...pictures.map(({ url }) => ({ type: 'image_url', image_url: { url } })),
        ]
  return [...answers, { role: 'user', content }]
}

/** Of an answer that is not whole the text is kept, but no calls: their arguments may be cut. */
function answerOf({ outcome, text, reasoning, calls }: Answer): readonly object[] {
  const wanted = outcome === 'whole' ? calls : []
  if (text === '' && wanted.length === 0) return []
  return [
    {
      role: 'assistant',
      content: text === '' ? null : text,
      // Models that think between calls want their thoughts back with them.
      ...(wanted.length > 0 && reasoning !== '' ? { reasoning_content: reasoning } : {}),
      ...(wanted.length === 0
        ? {}
        : {
            tool_calls: wanted.map(({ id, name, arguments: written }) => ({
              id,
              type: 'function',
              function: { name, arguments: written },
            })),
          }),
    },
  ]
}

function numberOf(text: string, what: string): number {
  const number = Number(text)
  if (Number.isFinite(number)) return number
  throw new Trouble(`${what} is no number: ${text}`, {
    status: 0,
    code: 'bad_request',
    fix: ['Correct it in the settings.'],
  })
}

function toolsIn(text: string): unknown {
  try {
    const tools: unknown = JSON.parse(text)
    if (Array.isArray(tools)) return tools
  } catch {
    // Told below, like JSON that is no list.
  }
  throw new Trouble('The tools are no JSON list.', {
    status: 0,
    code: 'bad_request',
    fix: [
      'Write them as Chat Completions has them: [{"type": "function", "function": {"name": "…", "parameters": {…}}}]',
    ],
  })
}
