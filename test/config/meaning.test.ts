import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { showFault } from '../../src/app/config/fault.ts'
import { checkText } from '../../src/app/config/load.ts'

/** The first fault as `line:column message`, then `expected`, then `fix` where there is one. */
function firstFault(text: string): string[] {
  const result = checkText(text, 'candor.json5')
  if (result.ok) return ['valid']
  const [fault] = result.faults
  const told = [`${fault?.line}:${fault?.column} ${fault?.message}`, fault?.expected, fault?.fix]
  return told.flatMap(part => (part === undefined ? [] : [part]))
}

const provider = (entry: string, id = 'own') => `{ models: { providers: { "${id}": { ${entry} } } } }`
const OWN = 'baseUrl: "https://x.example", api: "openai-completions",'
const url = (text: string, more = '') => provider(`baseUrl: "${text}", api: "openai-completions", ${more}`)

const URLS: readonly { text: string; told: string }[] = [
  { text: url('x.example/v1'), told: 'baseUrl is not a URL.' },
  { text: url('ftp://x.example'), told: 'baseUrl begins with ftp:.' },
  { text: url('https://me:pass@x.example'), told: 'baseUrl holds a user name or password.' },
  { text: url('https://x.example/v1?key=1'), told: 'baseUrl holds a query or fragment.' },
  { text: url('https://x.example/v1#a'), told: 'baseUrl holds a query or fragment.' },
  { text: url('http://x.example/v1'), told: 'baseUrl sends the key in plain text over a network.' },
  { text: url('http://x.example/v1', 'allowHttp: true'), told: 'valid' },
  { text: url('http://127.0.0.1:9/v1'), told: 'valid' },
  { text: url('http://127.9.9.9/v1'), told: 'valid' },
  { text: url('http://[::1]:9/v1/'), told: 'valid' },
  { text: url('http://localhost/v1'), told: 'valid' },
  { text: url('http://localhost.x.example/v1'), told: 'baseUrl sends the key in plain text over a network.' },
  ...[
    '169.254.169.254',
    '169.254.170.2',
    '0xa9fea9fe',
    '2852039166',
    '[::ffff:169.254.169.254]',
    '[64:ff9b::a9fe:a9fe]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '100.100.100.200',
    'metadata.google.internal',
    'METADATA.google.internal.',
  ].map(host => ({
    text: url(`http://${host}/v1`, 'allowHttp: true'),
    told: 'baseUrl points at a link-local or cloud metadata address.',
  })),
  {
    text: url('https://x.example/v1/chat/completions'),
    told: 'baseUrl ends with /chat/completions, which Candor appends itself.',
  },
  {
    text: provider('baseUrl: "https://x.example/v1/", api: "anthropic-messages"'),
    told: 'baseUrl ends with /v1, which Candor appends itself.',
  },
]

describe('base URLs', () => {
  test.each([...URLS])('$text', ({ text, told }) => {
    expect(firstFault(text)[0]?.replace(/^\d+:\d+ /, '')).toBe(told)
  })
})

const ELSEWHERE: readonly { about: string; text: string; told: readonly string[] }[] = [
  {
    about: 'a provider nobody knows, with a near name',
    text: provider('', 'kimi-codng'),
    told: [
      '1:26 The catalogue has no provider "kimi-codng", and the entry has no baseUrl and no api.',
      'a provider of the catalogue, or an entry with baseUrl and api',
      'Did you mean "kimi-coding"?',
    ],
  },
  {
    about: 'a new provider without a protocol',
    text: provider('baseUrl: "https://x.example"', 'my-own-server'),
    told: [
      '1:26 The catalogue has no provider "my-own-server", and the entry has no api.',
      'a provider of the catalogue, or an entry with baseUrl and api',
    ],
  },
  {
    about: 'a protocol that the catalogue row does not have',
    text: provider('api: "google-generative-ai"', 'kimi-coding'),
    told: [
      '1:48 The catalogue knows no google-generative-ai address of kimi-coding.',
      'one of "anthropic-messages", "openai-completions"',
      'Write baseUrl as well, if the provider has such an address.',
    ],
  },
  {
    about: 'a reference where none is filled in',
    text: '{ gateway: { host: "$' + '{HOST}" } }',
    told: [
      '1:20 gateway.host cannot refer to the environment.',
      'a value written out; only keys, URLs and headers may hold $' + '{NAME}',
    ],
  },
  {
    about: 'a reference that cannot be read',
    text: provider(`${OWN} apiKey: "$${'{MY KEY}'}"`),
    told: [
      '1:100 A reference in models.providers.own.apiKey cannot be read.',
      '$' + '{NAME} or $' + '{NAME:-default} (write $$' + '{ for a literal $' + '{)',
    ],
  },
  {
    about: 'a relative file',
    text: provider(`${OWN} apiKey: { file: "key.txt" }`),
    told: [
      '1:108 models.providers.own.apiKey.file is a relative path.',
      'an absolute path, such as "/run/secrets/key"',
    ],
  },
  {
    about: "a gateway key that is not one of Candor's",
    text: '{ gateway: { keys: ["hunter2"] } }',
    told: [
      "1:21 gateway.keys[0] is not a key of Candor's.",
      '"cnd_" and at least 16 letters, digits, dashes or underscores',
    ],
  },
  {
    about: 'a host with a scheme',
    text: '{ gateway: { allowedHosts: ["https://x.example"] } }',
    told: ['1:29 "https://x.example" is not a host name.', '"name" or "name:port", without scheme and path'],
  },
  {
    about: 'a model that stands twice',
    text: provider(`${OWN} models: [{ id: "m" }, { id: "m" }]`),
    told: ['1:120 The model "m" stands twice.', 'each model once'],
  },
  {
    about: 'a star inside an alias',
    text: '{ models: { aliases: { "a*b": "x/y" } } }',
    told: ['1:24 "a*b" has a * that is not at its end.', 'a name, or a beginning followed by one *'],
  },
  {
    about: 'a target that is an alias of a route',
    text: `{ models: { aliases: { "a*": "one" } }, routes: { one: { targets: ["openai/m"] }, two: { targets: ["ab"] } } }`,
    told: [
      '1:100 "ab" is an alias of "one", which is a route itself.',
      'a model: routes do not lead to routes',
      'Write its targets here.',
    ],
  },
  {
    about: 'an alias of an alias',
    text: '{ models: { aliases: { a: "b", b: "x/y" } } }',
    told: [
      '1:27 "b" is an alias itself, and aliases are not followed twice.',
      'the name of a model, such as provider/model',
    ],
  },
]

describe('what fields mean together', () => {
  test.each([...ELSEWHERE])('$about', ({ text, told }) => expect(firstFault(text)).toEqual([...told]))
})

const BROUGHT_ALONG: readonly { text: string; fix: string }[] = [
  { text: '{ models: { mode: "merge" } }', fix: 'Candor always merges your entries with its catalogue: remove it.' },
  { text: provider(`${OWN} authHeader: true`), fix: 'Candor sends the key the way the protocol demands: remove it.' },
  {
    text: provider(`${OWN} models: [{ id: "m", reasoning: true, input: ["text", "image"], maxTokens: 1 }]`),
    fix: 'Candor calls it maxOutputTokens.',
  },
  {
    text: provider(`${OWN} models: [{ id: "m", cost: { input: 1 } }]`),
    fix: 'Candor calls it price: { input, output, cacheRead, cacheWrite }, in dollars per million tokens.',
  },
  {
    text: provider(`${OWN} models: [{ id: "m", compat: {} }]`),
    fix: 'The catalogue knows what each provider needs: remove it.',
  },
  { text: '{ gateway: { bind: "loopback" } }', fix: 'Candor calls it host: an address such as "127.0.0.1".' },
  {
    text: '{ agents: {} }',
    fix: 'That section is for OpenClaw itself; Candor has no use for it: remove it.',
  },
]

describe('keys people bring along', () => {
  test.each([...BROUGHT_ALONG])('$fix', ({ text, fix }) => expect(firstFault(text)[2]).toBe(fix))
})

describe('a secret is never shown in a fault', () => {
  const CANARY = 'CANARY0123456789'
  const places: readonly string[] = [
    `{ models: { providers: { own: { apiKey: "${CANARY}" } } } }`,
    `{ models: { providers: { own: { apikey: "${CANARY}" } } } }`,
    `{ models: { providers: { own: { apiKey: { fil: "${CANARY}" } } } } }`,
    `{ models: { providers: { own: { apiKey: "$${'{'}X:-${CANARY}}", headers: { Authorization: "${CANARY}", "x-api-key": '${CANARY}' } } } } }`,
    `{ models: { providers: { own: { baseUrl: "https://u:${CANARY}@x.example?key=${CANARY}" } } } }`,
    `{ gateway: { keys: ["${CANARY}", { exec: 5 }] } }`,
    `{ token: "${CANARY}", secret: ["${CANARY}"], a: { b: { c: "${CANARY}" } } }`,
    `// sk-${CANARY}\n{ x: 1 /* sk-${CANARY} */ }`,
  ]

  test('wherever it stands and wherever the text is broken', () => {
    const leaks: string[] = []
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.nat(),
        fc.constantFrom('', '"', '#', '}', ',', '\n'),
        (text, at, junk) => {
          const cut = at % text.length
          for (const broken of [text, text.slice(0, cut) + junk + text.slice(cut)]) {
            // A cut through the secret itself leaves less than all of it; then the half behind the junk must not show.
            const shown = checkText(broken, 'candor.json5')
            const told = shown.ok ? '' : JSON.stringify(shown.faults) + shown.faults.map(showFault).join('\n')
            if (told.includes(CANARY)) leaks.push(broken)
          }
        },
      ),
      { numRuns: 2_000 },
    )
    expect(leaks).toEqual([])
  })
})
