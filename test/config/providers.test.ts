import { describe, expect, test } from 'bun:test'
import { inspect } from 'node:util'
import { checkText } from '../../src/app/config/load.ts'
import { resolveProviders } from '../../src/app/config/providers.ts'
import { systemClock } from '../../src/base/clock.ts'
import { PROVIDERS } from '../../src/catalog/index.ts'
import type { Provider } from '../../src/catalog/provider.ts'
import type { ProviderSetup } from '../../src/upstream/provider-setup.ts'

const row = (id: string, more: Partial<Provider> = {}): Provider => ({
  id,
  name: id.toUpperCase(),
  billing: 'metered',
  env: [`${id.toUpperCase()}_KEY`],
  modelList: 'open',
  endpoints: [{ protocol: 'openai-completions', baseUrl: `https://${id}.example/v1`, auth: 'bearer', clients: 'any' }],
  ...more,
})

const CATALOGUE: readonly Provider[] = [
  row('one', { env: ['ONE_KEY', 'ONE_OLD_KEY'] }),
  row('two', {
    keyPrefixes: [{ prefix: 'sk-' }, { prefix: 'sk-plan-', billing: 'plan' }],
    modelAliases: { old: 'new' },
  }),
  row('here', {
    keyOptional: true,
    billing: 'local',
    endpoints: [
      { protocol: 'openai-completions', baseUrl: 'http://127.0.0.1:11434/v1', auth: 'bearer', clients: 'any' },
    ],
  }),
]

const name = (variable: string): string => `$${`{${variable}}`}`

async function setups(providers: string, env: Record<string, string>, catalogue = CATALOGUE): Promise<ProviderSetup[]> {
  const checked = checkText(`{ models: { providers: {\n${providers}\n} } }`, '/etc/candor.json5', catalogue)
  if (!checked.ok) throw new Error(checked.faults.map(fault => fault.message).join(' '))
  return resolveProviders(checked.config, catalogue, { env, clock: systemClock })
}

async function setup(id: string, entry: string, env: Record<string, string>): Promise<ProviderSetup> {
  const found = (await setups(entry === '' ? '' : `"${id}": { ${entry} },`, env)).find(provider => provider.id === id)
  if (found === undefined) throw new Error(`no ${id}`)
  return found
}

interface KeyCase {
  readonly about: string
  readonly id: string
  readonly entry: string
  readonly env: Record<string, string>
  /** The key and its source, or the reason there is none, or `none needed`. */
  readonly told: string
}

const OWN = 'baseUrl: "https://own.example/v1", api: "openai-completions",'

const KEYS: readonly KeyCase[] = [
  {
    about: 'first variable found',
    id: 'one',
    entry: '',
    env: { ONE_KEY: 'a', ONE_OLD_KEY: 'b' },
    told: 'a from environment ONE_KEY',
  },
  {
    about: 'second variable',
    id: 'one',
    entry: '',
    env: { ONE_KEY: '', ONE_OLD_KEY: 'b' },
    told: 'b from environment ONE_OLD_KEY',
  },
  {
    about: 'no variable of two',
    id: 'one',
    entry: '',
    env: {},
    told: 'none of the environment variables ONE_KEY, ONE_OLD_KEY is set',
  },
  { about: 'no variable of one', id: 'two', entry: '', env: {}, told: 'the environment variable TWO_KEY is not set' },
  {
    about: 'a reference',
    id: 'one',
    entry: `apiKey: "${name('MINE')}"`,
    env: { MINE: 'm', ONE_KEY: 'a' },
    told: 'm from environment MINE',
  },
  {
    about: 'a reference that fails takes no other key',
    id: 'one',
    entry: `apiKey: "${name('MINE')}"`,
    env: { ONE_KEY: 'a' },
    told: 'the environment variable MINE is not set',
  },
  { about: 'a default', id: 'one', entry: `apiKey: "${name('MINE:-d')}"`, env: {}, told: 'd from candor.json5:2' },
  { about: 'a literal', id: 'one', entry: '\napiKey: "lit"', env: {}, told: 'lit from candor.json5:3' },
  {
    about: 'a program',
    id: 'one',
    entry: 'apiKey: { exec: ["echo", "e"] }',
    env: { PATH: process.env['PATH'] ?? '' },
    told: 'e from exec echo',
  },
  {
    about: 'a missing file',
    id: 'one',
    entry: 'apiKey: { file: "/nowhere/key" }',
    env: {},
    told: '/nowhere/key cannot be read (no such file)',
  },
  {
    about: 'a local server that is not configured',
    id: 'here',
    entry: '',
    env: {},
    told: 'it is a server of your own: models.providers.here = {} turns it on',
  },
  { about: 'a local server that is', id: 'here', entry: 'enabled: true', env: {}, told: 'none needed' },
  {
    about: 'a local server with a key',
    id: 'here',
    entry: '',
    env: { HERE_KEY: 'h' },
    told: 'h from environment HERE_KEY',
  },
  { about: 'a provider of the user without a key', id: 'own', entry: OWN, env: {}, told: 'none needed' },
  {
    about: 'a credential header instead of a key',
    id: 'one',
    entry: 'headers: { Authorization: "Bearer x" }',
    env: {},
    told: 'none needed',
  },
  {
    about: 'switched off: no reference is followed',
    id: 'one',
    entry: 'enabled: false, apiKey: "x"',
    env: {},
    told: 'it is switched off in candor.json5:2',
  },
]

describe('keys', () => {
  test.each([...KEYS])('$about', async ({ id, entry, env, told }) => {
    const { credentials, unavailable } = await setup(id, entry, env)
    const found = credentials.map(({ key, source }) =>
      key === undefined ? 'none needed' : `${key.reveal()} from ${source}`,
    )
    expect(unavailable === undefined ? found : [unavailable]).toEqual([told])
  })
})

interface BillingCase {
  readonly id: string
  readonly entry: string
  readonly key: string
  readonly billing: string
}

/** The plan's key is in a variable that is not set. */
const BOTH_PURSES = `apiKeys: [{ name: "paid", key: "sk-1", priority: 2 }, { name: "plan", key: "${name('NOT_SET')}", billing: "plan" }]`

const BILLING: readonly BillingCase[] = [
  { id: 'two', entry: '', key: 'sk-1', billing: 'metered' },
  { id: 'two', entry: '', key: 'sk-plan-1', billing: 'plan' },
  { id: 'two', entry: 'billing: "free"', key: 'sk-plan-1', billing: 'free' },
  { id: 'two', entry: 'baseUrl: "http://127.0.0.1:1/v1"', key: 'sk-1', billing: 'metered' },
  // A key that is missing, or a provider that is off, opens no other purse.
  { id: 'two', entry: BOTH_PURSES, key: '', billing: 'plan' },
  { id: 'two', entry: `enabled: false, ${BOTH_PURSES}`, key: 'sk-1', billing: 'plan' },
  { id: 'own', entry: OWN, key: '', billing: 'metered' },
  { id: 'own', entry: 'baseUrl: "http://127.0.0.1:1/v1", api: "openai-completions"', key: '', billing: 'local' },
  { id: 'own', entry: 'baseUrl: "http://[::1]:1/v1", api: "openai-completions"', key: '', billing: 'local' },
]

describe('billing', () => {
  test.each([...BILLING])('$id $entry with $key: $billing', async ({ id, entry, key, billing }) => {
    expect((await setup(id, entry, { TWO_KEY: key })).billing).toBe(billing as ProviderSetup['billing'])
  })
})

describe('a missing variable makes one provider unavailable, with the reason', () => {
  test.each([
    { entry: `baseUrl: "https://${name('HOST')}/v1"`, reason: 'baseUrl: the environment variable HOST is not set' },
    {
      entry: `headers: { "X-Team": "${name('TEAM')}" }`,
      reason: 'header X-Team: the environment variable TEAM is not set',
    },
    {
      entry: `models: [{ id: "m", headers: { "X-Team": "${name('TEAM')}" } }]`,
      reason: 'model m, header X-Team: the environment variable TEAM is not set',
    },
    {
      entry: `headers: { "X-A": "${name('BAD')}" }`,
      reason: 'header X-A: its value cannot stand in a header once the environment is filled in',
    },
    { entry: `baseUrl: "${name('META')}"`, reason: 'its baseUrl points at a link-local or cloud metadata address' },
    {
      entry: `baseUrl: "${name('META')}", headers: { "X-A": "${name('T')}" }`,
      reason:
        'its baseUrl points at a link-local or cloud metadata address; header X-A: the environment variable T is not set',
    },
  ] as { entry: string; reason: string }[])('$reason', async ({ entry, reason }) => {
    const env = { ONE_KEY: 'a', TWO_KEY: 'b', BAD: 'a\r\nX-Evil: 1', META: 'http://169.254.169.254/v1' }
    const all = await setups(`"one": { ${entry} }`, env)
    expect(all.map(provider => provider.unavailable)).toEqual([reason, undefined, expect.any(String)])
  })
})

describe('what becomes of an entry', () => {
  test('configured providers come first, in the order of the file, then the catalogue', async () => {
    const all = await setups(`"own": { ${OWN} }, "two": {}`, {})
    expect(all.map(provider => provider.id)).toEqual(['own', 'two', 'one', 'here'])
  })

  test('models, headers, time limits and the row come through', async () => {
    const entry = `name: "Mine", headers: { "User-Agent": "my-agent/1.0", "X-Team": "${name('TEAM')}", "X-Gone": null },
      timeouts: { idleMs: 5 },
      models: [{ id: "m", contextWindow: 9, input: ["text", "image"], price: { input: 1, output: 2 }, headers: { "X-M": "1" } }]`
    expect(await setup('two', entry, { TWO_KEY: 'sk-1', TEAM: 'red' })).toMatchObject({
      name: 'Mine',
      row: { id: 'two' },
      headers: { 'User-Agent': 'my-agent/1.0', 'X-Team': 'red', 'X-Gone': null },
      timeouts: { idleMs: 5 },
      modelAliases: { old: 'new' },
      modelList: 'open',
      models: [
        { id: 'm', contextWindow: 9, input: ['image'], price: { input: 1, output: 2 }, headers: { 'X-M': '1' } },
      ],
    })
  })

  test('nothing that can be printed holds the key', async () => {
    const all = await setups('"one": { apiKey: "sk-canary-1" }', { TWO_KEY: 'sk-canary-2' })
    expect(`${inspect(all, { depth: 20, showHidden: true })}${JSON.stringify(all)}`).not.toContain('canary')
  })

  test('without a file, every provider of the catalogue whose variable is set is available', async () => {
    const env = Object.fromEntries(PROVIDERS.flatMap(provider => provider.env.slice(0, 1)).map(each => [each, 'sk-x']))
    for (const provider of PROVIDERS) for (const variable of provider.variables ?? []) env[variable.env[0] ?? ''] = 'x'
    const all = await setups('', env, PROVIDERS)
    expect(all.filter(each => each.unavailable !== undefined && each.row?.keyOptional !== true)).toEqual([])
    const none = await setups('', {}, PROVIDERS)
    expect(none.filter(each => each.unavailable === undefined)).toEqual([])
  })
})
