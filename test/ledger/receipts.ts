import { newId } from '../../src/base/ids.ts'
import type { Receipt } from '../../src/ledger/receipt.ts'
import type { AdmittedRow } from '../../src/ledger/store.ts'

/** An admission as a gateway would note it. */
export function admission(overrides: Partial<AdmittedRow> = {}): AdmittedRow {
  const at = overrides.at ?? Date.now()
  return {
    id: newId('req', at),
    at,
    operation: 'generate',
    clientProtocol: 'openai-completions',
    client: 'curl/8.5.0',
    stream: false,
    requestedModel: 'kimi-coding/k2p5',
    requestBytes: 512,
    ...overrides,
  }
}

/** The receipt of an ended call, as full as most are. */
export function receipt(overrides: Partial<Receipt> = {}): Receipt {
  return {
    ...admission(overrides),
    servedModel: 'kimi-coding/kimi-for-coding',
    upstreamProtocol: 'anthropic-messages',
    billing: 'plan',
    attempts: [
      {
        provider: 'kimi-coding',
        model: 'kimi-for-coding',
        protocol: 'anthropic-messages',
        url: 'https://api.kimi.com/coding/v1/messages',
        identity: { userAgent: 'OpenClaw-Gateway/1.0', source: 'client' },
        headers: { 'x-api-key': '••••', 'content-type': 'application/json', 'user-agent': 'OpenClaw-Gateway/1.0' },
        startedMs: 1,
        firstByteMs: 250,
        endedMs: 900,
        status: 200,
      },
    ],
    passed: [{ protocol: 'openai-completions', reason: 'admits listed clients only' }],
    losses: [{ parameter: 'user', path: 'user', kind: 'hint', reason: 'no such field' }],
    assumptions: [{ path: 'max_tokens', value: '8192', reason: 'the protocol demands one' }],
    replyLosses: [],
    usage: { input: 12, cacheRead: 100, output: 34, raw: { input_tokens: 12 } },
    cost: { type: 'plan' },
    requestBytes: 512,
    replyBytes: 2048,
    firstByteMs: 251,
    totalMs: 902,
    ending: 'complete',
    status: 200,
    stopReason: 'end',
    ...overrides,
  }
}
