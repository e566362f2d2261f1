import { describe, expect, test } from 'bun:test'
import { readEnvelope } from '../../src/catalog/envelope.ts'
import { readHints } from '../../src/catalog/retry-hints.ts'
import { durationMs, instantMs, resetInText } from '../../src/catalog/times.ts'
import { NOW } from './sighting.ts'

const hints = (headers: Record<string, string>, body: unknown = {}) =>
  readHints(new Headers(headers), readEnvelope(JSON.stringify(body)), NOW)
const iso = (ms: number) => new Date(NOW + ms).toISOString()

describe('how long to wait', () => {
  test.each([
    ['retry-after in seconds', { 'retry-after': '7' }, 7_000],
    ['retry-after in parts of a second', { 'retry-after': '0.25' }, 250],
    ['retry-after as a date', { 'retry-after': new Date(NOW + 9_000).toUTCString() }, 9_000],
    ['a date that is over', { 'retry-after': new Date(NOW - 9_000).toUTCString() }, 0],
    ['retry-after-ms first', { 'retry-after-ms': '120', 'retry-after': '7' }, 120],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['nothing', { 'retry-after': '' }, undefined],
    ['a negative number', { 'retry-after': '-3' }, undefined],
    ['longer than any window', { 'retry-after': '99999999' }, undefined],
    ['an empty counter', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' }, 360_000],
    [
      'a counter that is not empty',
      { 'x-ratelimit-remaining-tokens': '5', 'x-ratelimit-reset-tokens': '6m' },
      undefined,
    ],
    [
      'the last of two empty counters',
      {
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': iso(4_000),
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': iso(11_000),
      },
      11_000,
    ],
    ['a counter in ms since 1970', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + 5_000) }, 5_000],
    ['a counter in seconds', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '5' }, 5_000],
  ])('header: %s', (_, headers: Record<string, string>, ms: number | undefined) => {
    expect(hints(headers).retryAfterMs).toBe(ms)
  })

  test.each([
    [{ error: { details: [{ retryDelay: '34.4s' }] } }, 34_400],
    [{ error: { message: 'm', metadata: { retry_after: 3 } } }, 3_000],
    [{ error: { message: 'm', resets_in_seconds: 60 } }, 60_000],
    [{ error: { message: 'Rate limit reached. Please try again in 7m12.5s. Visit' } }, 432_500],
    [{ error: { message: 'Please retry in 33.5s.' } }, 33_500],
    [{ error: { message: 'retry in 120 s' } }, 120_000],
    [{ error: { message: 'try again in 2 minutes' } }, 120_000],
    [{ error: { message: 'try again after 1 hour' } }, 3_600_000],
    [{ error: { message: 'try again in 20ms' } }, 20],
    [{ error: { message: 'try again later' } }, undefined],
  ])('body: %j', (body, ms) => {
    expect(hints({}, body).retryAfterMs).toBe(ms)
  })

  test('a counter alone asks nobody to wait', () => {
    expect(hints({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '5' }).waits).toBe(false)
    expect(hints({ 'retry-after': '5' }).waits).toBe(true)
    expect(hints({}, { error: { message: 'try again in 5s' } }).waits).toBe(true)
  })
})

describe('when it opens again', () => {
  test.each([
    [{ error: { metadata: { resets_at: iso(60_000) } } }, NOW + 60_000],
    [{ error: { metadata: { resets_at: (NOW + 60_000) / 1000 } } }, NOW + 60_000],
    [{ error: { resets_at: NOW + 60_000 } }, NOW + 60_000],
    [{ error: { resets_at: NOW - 60_000 } }, undefined],
    [{ error: { resets_at: 12 } }, undefined],
    [{ error: { message: `It will reset at ${iso(3_600_000)}` } }, NOW + 3_600_000],
  ])('%j', (body, instant) => {
    expect(hints({}, body).resetsAtMs).toBe(instant)
  })

  test.each([
    ['reset at 2026-11-22 23:59:59 +0800 CST', '+00:00', '2026-11-22T15:59:59Z'],
    ['resets at 2026-11-22T23:59:59+08:00.', '+00:00', '2026-11-22T15:59:59Z'],
    ['reset at 2026-11-22 23:59 UTC', '+08:00', '2026-11-22T23:59:00Z'],
    ['will reset at 2026-11-22 23:59:59', '+08:00', '2026-11-22T15:59:59Z'],
    ['will reset at 2026-11-22 23:59:59', '+00:00', '2026-11-22T23:59:59Z'],
  ])('"%s" at %s is %s', (text, offset, instant) => {
    expect(resetInText(text, offset)).toBe(Date.parse(instant))
  })

  test('text without a time tells none', () => {
    expect(resetInText('will be reset soon', '+00:00')).toBeUndefined()
    expect(resetInText('reset at 2026-99-99 10:00:00', '+00:00')).toBeUndefined()
  })
})

test.each([
  ['1', 1_000],
  ['1h2m3s', 3_723_000],
  ['1 day', 86_400_000],
  ['3 weeks', undefined],
  ['', undefined],
])('"%s" lasts %p ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms)
})

test.each([
  ['soon', undefined],
  [true, undefined],
  [null, undefined],
  [1_800_000_000, 1_800_000_000_000],
])('%p is the moment %p', (value, ms) => {
  expect(instantMs(value)).toBe(ms)
})
