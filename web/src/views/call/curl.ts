import type { Receipt } from '../../../../src/ledger/receipt.ts'

/** Where the body is to be put: it is not kept. */
export const BODY_FILE = 'request.json'

/** The call as a command line for curl, its body read from a file, its key from the environment. */
export function curlOf(receipt: Receipt, base: string): string {
  const lines = [
    `curl ${quoted(base + pathOf(receipt))}`,
    `-H 'content-type: application/json'`,
    `-H "authorization: Bearer $CANDOR_KEY"`,
    ...(receipt.clientProtocol === 'anthropic-messages' ? [`-H 'anthropic-version: 2023-06-01'`] : []),
    `--data-binary @${BODY_FILE}`,
  ]
  return lines.join(' \\\n  ')
}

function pathOf({ clientProtocol, operation, requestedModel, stream }: Receipt): string {
  switch (clientProtocol) {
    case 'openai-completions':
      return operation === 'embed' ? '/v1/embeddings' : '/v1/chat/completions'
    case 'openai-responses':
      return '/v1/responses'
    case 'anthropic-messages':
      return operation === 'count-tokens' ? '/v1/messages/count_tokens' : '/v1/messages'
    case 'google-generative-ai': {
      const verb = operation === 'count-tokens' ? 'countTokens' : stream ? 'streamGenerateContent' : 'generateContent'
      return `/v1beta/models/${encodeURIComponent(requestedModel)}:${verb}`
    }
  }
}

/** Quoted for a shell: nothing in it is run. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
