import { describe, expect, test } from 'bun:test'
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

describe('what is written about the file', () => {
  const page = configurationMarkdown()

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
