import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/base/json-value.ts'
import type { CanonRequest, ReasoningWish } from '../../src/canon/request.ts'
import { anthropicMessages } from '../../src/wire/anthropic-messages/index.ts'
import { googleGenerativeAi } from '../../src/wire/google-generative-ai/index.ts'
import { openaiCompletions } from '../../src/wire/openai-completions/index.ts'
import { openaiResponses } from '../../src/wire/openai-responses/index.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import { displayFor } from '../../src/wire/reasoning-display.ts'
import type { WireProtocol } from '../../src/wire/wire-protocol.ts'

const on = (show?: string): ReasoningWish => ({
  mode: 'on',
  effort: 'high',
  at: 'x',
  ...(show === undefined ? {} : { show }),
})

describe('the rule', () => {
  test.each([
    { show: undefined, shows: true, hides: true, want: undefined, lost: false },
    { show: 'auto', shows: true, hides: false, want: 'shown', lost: false },
    { show: 'summarized', shows: true, hides: false, want: 'shown', lost: false },
    { show: 'concise', shows: true, hides: true, want: 'shown', lost: true },
    { show: 'detailed', shows: true, hides: true, want: 'shown', lost: true },
    { show: 'auto', shows: false, hides: true, want: undefined, lost: true },
    { show: 'omitted', shows: true, hides: true, want: 'hidden', lost: false },
    { show: 'none', shows: false, hides: true, want: 'hidden', lost: false },
    { show: 'omitted', shows: true, hides: false, want: undefined, lost: true },
    { show: 'sung', shows: true, hides: true, want: undefined, lost: true },
  ] as const)('$show, shows $shows, hides $hides', ({ show, shows, hides, want, lost }) => {
    const reasons: string[] = []
    expect(displayFor(on(show), { shows, hides }, reason => reasons.push(reason))).toBe(want)
    expect(reasons).toHaveLength(lost ? 1 : 0)
  })

  test('nothing is shown or hidden where nothing is thought', () => {
    const reasons: string[] = []
    const off: ReasoningWish = { mode: 'off', show: 'sung', at: 'x' }
    expect(displayFor(off, { shows: true, hides: true }, reason => reasons.push(reason))).toBeUndefined()
    expect(reasons).toEqual([])
  })
})

const FOREIGN: CanonRequest = {
  from: 'openai-responses',
  model: 'm',
  stream: false,
  streamUsage: true,
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi', at: 'input' }], at: 'input' }],
  tools: [],
  settings: [],
  unknown: [],
}
const OTHER: CanonRequest = { ...FOREIGN, from: 'anthropic-messages' }

interface Row {
  readonly codec: WireProtocol
  readonly request?: CanonRequest
  readonly quirks?: Quirks
  readonly show: string
  readonly says: JsonObject
  readonly lost: boolean
}

const ROWS: readonly Row[] = [
  { codec: openaiCompletions, show: 'auto', says: { reasoning_effort: 'high' }, lost: false },
  { codec: openaiCompletions, show: 'omitted', says: { reasoning_effort: 'high' }, lost: true },
  {
    codec: openaiCompletions,
    quirks: { hidesReasoning: true },
    show: 'auto',
    says: { reasoning_effort: 'high' },
    lost: true,
  },
  {
    codec: openaiCompletions,
    quirks: { hidesReasoning: true },
    show: 'omitted',
    says: { reasoning_effort: 'high' },
    lost: false,
  },
  {
    codec: openaiCompletions,
    quirks: { reasoning: 'reasoning' },
    show: 'omitted',
    says: { reasoning: { effort: 'high', exclude: true } },
    lost: false,
  },
  {
    codec: anthropicMessages,
    show: 'auto',
    says: { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } },
    lost: false,
  },
  {
    codec: anthropicMessages,
    show: 'omitted',
    says: { thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'high' } },
    lost: false,
  },
  {
    codec: googleGenerativeAi,
    show: 'auto',
    says: { generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true } } },
    lost: false,
  },
  {
    codec: googleGenerativeAi,
    show: 'omitted',
    says: { generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: false } } },
    lost: false,
  },
  {
    codec: openaiResponses,
    request: OTHER,
    show: 'summarized',
    says: { reasoning: { effort: 'high', summary: 'auto' } },
    lost: false,
  },
  { codec: openaiResponses, request: OTHER, show: 'omitted', says: { reasoning: { effort: 'high' } }, lost: false },
  { codec: openaiResponses, show: 'sung', says: { reasoning: { effort: 'high', summary: 'sung' } }, lost: false },
]

describe('every encoder follows it', () => {
  test.each([...ROWS])('$codec.id $quirks: $show', ({ codec, request, quirks, show, says, lost }) => {
    const sent = codec.encodeRequest({ ...(request ?? FOREIGN), reasoning: on(show) }, quirks ?? {})
    expect(sent.body).toMatchObject(says)
    expect(sent.losses.map(({ parameter }) => parameter)).toEqual(lost ? ['reasoning_display'] : [])
  })
})
