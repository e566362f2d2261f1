import type { ProblemCode, UpstreamWords } from '../canon/problem.ts'

/** Words with which a provider says that something is not there, without saying what. */
const SAYS_NOTHING = new Set(
  'a the it some such requested resource entity object thing page error exception http status code no not found was is does exist 404'.split(
    ' ',
  ),
)

/** Words for what a call asks; Azure calls a model that is set up a deployment. */
const MEANS_MODEL = new Set(['model', 'models', 'deployment', 'deployments'])

/** Chinese has no spaces to find the word by. */
const MODEL_IN_CHINESE = '模型'

/** A `code` or `type` that may tell what was not found: `model_not_found`, `DeploymentNotFound`, `previous_response_not_found`. */
const TELLING_LABEL = /not.?found|model|deployment/i

/** What proxies write that pass on nothing but the status ("Request failed with status code 404" is axios' wording). */
const ONLY_THE_STATUS = /^\w* ?fail(?:ed|ure) with status(?: code)? 404\W*$/i

/**
 * What "not found" is about. Providers say it of models, and of replies, items, files and caches that a request names. The model is claimed
 * only where the words name one, `model` (the name that was asked for) among them, or where they say no more than the status does.
 */
export function meaningOfNotFound(
  { message = '', code, type }: Omit<UpstreamWords, 'status'>,
  model = '',
): Extract<ProblemCode, 'upstream_model_not_found' | 'upstream_bad_request'> {
  for (const label of [code, type]) {
    const words = label !== undefined && TELLING_LABEL.test(label) ? wordsIn(label) : []
    if (words.some(word => MEANS_MODEL.has(word))) return 'upstream_model_not_found'
    if (!sayNothing(words)) return 'upstream_bad_request'
  }
  const words = wordsIn(message)
  const named = words.some(word => MEANS_MODEL.has(word)) || message.includes(MODEL_IN_CHINESE) || names(message, model)
  return named || sayNothing(words) || ONLY_THE_STATUS.test(message)
    ? 'upstream_model_not_found'
    : 'upstream_bad_request'
}

/** In small letters; `DeploymentNotFound` and `model_not_found` are three words each. */
function wordsIn(text: string): readonly string[] {
  const parted = text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase()
  return parted.match(/[\p{L}\p{N}]+/gu) ?? []
}

function sayNothing(words: readonly string[]): boolean {
  return words.every(word => SAYS_NOTHING.has(word))
}

/** True if the name stands in the text, not as a piece of a longer word. */
function names(text: string, model: string): boolean {
  const at = model === '' ? -1 : text.toLowerCase().indexOf(model.toLowerCase())
  const around = at < 0 ? 'x' : `${text.charAt(at - 1)}${text.charAt(at + model.length)}`
  return !/[\p{L}\p{N}]/u.test(around)
}
