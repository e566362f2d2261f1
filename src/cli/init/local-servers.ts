import { parseJson } from '../../base/json.ts'
import { asArray, asObject, asString } from '../../base/json-value.ts'
import { OWN_USER_AGENT } from '../../base/version.ts'
import type { Provider } from '../../catalog/provider.ts'

/** A model server that answers on this machine. */
export interface LocalServer {
  readonly row: Provider
  readonly baseUrl: string
  /** The models it lists, as it names them. */
  readonly models: readonly string[]
}

/** Time all of them together have to answer, in milliseconds: a server on this machine needs few. */
const ANSWER_WITHIN_MS = 900
/** Largest list that is read, in bytes. */
const LIST_BYTES_MAX = 1_048_576
const MODELS_MAX = 200
const MODEL_CHARS_MAX = 256

/** Asks every local provider of the catalogue at its usual address for its models, all at once. Nobody there: not in the list. Never rejects. */
export async function findLocalServers(rows: readonly Provider[]): Promise<readonly LocalServer[]> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
  const local = rows.filter(({ billing }) => billing === 'local')
  const found = await Promise.all(local.map(row => askServer(row, signal).catch(() => undefined)))
  return found.filter(server => server !== undefined)
}

async function askServer(row: Provider, signal: AbortSignal): Promise<LocalServer | undefined> {
  const baseUrl = row.endpoints.find(({ protocol }) => protocol === 'openai-completions')?.baseUrl
  if (baseUrl === undefined) return undefined
  const headers = { 'user-agent': OWN_USER_AGENT }
  const response = await fetch(`${baseUrl}/models`, { redirect: 'manual', signal, headers })
  const read = parseJson(response.ok ? await textOf(response) : '')
  if (!response.ok) await response.body?.cancel()
  const body = read.ok ? asObject(read.value) : undefined
  // Something else may listen there: only a list of models is a model server.
  if (!Array.isArray(body?.['data'])) return undefined
  const ids = asArray(body['data']).flatMap(each => asString(asObject(each)?.['id']) ?? [])
  const models = ids.filter(id => id !== '' && id.length <= MODEL_CHARS_MAX && !/[\u0000-\u001f\u007f]/.test(id))
  return { row, baseUrl, models: [...new Set(models)].slice(0, MODELS_MAX) }
}

async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true })
    if (text.length > LIST_BYTES_MAX) return ''
  }
  return text
}
