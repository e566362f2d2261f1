import { describe, expect, test } from 'bun:test'
import type { Config } from '../../src/app/config/config.ts'
import { showFault } from '../../src/app/config/fault.ts'
import { checkText } from '../../src/app/config/load.ts'

/** The configuration of the bug report, letter for letter. */
const REPORTED = `{
  models: {
    providers: {
      "kimi-coding": {
        baseUrl: "https://api.kimi.com/coding/v1",
        apiKey: "\${KIMI_API_KEY}",
        api: "openai-completions",
        models: [{
          id: "k2p5",
          name: "Kimi K2.5 (Code)",
          contextWindow: 256000
        }]
      }
    }
  }
}`

/** Its option B, letter for letter: headers in the provider's entry. */
const OPTION_B = `"kimi-coding": {
  baseUrl: "https://api.kimi.com/coding/v1",
  apiKey: "\${KIMI_API_KEY}",
  headers: {
    "User-Agent": "claude-code/0.1.0"
  }
}`

/** The example of the interface, comments and all. */
const EVERYTHING = `{
  models: {
    default: "kimi-coding/kimi-for-coding",        // used only when a request names no model; never a fallback
    providers: {
      "kimi-coding": {                              // a catalogue id: its row fills in what is not written here
        baseUrl: "https://api.kimi.com/coding/v1",
        apiKey: "\${KIMI_API_KEY}",                  // \${ENV}, \${ENV:-default}, or { file: "…" } / { exec: ["op", "read", …] }
        api: "openai-completions",                  // openai-completions | openai-responses | anthropic-messages | google-generative-ai
        headers: { "User-Agent": "my-agent/1.0", "X-Team": "\${TEAM}" },   // null removes one
        billing: "plan",                            // plan | metered | free | local
        models: [{ id: "k2p5", name: "Kimi K2.5 (Code)", contextWindow: 256000 }],
      },
    },
    aliases: { "claude-*": "kimi-coding/kimi-for-coding" },
  },
  routes: {                                         // named virtual models: the only way to have a fallback
    coder: {
      targets: ["kimi-coding/kimi-for-coding", "moonshot/kimi-k2.7-code"],
      fallbackOn: ["overloaded", "rate_limited", "plan_exhausted", "timeout", "unreachable"],
      crossBilling: false,                          // true: may move from plan to metered, and every such answer says so
    },
  },
  gateway: { host: "127.0.0.1", port: 8787 },
  translate: { allowLoss: [] },                     // parameters that may be lost in translation without refusing
}`

function valid(text: string): { config: Config; warnings: readonly string[] } {
  const result = checkText(text, 'candor.json5')
  if (!result.ok) throw new Error(result.faults.map(showFault).join('\n'))
  return { config: result.config, warnings: result.warnings.map(warning => warning.message) }
}

describe('configurations that are valid', () => {
  test('the one of the bug report', () => {
    const { config, warnings } = valid(REPORTED)
    const entry = config.models.providers['kimi-coding']
    expect(entry?.baseUrl).toBe('https://api.kimi.com/coding/v1')
    expect(entry?.api).toBe('openai-completions')
    expect(entry?.models).toEqual([{ id: 'k2p5', name: 'Kimi K2.5 (Code)', contextWindow: 256_000 }])
    expect(entry?.apiKey).toMatchObject({ from: 'text', shown: '$' + '{KIMI_API_KEY}', literal: false })
    expect(warnings).toEqual([])
  })

  test('the one of the bug report with its option B', () => {
    const { config, warnings } = valid(`{ models: { providers: { ${OPTION_B} } } }`)
    expect(config.models.providers['kimi-coding']?.headers).toEqual({ 'User-Agent': 'claude-code/0.1.0' })
    expect(warnings).toEqual([])
  })

  test('the one that shows everything; its route with the defaults', () => {
    const { config, warnings } = valid(EVERYTHING)
    expect(config.models.default).toBe('kimi-coding/kimi-for-coding')
    expect(config.routes['coder']).toEqual({
      targets: [
        { model: 'kimi-coding/kimi-for-coding', weight: 1, priority: undefined },
        { model: 'moonshot/kimi-k2.7-code', weight: 1, priority: undefined },
      ],
      fallbackOn: ['overloaded', 'rate_limited', 'plan_exhausted', 'timeout', 'unreachable'],
      crossBilling: false,
      balance: 'order',
      affinity: true,
      signedReasoning: 'refuse',
    })
    expect(warnings).toEqual([])
  })

  test('the smallest one, with every default', () => {
    const { source, ...values } = valid('{}').config
    expect(source.positionOf(['gateway', 'port'])).toBeUndefined()
    expect(values).toEqual({
      models: { providers: {}, aliases: {} },
      routes: {},
      gateway: {
        host: '127.0.0.1',
        port: 8_787,
        keys: [],
        allowedHosts: [],
        limits: { bodyBytesMax: 33_554_432, replyBytesMax: 67_108_864, inFlightMax: 4_096 },
        timeouts: { connectMs: 10_000, firstByteMs: 300_000, idleMs: 120_000, totalMs: 3_600_000, requestMs: 60_000 },
        retry: { max: 0, baseMs: 250, capMs: 8_000, waitMsMax: 20_000 },
        cacheBytesMax: 67_108_864,
        quotaPollMs: 300_000,
        heartbeatMs: 10_000,
        drainMs: 30_000,
      },
      logs: { format: 'auto' },
      bodies: { keepDays: 0, bytesMax: 4_194_304, totalBytesMax: 1_073_741_824 },
      telemetry: {},
      translate: { allowLoss: [] },
    })
  })

  test('one with a byte-order mark and Windows line ends, places unmoved', () => {
    const { config } = valid('\uFEFF{ gateway: {\r\n  port: 1,\r\n} }')
    expect(config.source.positionOf(['gateway', 'port'])).toMatchObject({ line: 2, column: 9 })
  })
})

test('a configuration is frozen all the way down', () => {
  const { config } = valid(EVERYTHING)
  const open: string[] = []
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    if (!Object.isFrozen(value)) open.push(path)
    for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`)
  }
  walk(config, 'config')
  expect(open).toEqual([])
})

describe.each([
  {
    about: 'a credential header set by hand',
    text: '{ models: { providers: { deepseek: { headers: { Authorization: "Bearer x" } } } } }',
    warning: 'The header "Authorization" looks like a credential.',
  },
  {
    about: 'a credential header of one model',
    text: '{ models: { providers: { deepseek: { models: [{ id: "m", headers: { "x-api-key": "y" } }] } } } }',
    warning: 'The header "x-api-key" looks like a credential.',
  },
  {
    about: 'an open address without keys',
    text: '{ gateway: { host: "0.0.0.0" } }',
    warning:
      'The gateway will not listen on 0.0.0.0 without keys, of the configuration or made by candor keys: anybody there could spend your plan.',
  },
])('a warning for $about', ({ text, warning }) => {
  test('is given', () => expect(valid(text).warnings).toEqual([warning]))
})
