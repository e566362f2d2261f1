import { describe, expect, test } from 'bun:test'
import { unifiedDiff } from '../../src/cli/clients/diff.ts'
import { envFile } from '../../src/cli/clients/env-file.ts'
import {
  type FileEdit,
  FileFault,
  type FileFormat,
  withEdits,
  withoutEdits,
} from '../../src/cli/clients/file-format.ts'
import { json5File, jsonFile } from '../../src/cli/clients/json-file.ts'
import { maskLine } from '../../src/cli/clients/mask.ts'
import { tomlFile } from '../../src/cli/clients/toml-file.ts'

interface Case {
  readonly name: string
  readonly format: FileFormat
  readonly before: string
  readonly edits: readonly FileEdit[]
  readonly after: string
}

const URL_EDIT: FileEdit = { path: ['env', 'URL'], value: 'http://x' }
const TABLE: readonly FileEdit[] = [
  { path: ['model_provider'], value: 'candor' },
  { path: ['model_providers', 'candor', 'name'], value: 'Candor' },
  { path: ['model_providers', 'candor', 'on'], value: false },
]

const CASES: readonly Case[] = [
  {
    name: 'JSON: a new object, no comma behind the last entry',
    format: jsonFile,
    before: '{\n  "a": 1\n}\n',
    edits: [URL_EDIT, { path: ['env', 'B'], value: 'b' }],
    after: '{\n  "a": 1,\n  "env": { "URL": "http://x", "B": "b" }\n}\n',
  },
  {
    name: 'JSON with comments: they stay, and so does the comma of a file that has them',
    format: jsonFile,
    before: '{\n  // mine\n  "env": {\n    "URL": "http://old", // why\n  },\n}\n',
    edits: [URL_EDIT, { path: ['env', 'B'], value: 'b' }],
    after: '{\n  // mine\n  "env": {\n    "URL": "http://x", // why\n    "B": "b",\n  },\n}\n',
  },
  {
    name: 'JSON with the line ends of Windows',
    format: jsonFile,
    before: '{\r\n\t"env": {\r\n\t\t"A": "a"\r\n\t}\r\n}\r\n',
    edits: [URL_EDIT],
    after: '{\r\n\t"env": {\r\n\t\t"A": "a",\r\n\t\t"URL": "http://x"\r\n\t}\r\n}\r\n',
  },
  {
    name: 'JSON of nothing',
    format: jsonFile,
    before: ' \n',
    edits: [URL_EDIT],
    after: '{\n  "env": { "URL": "http://x" }\n}\n',
  },
  {
    name: 'JSON on one line',
    format: jsonFile,
    before: '{"env":{"A":"a"}}',
    edits: [URL_EDIT],
    after: '{"env":{"A":"a", "URL": "http://x"}}',
  },
  {
    name: 'JSON5 in its own spelling',
    format: json5File,
    before: "{\n  // mine\n  env: { A: 'a' },\n}\n",
    edits: [URL_EDIT],
    after: '{\n  // mine\n  env: { A: \'a\', URL: "http://x" },\n}\n',
  },
  {
    name: 'TOML: root keys stand before the tables, a new table at the end',
    format: tomlFile,
    before: '# mine\nmodel = "x" # why\n\n# about a\n[a]\nb = 1\n',
    edits: TABLE,
    after:
      '# mine\nmodel = "x" # why\nmodel_provider = "candor"\n\n# about a\n[a]\nb = 1\n\n[model_providers.candor]\nname = "Candor"\non = false\n',
  },
  {
    name: 'TOML: what is there is replaced where it stands, with the comment behind it',
    format: tomlFile,
    before:
      'model_provider = "openai" # before\r\n\r\n[ model_providers . "candor" ]\r\nname = \'old\'\r\nextra = 1\r\n',
    edits: TABLE,
    after:
      'model_provider = "candor" # before\r\n\r\n[ model_providers . "candor" ]\r\nname = "Candor"\r\nextra = 1\r\non = false\r\n',
  },
  {
    name: 'TOML without any root key',
    format: tomlFile,
    before: '[a]\nb = 1',
    edits: [TABLE[0] as FileEdit],
    after: 'model_provider = "candor"\n\n[a]\nb = 1\n',
  },
  {
    name: '.env: a line is replaced, another one added',
    format: envFile,
    before: '# mine\nexport URL="http://old"\nOTHER=1',
    edits: [
      { path: ['URL'], value: 'http://x' },
      { path: ['KEY'], value: 'candor' },
    ],
    after: '# mine\nURL=http://x\nOTHER=1\nKEY=candor\n',
  },
  {
    name: '.env: what is more than a word is quoted',
    format: envFile,
    before: 'A="a" # why\n',
    edits: [
      { path: ['A'], value: 'a' },
      { path: ['LIST'], value: 'X-A: 1,b#c' },
      { path: ['NAME'], value: "it's, mine" },
    ],
    after: 'A="a" # why\nLIST=\'X-A: 1,b#c\'\nNAME="it\'s, mine"\n',
  },
  ...[jsonFile, json5File].map(format => ({
    name: `${format === jsonFile ? 'JSON' : 'JSON5'}: one is taken out, another put in`,
    format,
    before: '{\n  // mine\n  "env": {\n    "OLD": "x",\n    "URL": "http://x"\n  },\n  "last": 1\n}\n',
    edits: [{ path: ['env', 'OLD'], value: undefined }, { path: ['last'], value: undefined }, URL_EDIT],
    after: '{\n  // mine\n  "env": {\n    "URL": "http://x"\n  }\n}\n',
  })),
  {
    name: 'JSON: a new object holds nothing of what is taken out',
    format: jsonFile,
    before: '{\n}\n',
    edits: [URL_EDIT, { path: ['env', 'OLD'], value: undefined }],
    after: '{\n  "env": { "URL": "http://x" }\n}\n',
  },
  {
    name: 'TOML: keys are taken out, of the root and of a table',
    format: tomlFile,
    before: 'search = "off"\nmodel = "x"\n\n[features]\n# mine\nagents = false\n',
    edits: [
      { path: ['search'], value: undefined },
      { path: ['features', 'agents'], value: undefined },
      { path: ['features', 'never_there'], value: undefined },
    ],
    after: 'model = "x"\n\n[features]\n# mine\n',
  },
  {
    name: '.env: a line is taken out',
    format: envFile,
    before: 'A=1\nOLD=x\nB=1\n',
    edits: [{ path: ['OLD'], value: undefined }],
    after: 'A=1\nB=1\n',
  },
]

describe('values put into a file', () => {
  for (const { name, format, before, edits, after } of CASES) {
    test(name, () => {
      expect(withEdits(format, before, edits)).toBe(after)
      expect(withEdits(format, after, edits)).toBe(after)
    })
  }
})

describe('values taken out again, from a file that has changed since', () => {
  const cases: readonly (Case & { readonly changed: string })[] = [
    {
      name: 'JSON',
      format: jsonFile,
      before: '{\n  "a": 1\n}\n',
      edits: [URL_EDIT, { path: ['list', 0], value: { id: 'm' } }],
      changed: '{\n  "a": 2, // since\n  "env": { "URL": "http://x" },\n  "list": [{ "id": "m" }]\n}\n',
      after: '{\n  "a": 2 // since\n}\n',
    },
    {
      name: 'JSON with a neighbour that came since',
      format: jsonFile,
      before: '{\n}\n',
      edits: [URL_EDIT],
      changed: '{\n  "env": {\n    "URL": "http://x",\n    "NEW": 1\n  }\n}\n',
      after: '{\n  "env": {\n    "NEW": 1\n  }\n}\n',
    },
    {
      name: 'TOML',
      format: tomlFile,
      before: 'model_provider = "openai"\n',
      edits: TABLE,
      changed:
        'model_provider = "candor"\nmore = 1\n\n[model_providers.candor]\nname = "Candor"\non = false\n\n[a]\nb = 1\n',
      after: 'model_provider = "openai"\nmore = 1\n\n[a]\nb = 1\n',
    },
    {
      name: '.env',
      format: envFile,
      before: 'A=1\n',
      edits: [{ path: ['URL'], value: 'http://x' }],
      changed: 'A=2\nURL=http://x\nB=1\n',
      after: 'A=2\nB=1\n',
    },
  ]
  for (const { name, format, before, edits, changed, after } of cases)
    test(name, () => expect(withoutEdits(format, changed, before, edits)).toBe(after))
})

describe('a file that cannot be edited safely is refused', () => {
  const cases: readonly [string, FileFormat, string][] = [
    ['JSON with a fault', jsonFile, '{ "env": '],
    ['JSON that is a list', jsonFile, '[]'],
    ['JSON whose value is in the way', jsonFile, '{ "env": 1 }'],
    ['TOML with a fault', tomlFile, 'env = '],
    ['TOML with the table on one line', tomlFile, 'env = { A = 1 }\n'],
    ['TOML whose text only looks like a header', tomlFile, 'a = """\n[env]\n"""\n'],
  ]
  for (const [name, format, text] of cases)
    test(name, () => expect(() => withEdits(format, text, [URL_EDIT])).toThrow(FileFault))

  test('a text .env has no quotes for', () => {
    const value = `both ' and "`
    expect(() => withEdits(envFile, '', [{ path: ['A'], value }])).toThrow(FileFault)
  })

  test('the fault names the line and nothing of the text', () => {
    expect(() => jsonFile.parse('{\n  "key": "sk-secret" "x"\n}')).toThrow(
      /^Line 2: A text stands where a comma belongs\.$/,
    )
  })
})

describe('a change is shown', () => {
  test('with three lines around it, and what may be a secret as dots', () => {
    const before = '1\n2\n3\n4\n"API_KEY": "abc",\n"URL": "http://old:1/v1",\n7\n8\n9\n10\n11\n'
    const after = before.replace('http://old:1/v1', 'http://new')
    expect(unifiedDiff({ file: '/f', before, after }, new Set())).toBe(
      '--- /f\n+++ /f\n@@ -3,7 +3,7 @@\n 3\n 4\n "API_KEY": "••••",\n-"URL": "http://old:1/v1",\n+"URL": "http://new",\n 7\n 8\n 9\n',
    )
  })

  test('far changes stand apart', () => {
    const before = [...Array(20).keys()].join('\n')
    const after = before.replace('\n2\n', '\nx\n').replace('\n17\n', '\n')
    const heads = unifiedDiff({ file: '/f', before, after }, new Set()).match(/^@@.*$/gm)
    expect(heads).toEqual(['@@ -1,6 +1,6 @@', '@@ -15,6 +15,5 @@'])
  })

  const lines: readonly [string, string][] = [
    ['  "token": "abc", // why', '  "token": "••••", // why'],
    ['{ "env": { "MY_SECRET": "abc", "A": "b" } }', '{ "env": { "MY_SECRET": "••••", "A": "b" } }'],
    ["api_key = 'abc'", "api_key = '••••'"],
    ["CUSTOM_HEADERS='X-A: abc'", "CUSTOM_HEADERS='••••'"],
    ['export GH_TOKEN=abc # why', 'export GH_TOKEN=•••• # why'],
    [`"apiKey": "\${CANDOR_KEY}"`, `"apiKey": "\${CANDOR_KEY}"`],
    ['"apiKey": "candor"', '"apiKey": "candor"'],
    ['"url": "https://me:pw@host/v1"', '"url": "••••"'],
    ['"x": "8f3a91b27c4d5e60"', '"x": "••••"'],
    ['// was sk-abcdefghijklmnop', '// was ••••'],
    ['"maxTokens": 4096,', '"maxTokens": 4096,'],
  ]
  for (const [line, shown] of lines) test(line, () => expect(maskLine(line, new Set(['candor']))).toBe(shown))
})
