import {
  ApiError,
  type Content,
  type GenerateContentConfig,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from '@google/genai'
import type { Failed, Say, SdkClient, Talk, TalkOptions, Tokens } from './client.ts'
import { codeIn, openResults, pathsIn, secondsIn, TOOLS } from './client.ts'

/** `@google/genai`. */
export const genai: SdkClient = {
  name: 'google genai',
  protocol: 'google-generative-ai',
  open,
  resultAs: (_name, text) => text,
  failed(error): Failed {
    if (!(error instanceof ApiError)) throw error
    const body = bodyIn(error.message)
    const delay = /"retryDelay":"([\d.]+)s"/.exec(error.message)?.[1]
    return {
      type: ApiError.name,
      status: error.status,
      code: codeIn(body),
      paths: pathsIn(body),
      retryAfterSeconds: secondsIn(delay),
    }
  },
  errorFor: () => ApiError.name,
  abortError: 'AbortError',
}

function open(options: TalkOptions): Talk {
  const client = new GoogleGenAI({ apiKey: 'anything', httpOptions: { baseUrl: options.origin } })
  const contents: Content[] = []
  const resultOf = openResults()
  let calls: readonly Part[] = []
  return {
    async turn(say) {
      const next: Content = {
        role: 'user',
        parts: say.text === undefined ? calls.map(call => resultPart(call, resultOf)) : asked(say, say.text),
      }
      const params = { model: say.model ?? options.model, contents: [...contents, next], config: settings(options) }
      const pieces = await send(client, params, options)
      const parts = pieces.flatMap(piece => piece.candidates?.[0]?.content?.parts ?? [])
      if (say.aside !== true) contents.push(next, { role: 'model', parts })
      calls = parts.filter(part => part.functionCall !== undefined)
      return {
        text: textOf(parts, false),
        reasoning: textOf(parts, true),
        calls: calls.map(({ functionCall }) => ({ name: functionCall?.name ?? '', input: functionCall?.args })),
        tokens: tokensOf(pieces.at(-1)),
      }
    },
  }
}

function tokensOf(last: GenerateContentResponse | undefined): Tokens {
  const usage = last?.usageMetadata
  const reasoning = usage?.thoughtsTokenCount ?? 0
  return {
    input: usage?.promptTokenCount ?? -1,
    cached: usage?.cachedContentTokenCount ?? 0,
    output: (usage?.candidatesTokenCount ?? 0) + reasoning,
    reasoning,
  }
}

function settings({ tools, thinks, schema, stop, signal }: TalkOptions): GenerateContentConfig {
  return {
    ...(stop === undefined ? {} : { stopSequences: [stop] }),
    ...(tools === true
      ? {
          tools: [
            {
              functionDeclarations: TOOLS.map(({ name, schema: parameters }) => ({
                name,
                parametersJsonSchema: parameters,
              })),
            },
          ],
        }
      : {}),
    ...(thinks === true ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 4000 } } : {}),
    ...(schema === undefined ? {} : { responseMimeType: 'application/json', responseJsonSchema: schema }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  }
}

/**
 * The pieces of a stream are put together by its user: the parts of all of them are one turn. None may be without: the client's own chat
 * forgets a turn with such a piece.
 */
async function send(
  client: GoogleGenAI,
  params: GenerateContentParameters,
  { form, onEvent }: TalkOptions,
): Promise<readonly GenerateContentResponse[]> {
  if (form === 'whole') return [await client.models.generateContent(params)]
  const pieces: GenerateContentResponse[] = []
  for await (const piece of await client.models.generateContentStream(params)) {
    if (piece.candidates?.[0]?.content?.parts === undefined) throw new Error(`no parts: ${JSON.stringify(piece)}`)
    pieces.push(piece)
    onEvent?.()
  }
  return pieces
}

function asked({ image }: Say, text: string): Part[] {
  return [{ text }, ...(image === undefined ? [] : [{ inlineData: { mimeType: 'image/png', data: image } }])]
}

function resultPart({ functionCall }: Part, resultOf: (name: string) => string): Part {
  const name = functionCall?.name ?? ''
  const id = functionCall?.id
  return { functionResponse: { name, response: { output: resultOf(name) }, ...(id === undefined ? {} : { id }) } }
}

function textOf(parts: readonly Part[], thought: boolean): string {
  return parts.map(part => ((part.thought ?? false) === thought ? (part.text ?? '') : '')).join('')
}

/** The client puts the error body into its message. */
function bodyIn(message: string): unknown {
  const from = message.indexOf('{')
  return from < 0 ? undefined : (JSON.parse(message.slice(from)) as unknown)
}
