import type { BodyView } from '../../../../src/admin/bodies.ts'
import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { indented } from './indented.ts'

/** Where the body is to be put that does not stand in the command. */
export const BODY_FILE = 'request.json'

/** A call as a command line for curl. */
export interface Command {
  readonly text: string
  /** Why the body does not stand in it. Absent: it does. */
  readonly without?: Without
}

/** `unknown`: it is not kept, or may not be seen. */
export type Without = 'unknown' | 'cut' | 'masked' | 'long' | 'no JSON'

/** Bodies up to this many characters stand in the command; longer ones are read from a file. */
const IN_COMMAND_CHARS_MAX = 64 * 1024

/** No line of JSON is this word, so it ends the body and nothing else does. In quotes: the shell leaves the lines before it as they are. */
const BODY_END = 'CANDOR_BODY'

/** The call as a command line for curl, its key from the environment. `bodies`: what is kept of it, if that is known. */
export function curlOf(
  receipt: Receipt,
  base: string,
  bodies?: { readonly request: BodyView; readonly reply?: BodyView },
): Command {
  const without = whyWithout(bodies?.request)
  const written = without === undefined && bodies !== undefined ? pasteable(bodies.request.text) : undefined
  const isSse = bodies?.reply?.contentType.startsWith('text/event-stream') === true
  const lines = [
    `curl ${quoted(base + pathOf(receipt, isSse))}`,
    `-H 'content-type: application/json'`,
    `-H "authorization: Bearer $CANDOR_KEY"`,
    ...(receipt.clientProtocol === 'anthropic-messages' ? [`-H 'anthropic-version: 2023-06-01'`] : []),
    written === undefined ? `--data-binary @${BODY_FILE}` : `--data-binary @- <<'${BODY_END}'`,
  ]
  const text = lines.join(' \\\n  ')
  return {
    text: written === undefined ? text : `${text}\n${written}\n${BODY_END}`,
    ...(without === undefined ? {} : { without }),
  }
}

function whyWithout(request: BodyView | undefined): Without | undefined {
  if (request === undefined) return 'unknown'
  if (request.cut) return 'cut'
  if (request.masked) return 'masked'
  if (request.text.length > IN_COMMAND_CHARS_MAX) return 'long'
  return indented(request.text) === undefined ? 'no JSON' : undefined
}

/** Tabs and returns, which stand between the values only: a shell takes them for keys that are pressed. */
const KEYS = /[\t\r]/

/** In JSON only texts have these, and there they may as well be escapes: a shell takes some of them for keys, others cannot be seen. */
const UNSEEN = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/** JSON that says the same, and can be pasted into a shell. */
function pasteable(json: string): string {
  const lines = KEYS.test(json) ? (indented(json) ?? json) : json
  return lines.replace(UNSEEN, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function pathOf({ clientProtocol, operation, requestedModel, stream }: Receipt, isSse: boolean): string {
  switch (clientProtocol) {
    case 'openai-completions':
      return operation === 'embed' ? '/v1/embeddings' : '/v1/chat/completions'
    case 'openai-responses':
      return '/v1/responses'
    case 'anthropic-messages':
      return operation === 'count-tokens' ? '/v1/messages/count_tokens' : '/v1/messages'
    case 'google-generative-ai': {
      const verb = operation === 'count-tokens' ? 'countTokens' : stream ? 'streamGenerateContent' : 'generateContent'
      return `/v1beta/models/${encodeURIComponent(requestedModel)}:${verb}${isSse ? '?alt=sse' : ''}`
    }
  }
}

/** Quoted for a shell: nothing in it is run. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
