import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { checkText } from '../../src/app/config/load.ts'
import { resolveConfig } from '../../src/app/config/resolve.ts'
import { jsonSchema } from '../../src/app/config/schema.ts'
import { effectiveValues, showValues } from '../../src/app/config/show.ts'
import { configurationMarkdown } from '../../tools/config-docs.ts'

const FILE = `{
  models: {
    default: "deepseek/deepseek-chat",
    providers: {
      deepseek: {
        baseUrl: "http://127.0.0.1:9",
        apiKey: "sk-canary-1",
        headers: { from: "me", Authorization: "sk-canary-2", "X-Gone": null },
      },
      moonshot: { apiKey: "$${'{NONE}'}" },
    },
    aliases: { "gpt-*": "deepseek/deepseek-chat" },
  },
  gateway: {
    keys: ["cnd_canary_0123456789"],
    port: 9000,
  },
}`

async function shown() {
  const checked = checkText(FILE, '/etc/candor/candor.json5')
  if (!checked.ok) throw new Error(checked.faults.map(fault => fault.message).join(' '))
  return effectiveValues(await resolveConfig(checked.config, { KIMI_API_KEY: 'sk-canary-3' }))
}

describe('what is in force', () => {
  test.each([
    { path: 'models.default', value: '"deepseek/deepseek-chat"', origin: 'candor.json5:3' },
    { path: 'models.aliases["gpt-*"]', value: '"deepseek/deepseek-chat"', origin: 'candor.json5:12' },
    { path: 'models.providers.deepseek.apiKey', value: '••••', origin: 'candor.json5:7' },
    { path: 'models.providers.deepseek.billing', value: '"metered"', origin: 'catalogue' },
    { path: 'models.providers.deepseek.headers.from', value: '"me"', origin: 'candor.json5:8' },
    { path: 'models.providers.deepseek.headers.Authorization', value: '"••••"', origin: 'candor.json5:8' },
    { path: 'models.providers.deepseek.headers.X-Gone', value: 'null', origin: 'candor.json5:8' },
    {
      path: 'models.providers.deepseek.endpoints.openai-completions',
      value: '"http://127.0.0.1:9"',
      origin: 'candor.json5:6',
    },
    { path: 'models.providers.moonshot.apiKey', value: `$${'{NONE}'}`, origin: 'candor.json5:10' },
    {
      path: 'models.providers.moonshot.unavailable',
      value: '"the environment variable NONE is not set"',
      origin: 'Candor',
    },
    { path: 'models.providers.kimi-coding.apiKey', value: '••••', origin: 'environment KIMI_API_KEY' },
    {
      path: 'models.providers.kimi-coding.endpoints.openai-completions',
      value: '"https://api.kimi.com/coding/v1"',
      origin: 'catalogue',
    },
    { path: 'gateway.keys[0]', value: '••••', origin: 'candor.json5:15' },
    { path: 'gateway.port', value: '9000', origin: 'candor.json5:16' },
    { path: 'gateway.host', value: '"127.0.0.1"', origin: 'default' },
    { path: 'translate.allowLoss', value: '[]', origin: 'default' },
  ])('$path = $value from $origin', async row => {
    expect(await shown()).toContainEqual(row)
  })

  test('a provider that is neither configured nor usable is left out', async () => {
    expect((await shown()).filter(value => value.path.startsWith('models.providers.openai'))).toEqual([])
  })

  test('as text, without a secret', async () => {
    const values = await shown()
    expect(showValues(values, { origin: false })).toContain('gateway.port = 9000\n')
    expect(showValues(values, { origin: true })).toMatch(/^gateway\.port = 9000 +# candor\.json5:16$/m)
    expect(`${showValues(values, { origin: true })}${JSON.stringify(values)}`).not.toContain('canary')
  })
})

/** Every object's keys in the schema, with their descriptions. */
function fields(shape: unknown, path: string): { path: string; description: unknown }[] {
  if (typeof shape !== 'object' || shape === null) return []
  return Object.entries(shape).flatMap(([key, value]) =>
    key === 'properties'
      ? Object.entries(value as Record<string, { description?: unknown }>).flatMap(([name, field]) => [
          { path: `${path}.${name}`, description: field.description },
          ...fields(field, `${path}.${name}`),
        ])
      : fields(value, path),
  )
}

/** Every key of the schema, each value on a line of its own. */
const LARGE = `{
  $schema: "candor.schema.json",
  models: {
    default: "fast",
    providers: {
      deepseek: {
        name: "Deep",
        enabled: true,
        apiKey: "canary-literal-key-0",
        billing: "metered",
        balance: "order",
        timeouts: {
          connectMs: 1000,
          firstByteMs: 2000,
          idleMs: 3000,
          totalMs: 4000,
        },
        headers: { "x-team": "red" },
        models: [
          {
            id: "deepseek-flash",
            name: "Flash",
            contextWindow: 1000,
            maxOutputTokens: 500,
            reasoning: false,
            input: ["text", "image"],
            price: {
              input: 1,
              output: 2,
              cacheRead: 0.1,
              cacheWrite: 1.5,
            },
            headers: { "x-model": "flash" },
          },
        ],
      },
      own: {
        baseUrl: "http://127.0.0.1:9/v1",
        api: "openai-completions",
        allowHttp: true,
        apiKeys: [
          {
            name: "first",
            key: "canary-literal-key-1",
            billing: "plan",
            priority: 1,
            weight: 1,
          },
          {
            name: "second",
            key: { file: "/etc/candor/second" },
            weight: 3,
          },
          {
            name: "third",
            key: { exec: ["pass", "third"], env: ["HOME"] },
          },
        ],
      },
    },
    aliases: {
      fast: "own/fast",
      "gpt-*": "own/fast",
    },
  },
  routes: {
    "a.b": {
      targets: [
        "own/fast",
        {
          model: "deepseek/deepseek-flash",
          priority: 2,
          weight: 1,
        },
        "fast",
      ],
      fallbackOn: ["rate_limited"],
      crossBilling: { maxUsdPerDay: 1.5 },
      retry: {
        max: 1,
        baseMs: 250,
        capMs: 8000,
        waitMsMax: 20000,
      },
      balance: "order",
      affinity: true,
      signedReasoning: "refuse",
      cache: { ttlSeconds: 60 },
    },
    plain: {
      targets: ["fast"],
      crossBilling: false,
    },
  },
  gateway: {
    host: "127.0.0.1",
    port: 8787,
    keys: [
      "cnd_canary_0123456789",
    ],
    allowedHosts: ["candor.test"],
    limits: {
      bodyBytesMax: 33554432,
      replyBytesMax: 67108864,
      inFlightMax: 4096,
    },
    timeouts: {
      connectMs: 10000,
      firstByteMs: 300000,
      idleMs: 120000,
      totalMs: 3600000,
      requestMs: 60000,
    },
    retry: { max: 0 },
    cacheBytesMax: 67108864,
    quotaPollMs: 300000,
    heartbeatMs: 10000,
    drainMs: 30000,
  },
  logs: { format: "auto" },
  bodies: {
    keepDays: 0,
    bytesMax: 4194304,
    totalBytesMax: 1073741824,
  },
  telemetry: {
    otlp: {
      endpoint: "http://127.0.0.1:4318",
      headers: { authorization: "\${OTLP}" },
      prompts: false,
      serviceName: "candor",
    },
  },
  translate: { allowLoss: ["seed"] },
}`

describe('a value that stands in the file never reads "default"', () => {
  /** Lines of LARGE on which a value stands. Only what is for editors is not shown. */
  const written = LARGE.split('\n').flatMap((line, i) =>
    /["\w\]},]$/.test(line) && !/^[ }\],]*$/.test(line) && !line.includes('$schema') ? [i + 1] : [],
  )

  async function values(text: string) {
    const checked = checkText(text, '/etc/candor/candor.json5')
    if (!checked.ok) throw new Error(checked.faults.map(fault => `${fault.path} ${fault.message}`).join(' '))
    return effectiveValues(await resolveConfig(checked.config, { OTLP: 'canary' }))
  }

  test('the file under test has every key there is', () => {
    const keys = fields(jsonSchema(), '').map(({ path }) => path.split('.').at(-1) ?? '')
    expect(keys.filter(key => !new RegExp(`\\b${key.replace('$', '')}:`).test(LARGE))).toEqual([])
    expect(written.length).toBeGreaterThan(75)
  })

  test('every line of it is named by a value', async () => {
    const named = new Set((await values(LARGE)).map(({ origin }) => Number(/^candor\.json5:(\d+)$/.exec(origin)?.[1])))
    expect(written.filter(line => !named.has(line))).toEqual([])
  })

  test('what is filled in beside it does', async () => {
    const defaults = (await values(LARGE)).filter(({ origin }) => origin === 'default').map(({ path }) => path)
    expect(defaults.sort()).toEqual([
      'gateway.retry.baseMs',
      'gateway.retry.capMs',
      'gateway.retry.waitMsMax',
      'models.providers.deepseek.allowHttp',
      'models.providers.own.apiKeys[1].priority',
      'models.providers.own.apiKeys[2].priority',
      'models.providers.own.apiKeys[2].weight',
      'models.providers.own.balance',
      'models.providers.own.billing',
      'models.providers.own.enabled',
      'routes.plain.affinity',
      'routes.plain.balance',
      'routes.plain.fallbackOn',
      'routes.plain.signedReasoning',
      'routes.plain.targets[0].weight',
      'routes["a.b"].targets[0].weight',
      'routes["a.b"].targets[2].weight',
    ])
  })

  test('with targets as names or as objects, in any mixture', async () => {
    const target = fc.record({
      line: fc.constantFrom('"own/fast"', '{ model: "own/fast" }', '{ model: "own/fast", weight: 1 }'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(target, { minLength: 1, maxLength: 8 }), async targets => {
        const lines = targets.map(({ line }) => `${line},`).join('\n')
        const own = '{ baseUrl: "http://127.0.0.1:9", api: "openai-completions" }'
        const text = `{ models: { providers: { own: ${own} } }, routes: { r: { targets: [\n${lines}\n] } } }`
        const shown = new Map((await values(text)).map(({ path, origin }) => [path, origin]))
        targets.forEach(({ line }, i) => {
          const place = `candor.json5:${i + 2}`
          expect(shown.get(`routes.r.targets[${i}].model`)).toBe(place)
          expect(shown.get(`routes.r.targets[${i}].weight`)).toBe(line.includes('weight') ? place : 'default')
        })
      }),
      { numRuns: 50 },
    )
  })
})

describe('what is written about the file', () => {
  const page = configurationMarkdown()

  test('every key of the schema has a description, and its table has it', () => {
    const all = fields(jsonSchema(), '')
    expect(all.length).toBeGreaterThan(50)
    expect(all.filter(field => typeof field.description !== 'string' || field.description === '')).toEqual([])
    const inTables = all.filter(field => !/\.(?:apiKey|key|keys|headers)\./.test(field.path))
    expect(inTables.filter(field => !page.includes(`| \`${field.path.split('.').at(-1)}\` |`))).toEqual([])
  })

  test("the page's example is valid", () => {
    const example = /```json5\n([\s\S]+?)```/.exec(page)?.[1] ?? ''
    expect(checkText(example, 'candor.json5')).toMatchObject({ ok: true, warnings: [] })
  })

  test('the schema is one that editors know', () => {
    expect(jsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
    })
  })
})
