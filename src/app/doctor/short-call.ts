import { assert } from '../../base/assert.ts'
import { newId } from '../../base/ids.ts'
import { OWN_USER_AGENT } from '../../base/version.ts'
import { modelsOf } from '../../catalog/models.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import type { Call, House } from '../../pipeline/call.ts'
import { SSE } from '../../pipeline/framing.ts'
import { openDirectory } from '../../pipeline/model-directory.ts'
import { runCall } from '../../pipeline/run-call.ts'
import type { CredentialSetup, ProviderSetup } from '../../upstream/provider-setup.ts'

/** Asks for one token. */
export const ONE_TOKEN = { messages: [{ role: 'user', content: 'Say ok.' }], max_tokens: 1 } as const

/** Asks for an answer that takes a moment, streamed. */
export const SHORT_STREAM = {
  messages: [{ role: 'user', content: 'Count from 1 to 30, with commas.' }],
  max_tokens: 96,
  stream: true,
} as const

/** A call of the doctor's, and what became of it. */
export interface ShortCall {
  readonly receipt: Receipt
  /** What the provider's last answer said the time is, and when that was heard here: both milliseconds since 1970. */
  readonly told?: { readonly dateMs: number; readonly heardAt: number }
  /** When pieces of the answer came, in milliseconds after the call began; for a whole answer there is one. */
  readonly piecesMs: readonly number[]
}

/**
 * Makes one real call, through the same pipeline as any other and with a receipt, in Candor's own name. The gateway's own keys and limits are not what
 * is looked at.
 */
export async function shortCall(
  ref: string,
  what: typeof ONE_TOKEN | typeof SHORT_STREAM,
  house: House,
): Promise<ShortCall> {
  const { clock } = house
  let receipt: Receipt | undefined
  let told: ShortCall['told']
  const watched: House = {
    ...house,
    policies: [],
    watchers: [
      ...house.watchers,
      {
        name: 'doctor',
        ended(closed) {
          receipt = closed
        },
      },
    ],
    quotas: {
      ...house.quotas,
      heard(provider, credential, headers) {
        const dateMs = Date.parse(headers.get('date') ?? '')
        if (!Number.isNaN(dateMs)) told = { dateMs, heardAt: clock.now() }
        house.quotas.heard(provider, credential, headers)
      },
    },
  }
  const began = clock.monotonicMs()
  const response = await runCall(callOf(ref, what, house), watched)
  const piecesMs: number[] = []
  for await (const piece of response.body ?? []) if (!isHeartbeat(piece)) piecesMs.push(clock.monotonicMs() - began)
  assert(receipt !== undefined, 'a call that was read to its end has a receipt')
  return { receipt, piecesMs, ...(told === undefined ? {} : { told }) }
}

/** A comment of Candor's own: nothing came. */
function isHeartbeat(piece: Uint8Array): boolean {
  return piece[0] === COLON
}

const COLON = 0x3a

function callOf(ref: string, what: object, { clock, protocols }: House): Call {
  const protocol = protocols.get('openai-completions')
  assert(protocol !== undefined, 'Chat Completions is spoken')
  const at = clock.now()
  return {
    id: newId('req', at),
    at,
    startedMs: clock.monotonicMs(),
    operation: 'generate',
    protocol,
    framing: SSE,
    body: new TextEncoder().encode(JSON.stringify({ model: ref, ...what })),
    headers: new Headers({ 'user-agent': OWN_USER_AGENT, 'content-type': 'application/json' }),
    key: undefined,
    leaving: new AbortController(),
    ended() {},
  }
}

/** The same house, in which a provider has this one key: so that no other answers in its place. */
export function withOneKey(house: House, provider: ProviderSetup, credential: CredentialSetup): House {
  const own = { ...provider, credentials: [credential], billing: credential.billing }
  const directory = openDirectory({
    providers: [own],
    aliases: {},
    routes: [],
    catalogueModels: () => (provider.row === undefined ? [] : modelsOf(provider.row)),
  })
  return { ...house, directory }
}
