import type { ModelView } from '../admin/contract.ts'
import { type Problem, problem } from '../canon/problem.ts'

/** Whose shape a list of models has: named by the protocol its clients speak. */
export type Family = 'openai-completions' | 'anthropic-messages' | 'google-generative-ai'

interface Shape {
  /** One model. */
  model(view: ModelView): object
  /** One page of all, as the query asks for it. */
  page(all: readonly ModelView[], query: URLSearchParams): object | Problem
}

/** The list of models in each family's shape. OpenAI's has no pages; what it does not know may stand in it all the same. */
export const FAMILIES: Readonly<Record<Family, Shape>> = {
  'openai-completions': { model: view => view, page: data => ({ object: 'list', data }) },
  'anthropic-messages': { model: anthropicModel, page: anthropicPage },
  'google-generative-ai': { model: geminiModel, page: geminiPage },
}

/** All families ask under `/v1/models`. Anthropic's clients always send their version, and Google's their name or a key of their own kind. */
export function familyOf(headers: Headers): Family {
  if (headers.has('anthropic-version')) return 'anthropic-messages'
  return headers.has('x-goog-api-client') || headers.has('x-goog-api-key')
    ? 'google-generative-ai'
    : 'openai-completions'
}

/** Whose clients ask at a path; undefined for the gateway's own. */
export function familyAt(path: string, headers: Headers): Family | undefined {
  if (path.startsWith('/v1beta/')) return 'google-generative-ai'
  if (path.startsWith('/v1/messages')) return 'anthropic-messages'
  return path.startsWith('/v1/') ? familyOf(headers) : undefined
}

// platform.claude.com/docs/en/api/models-list

/** Anthropic's words for "the release date is not known". */
const NO_DATE = '1970-01-01T00:00:00Z'
const ANTHROPIC_LIMIT = { usual: 20, most: 1_000 }

function anthropicModel({ id, display_name, candor }: ModelView) {
  return {
    type: 'model',
    id,
    display_name,
    created_at: NO_DATE,
    max_input_tokens: candor.context_window ?? null,
    max_tokens: candor.max_output_tokens ?? null,
    capabilities: null,
    candor,
  }
}

function anthropicPage(all: readonly ModelView[], query: URLSearchParams): object | Problem {
  const limit = wholeNumber(query.get('limit'), ANTHROPIC_LIMIT)
  if (limit === undefined) return wrong('limit', `must be a whole number from 1 to ${ANTHROPIC_LIMIT.most}`)
  const [after, before] = [query.get('after_id'), query.get('before_id')]
  if (after !== null && before !== null) return wrong('before_id', 'cannot be asked for together with after_id')
  const mark = indexOf(all, after ?? before)
  if (mark === undefined) return wrong(after === null ? 'before_id' : 'after_id', 'is not the id of a listed model')
  const start = before === null ? mark + 1 : Math.max(0, mark - limit)
  const end = before === null ? start + limit : mark
  const page = all.slice(start, end)
  return {
    data: page.map(anthropicModel),
    has_more: before === null ? end < all.length : start > 0,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  }
}

// ai.google.dev/api/models

const GEMINI_LIMIT = { usual: 50, most: 1_000 }

function geminiModel({ id, display_name, candor }: ModelView) {
  return {
    name: `models/${id}`,
    displayName: display_name,
    ...(candor.context_window === undefined ? {} : { inputTokenLimit: candor.context_window }),
    ...(candor.max_output_tokens === undefined ? {} : { outputTokenLimit: candor.max_output_tokens }),
    ...(candor.reasoning === undefined ? {} : { thinking: candor.reasoning }),
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
    candor,
  }
}

function geminiPage(all: readonly ModelView[], query: URLSearchParams): object | Problem {
  const size = wholeNumber(query.get('pageSize'), GEMINI_LIMIT)
  if (size === undefined) return wrong('pageSize', `must be a whole number from 1 to ${GEMINI_LIMIT.most}`)
  const token = query.get('pageToken')
  const mark = indexOf(all, token === null || token === '' ? null : Buffer.from(token, 'base64url').toString())
  if (mark === undefined) return wrong('pageToken', 'is not one this list has given')
  const page = all.slice(mark + 1, mark + 1 + size)
  const last = page.at(-1)
  const more = last !== undefined && mark + 1 + size < all.length
  return {
    models: page.map(geminiModel),
    ...(more ? { nextPageToken: Buffer.from(last.id).toString('base64url') } : {}),
  }
}

/** Where a model stands in the list; -1 if none is named, undefined if the named one is not there. */
function indexOf(all: readonly ModelView[], id: string | null): number | undefined {
  if (id === null) return -1
  const at = all.findIndex(view => view.id === id)
  return at < 0 ? undefined : at
}

function wholeNumber(text: string | null, { usual, most }: { usual: number; most: number }): number | undefined {
  if (text === null) return usual
  const value = Number(text)
  return /^\d{1,6}$/.test(text) && value >= 1 ? Math.min(value, most) : undefined
}

function wrong(name: string, rule: string): Problem {
  return problem('bad_request', `"${name}" ${rule}.`, { fix: [`Correct "${name}", or leave it out.`], paths: [name] })
}
