import { afterEach, describe, expect, test } from 'bun:test'
import { missingGuardRails } from '../../src/app/guard-rails.ts'
import type { Usage } from '../../src/canon/usage.ts'
import {
  plural,
  showBytes,
  showCost,
  showDuration,
  showTime,
  showTokens,
  showUsage,
  zoneWords,
} from '../../src/cli/amounts.ts'
import { drawMarkdown, fit, harmless, oneLine, widthOf, wrap } from '../../src/cli/terminal-text.ts'
import type { Cost } from '../../src/ledger/receipt.ts'

describe('durations', () => {
  test.each([
    [0, '0 ms'],
    [0.44, '0.4 ms'],
    [1, '1 ms'],
    [99, '99 ms'],
    [120, '0.1 s'],
    [1_240, '1.2 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_600, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [6 * 86_400_000, '6 days'],
  ])('%p ms is %s', (ms, text) => {
    expect(showDuration(ms)).toBe(text)
  })
})

describe('moments', () => {
  // Where nothing else is said, tests run in UTC.
  const here = process.env['TZ'] ?? 'UTC'
  afterEach(() => {
    process.env['TZ'] = here
  })
  const winter = Date.UTC(2026, 10, 29, 9, 15, 3)
  const summer = Date.UTC(2026, 6, 1, 22, 0, 0)

  test.each([
    ['UTC', winter, '2026-11-29 09:15:03 +00:00'],
    ['Europe/Berlin', winter, '2026-11-29 10:15:03 +01:00'],
    ['Europe/Berlin', summer, '2026-07-02 00:00:00 +02:00'],
    ['America/St_Johns', winter, '2026-11-29 05:45:03 -03:30'],
    ['Asia/Kathmandu', winter, '2026-11-29 15:00:03 +05:45'],
  ])('in %s %p is %s', (zone, ms, text) => {
    process.env['TZ'] = zone
    expect(showTime(ms)).toBe(text)
  })

  test('the zone has a name, and what it is ahead then', () => {
    process.env['TZ'] = 'Europe/Berlin'
    expect([zoneWords(winter), zoneWords(summer)]).toEqual(['Europe/Berlin (+01:00)', 'Europe/Berlin (+02:00)'])
  })
})

describe('sizes and counts', () => {
  test.each([
    [1, '1 byte'],
    [1_023, '1023 bytes'],
    [1_024, '1 KiB'],
    [1_536, '1.5 KiB'],
    [1_048_575, '1 MiB'],
    [32 * 1_048_576, '32 MiB'],
  ])('%p bytes are %s', (bytes, text) => {
    expect(showBytes(bytes)).toBe(text)
  })

  test.each([
    [undefined, '-'],
    [8_192, '8,192'],
    [256_000, '256k'],
    [262_144, '262,144'],
    [1_000_000, '1M'],
    [1_048_576, '1,048,576'],
    [1_050_000, '1.05M'],
  ])('%p tokens in a table are %s', (count, text) => {
    expect(showTokens(count)).toBe(text)
  })

  test('one and many', () => {
    expect([plural(1, 'call'), plural(2, 'call'), plural(0, 'call is', 'calls are')]).toEqual([
      '1 call',
      '2 calls',
      '0 calls are',
    ])
  })
})

describe('usage', () => {
  const cases: readonly (readonly [Usage | undefined, string | undefined])[] = [
    [undefined, undefined],
    [{}, undefined],
    [{ input: 120, output: 45 }, '120 tokens in, 45 out'],
    [{ input: 20, cacheRead: 100, output: 40, reasoning: 5 }, '120 tokens in, 45 out'],
    [{ input: 1 }, '1 token in, those out not told'],
    [{ output: 7 }, '7 tokens out, those in not told'],
    [{ input: 0, output: 0 }, '0 tokens in, 0 out'],
  ]
  test.each(cases)('%j is told as %p', (usage, text) => {
    const told = usage === undefined ? {} : { usage }
    expect(showUsage({ ...told, ending: 'complete' })).toBe(text)
    for (const ending of ['abandoned', 'truncated', 'interrupted', 'failed'] as const)
      expect(showUsage({ ...told, ending })).toBe(text === undefined ? undefined : `at least ${text}`)
  })
})

describe('cost', () => {
  const cases: readonly (readonly [Cost, string])[] = [
    [{ type: 'plan' }, 'plan'],
    [{ type: 'metered', nanoUsd: 5_672_000, source: 'x' }, '$0.00567'],
    [{ type: 'unknown', reason: 'x' }, 'cost unknown'],
    [{ type: 'unknown', reason: 'x', atLeastNanoUsd: 20_000 }, 'at least $0.00002'],
    [{ type: 'unknown', reason: 'x', atLeastNanoUsd: 0 }, 'cost unknown'],
    [{ type: 'none' }, 'no cost'],
  ]
  test.each(cases)('%j is told as %s', (cost, text) => {
    expect(showCost(cost)).toBe(text)
  })
})

describe('text for a terminal', () => {
  test('control characters of others are written out', () => {
    expect(harmless('a\x1b[2Jb\r\nc\td\x07')).toBe('a\\x1b[2Jb\nc\td\\x07')
    expect(oneLine(' a\n\tb\x1b ')).toBe('a b\\x1b')
    expect(drawMarkdown('\x1b]0;x\x07', 80, false)).not.toContain('\x1b')
  })

  test('a cut is told', () => {
    expect(fit('abcdef', 4)).toBe('abc…')
    expect(fit('日本語', 5)).toBe('日本…')
    expect(fit('abc', 3)).toBe('abc')
  })

  test('lines are wrapped at spaces', () => {
    expect(wrap('aa bb ccc d', 5)).toEqual(['aa bb', 'ccc d'])
    expect(wrap('', 5)).toEqual([''])
  })

  test.each<[string, string, readonly string[]]>([
    ['anywhere, if it must be', 'aa cccccccc d', ['aa', 'ccccc', 'ccc d']],
    ['behind a sign between its parts', 'abc-def-gh', ['abc-', 'def-', 'gh']],
    ['not in the middle of a wide character', 'a日本語日', ['a日本', '語日']],
    ['between words that were glued', 'a bb\u00a0cc\u00a0d', ['a', 'bb cc', 'd']],
    ['not where it is an address or a path', 'a http://b.c/d ~/e/f/g h', ['a', 'http://b.c/d', '~/e/f/g', 'h']],
  ])('a word that is too long is broken %s', (_, text, lines) => {
    expect(wrap(text, 5)).toEqual([...lines])
  })

  test('colours are not broken', () => {
    const lines = wrap('\u001b[31mabcdefgh\u001b[39m', 5)
    expect(lines.map(line => Bun.stripANSI(line))).toEqual(['abcde', 'fgh'])
    expect(lines[1]).toStartWith('\u001b[31m')
  })

  test('Markdown is drawn within the width', () => {
    const drawn = drawMarkdown('# Head\n\nmany words '.repeat(20), 40, false)
    for (const line of drawn.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(40)
  })
})

describe('guard rails', () => {
  const good = { CANDOR_LAUNCHED: '1', BUN_CONFIG_MAX_HTTP_REQUESTS: '16384', BUN_CONFIG_HTTP_IDLE_TIMEOUT: '0' }
  const cases: readonly (readonly [string, Record<string, string>, number])[] = [
    ['all set', good, 0],
    ['none set', {}, 3],
    ['a cap that is too low', { ...good, BUN_CONFIG_MAX_HTTP_REQUESTS: '256' }, 1],
    ['a cap that is no number', { ...good, BUN_CONFIG_MAX_HTTP_REQUESTS: '1e9' }, 1],
    ['the lowest cap', { ...good, BUN_CONFIG_MAX_HTTP_REQUESTS: '1024' }, 0],
    ['an idle timeout', { ...good, BUN_CONFIG_HTTP_IDLE_TIMEOUT: '30' }, 1],
    ['not launched', { ...good, CANDOR_LAUNCHED: '' }, 1],
  ]
  test.each(cases)('%s', (_name, env, missing) => {
    expect(missingGuardRails(env)).toHaveLength(missing)
  })
})
