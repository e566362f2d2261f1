import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { JsonObject } from '../../src/base/json-value.ts'
import { packCallId } from '../../src/canon/reasoning-carrier.ts'
import { WIRE_PROTOCOLS } from '../../src/wire/index.ts'
import type { Quirks } from '../../src/wire/quirks.ts'
import {
  answer,
  base64,
  budget,
  called,
  carrier,
  chatCall,
  detail,
  google,
  itemCall,
  named,
  output,
  packed,
  reasoning,
  redacted,
  result,
  SKIP,
  sealsOf,
  signed,
  thinking,
  thought,
  use,
} from './sealed-words.ts'

const word = fc.oneof(
  fc.constantFrom(
    carrier,
    named,
    packed,
    `${packed}_candor1_x`,
    packCallId(packed, carrier),
    base64(carrier),
    SKIP,
    '',
  ),
  fc.constantFrom(base64(`${named} ${carrier}`), 'candor1.x', 'S==', '==', 'assistant', 'user', 'enabled', 'reasoning'),
  fc.constantFrom('thinking', 'redacted_thinking', 'tool_use', 'tool_result', 'function_call', 'function_call_output'),
  fc.string({ maxLength: 4 }),
)
const name = fc.constantFrom(
  ...['messages', 'content', 'type', 'role', 'thinking', 'signature', 'data', 'id', 'tool_use_id', 'call_id', 'text'],
  ...['reasoning_details', 'tool_calls', 'tool_call_id', 'details', 'extra_content', 'google', 'thought_signature'],
  ...['input', 'summary', 'encrypted_content', 'contents', 'parts', 'thought', 'thoughtSignature', 'functionCall'],
  ...['functionResponse', 'generateContentRequest', 'context_management', 'edits', '__proto__', 'x'],
)
const { object } = fc.letrec<{ value: unknown; object: JsonObject }>(tie => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    word,
    fc.constantFrom(true, null, 7),
    tie('object'),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
  object: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 6 })
    .map(fields => Object.fromEntries(fields)) as fc.Arbitrary<JsonObject>,
}))

/** A body whose parts are in their places, filled with anything. */
const list = (inner: fc.Arbitrary<unknown>) => fc.array(inner, { maxLength: 4 })
const likely = fc
  .record({
    thinking: fc.constantFrom(budget, { type: 'adaptive' }, null),
    messages: list(
      fc.record({
        role: fc.constantFrom('user', 'assistant', 'tool'),
        content: list(fc.oneof(object, word.map(thinking), word.map(redacted), word.map(use), word.map(result))),
        reasoning_details: list(fc.oneof(object, word.map(detail))),
        tool_calls: list(
          fc.oneof(
            object,
            fc.tuple(word, word).map(([id, words]) => chatCall(id, google(words))),
          ),
        ),
      }),
    ),
    input: list(
      fc.oneof(
        object,
        word.map(words => reasoning(words)),
        word.map(id => itemCall(id)),
        word.map(output),
      ),
    ),
    contents: list(
      fc.record({
        parts: list(
          fc.oneof(
            object,
            word.map(words => thought(signed(words))),
            word.map(words => called(signed(words))),
            word.map(words => ({ text: '', ...signed(words) })),
            fc.constantFrom(thought(), answer),
          ),
        ),
      }),
    ),
  })
  .map(body => body as JsonObject)

describe.each(WIRE_PROTOCOLS.map(({ id }) => ({ id })))('whatever is sent in $id', ({ id }) => {
  const { signaturesIn, withoutSeals } = sealsOf(id)

  test('the input stays as it was, no seal is left, and a second time nothing more is found', () => {
    const to = fc.constantFrom<Quirks | 'translated' | undefined>(undefined, 'translated', {
      unsignedThinking: true,
      unsignedCalls: true,
      toolIdPattern: '^[a-z]{9}$',
    })
    fc.assert(
      fc.property(fc.oneof(object, likely), to, (drawn, where) => {
        const body = structuredClone(drawn)
        const sealed = signaturesIn(body).length > 0
        const open = withoutSeals(body, where)
        expect(body).toEqual(drawn)
        expect(signaturesIn(open.body)).toEqual([])
        expect(open.losses.length > 0 || !sealed).toBe(true)
        expect(Object.keys(open.body).filter(key => key !== 'thinking')).toEqual(
          Object.keys(body).filter(key => key !== 'thinking' && (key !== 'context_management' || key in open.body)),
        )
        const again = withoutSeals(open.body, where)
        expect(again.body).toEqual(open.body)
        expect(again.losses).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  test('seals that may stay do, and no other', () => {
    const keeps = (seal: string) => seal === 'CiQB'
    fc.assert(
      fc.property(likely, body => {
        const before = signaturesIn(body)
        const open = withoutSeals(body, undefined, keeps)
        const after = signaturesIn(open.body)
        expect(after.filter(seal => !keeps(seal))).toEqual([])
        if (before.every(keeps)) expect(after).toEqual(before)
        expect(withoutSeals(open.body, undefined, keeps)).toMatchObject({ body: open.body, losses: [] })
      }),
      { numRuns: 1_000 },
    )
  })
})
