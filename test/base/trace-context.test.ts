import { describe, expect, test } from 'bun:test'
import { newSpanId, openTrace, readTraceParent, traceparent } from '../../src/base/trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

describe('what a traceparent says', () => {
  test.each<[string, boolean]>([
    [`00-${TRACE}-${PARENT}-01`, true],
    [`00-${TRACE}-${PARENT}-00`, false],
    [`00-${TRACE}-${PARENT}-03`, true],
    [`00-${TRACE}-${PARENT}-fe`, false],
    [` 00-${TRACE}-${PARENT}-01 `, true],
    [`01-${TRACE}-${PARENT}-01`, true],
    [`cc-${TRACE}-${PARENT}-00-what-the-future-will-be`, false],
    [`cc-${TRACE}-${PARENT}-01-`, true],
  ])('%s is read', (header, sampled) => {
    expect(readTraceParent(header)).toEqual({ traceId: TRACE, parentId: PARENT, sampled })
  })

  test.each<[string, string]>([
    ['nothing', ''],
    ['another word', 'trace'],
    ['version ff', `ff-${TRACE}-${PARENT}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['a parent of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capital letters', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
    ['a trace that is short', `00-${TRACE.slice(1)}-${PARENT}-01`],
    ['a parent that is long', `00-${TRACE}-${PARENT}0-01`],
    ['flags that are no hex', `00-${TRACE}-${PARENT}-0g`],
    ['flags that are long', `00-${TRACE}-${PARENT}-011`],
    ['version 00 with a fifth field', `00-${TRACE}-${PARENT}-01-more`],
    ['version 00 with a dash at its end', `00-${TRACE}-${PARENT}-01-`],
    ['a later version that goes on without a dash', `cc-${TRACE}-${PARENT}-01.more`],
    ['two headers joined', `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`],
  ])('%s is not', (_what, header) => {
    expect(readTraceParent(header)).toBeUndefined()
  })
})

describe('a call', () => {
  test("takes its place in the caller's trace", () => {
    const context = openTrace(`00-${TRACE}-${PARENT}-00`)
    expect(context).toEqual({ traceId: TRACE, parentId: PARENT, spanId: context.spanId, sampled: false })
    expect(context.spanId).toMatch(/^[0-9a-f]{16}$/)
    expect(context.spanId).not.toBe(PARENT)
  })

  test.each([null, '', 'nonsense'])('begins a trace where the caller told %p', header => {
    const context = openTrace(header)
    expect(context.parentId).toBeUndefined()
    expect(context.sampled).toBe(true)
    expect(readTraceParent(traceparent(context, context.spanId))).toEqual({
      traceId: context.traceId,
      parentId: context.spanId,
      sampled: true,
    })
  })

  test.each([true, false])('passes the decision on: sampled %p', sampled => {
    const spanId = newSpanId()
    const told = traceparent({ traceId: TRACE, spanId: PARENT, sampled }, spanId)
    expect(readTraceParent(told)).toEqual({ traceId: TRACE, parentId: spanId, sampled })
  })

  test('ids do not come twice', () => {
    const ids = Array.from({ length: 5_000 }, newSpanId)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
