import { describe, expect, test } from 'bun:test'
import { showFault } from '../../src/app/config/fault.ts'
import { checkText } from '../../src/app/config/load.ts'
import { PARAMETER_NAMES } from '../../src/canon/parameters.ts'

interface Case {
  readonly about: string
  readonly text: string
  /** All that is shown, faults apart by an empty line. */
  readonly shown: string
}

function faultsOf(text: string): string {
  const result = checkText(text, 'candor.json5')
  return result.ok ? 'valid' : result.faults.map(showFault).join('\n\n')
}

const inProvider = (entry: string) => `{ models: { providers: { own: {\n${entry}\n} } } }`
const OWN = 'baseUrl: "https://x.example", api: "openai-completions",'

const SYNTAX: readonly Case[] = [
  {
    about: 'an empty file',
    text: '// nothing\n',
    shown: `The file is empty.
  at candor.json5:2:1
    
    ^
  expected: an object
  fix: The smallest configuration is {}.`,
  },
  {
    about: 'a missing comma',
    text: '{\n  gateway: { port: 1 }\n  routes: {}\n}',
    shown: `"routes" stands where a comma belongs.
  at candor.json5:3:3
      routes: {}
      ^^^^^^
  expected: a comma or a closing }
  fix: Put a comma after the value before it.`,
  },
  {
    about: 'a brace that is never closed',
    text: '{\n  gateway: {\n    port: 1,\n}',
    shown: `This "{" is never closed.
  at candor.json5:1:1
    {
    ^
  expected: a closing } before the end of the file`,
  },
  {
    about: 'a name with a dash without quotes',
    text: '{ models: { providers: {\n  kimi-coding: {},\n} } }',
    shown: `"-" cannot stand in a name without quotes.
  at candor.json5:2:7
      kimi-•••••••••••
          ^
  expected: a name in quotes
  fix: Put such a name in quotes: "kimi-coding".`,
  },
  {
    about: 'a text that is not closed, its content hidden',
    text: '{ models: { providers: { own: {\n  apiKey: "sk-live-1234567890,\n} } } }',
    shown: `A text is not closed.
  at candor.json5:2:11
      apiKey: "•••••••••••••••••••
              ^
  expected: a closing " on the same line`,
  },
  {
    about: 'a comment of another language',
    text: '# hello\n{}',
    shown: `"#" begins nothing in JSON5.
  at candor.json5:1:1
    #••••••
    ^
  expected: a value or a key
  fix: Write comments with //.`,
  },
  {
    about: 'a value without quotes',
    text: '{ models: { default: openai } }',
    shown: `"openai" is not a value.
  at candor.json5:1:22
    { models: { default: openai } }
                         ^^^^^^
  expected: a value
  fix: Put it in quotes: "openai".`,
  },
  {
    about: 'a key that stands twice',
    text: '{\n  gateway: {},\n  "gateway": {},\n}',
    shown: `"gateway" stands twice in one object.
  at candor.json5:3:3
      "gateway": {},
      ^^^^^^^^^
  expected: each key once
  fix: Remove this one or the one in line 2.`,
  },
  {
    about: 'a key of every prototype, spelled with an escape',
    text: '{ "\\u005f_proto__": {} }',
    shown: `The key "__proto__" is not allowed.
  at candor.json5:1:3
    { "\\u005f_proto__": {} }
      ^^^^^^^^^^^^^^^^
  expected: a key that is not part of every object
  fix: Choose another name.`,
  },
  {
    about: 'nesting without end',
    text: `{ routes: ${'['.repeat(40)}${']'.repeat(40)} }`,
    shown: `The nesting is too deep.
  at candor.json5:1:42
    { routes: ${'['.repeat(40)}${']'.repeat(40)} }
                                             ^
  expected: at most 32 levels of objects and lists`,
  },
  {
    about: 'something behind the end',
    text: '{} {}',
    shown: `"{" stands after the end of the configuration.
  at candor.json5:1:4
    {} {}
       ^
  expected: the end of the file`,
  },
]

const SHAPE: readonly Case[] = [
  {
    about: 'an unknown key, with a near one',
    text: '{\n  // the port\n  gateway: {\n\tprot: 1 },\n}',
    shown: `"prot" is not a key of gateway.
  at candor.json5:4:2
     prot: 1 },
     ^^^^
  expected: one of host, port, keys, allowedHosts, limits, timeouts, retry, cacheBytesMax, quotaPollMs, heartbeatMs, drainMs
  fix: Did you mean "port"?`,
  },
  {
    about: 'several faults at once, in the order of the file',
    text: '{\n  modls: {},\n  gateway: { port: 99999, host: 5 },\n}',
    shown: `"modls" is not a key of the configuration.
  at candor.json5:2:3
      modls: {},
      ^^^^^
  expected: one of $schema, models, routes, gateway, logs, bodies, telemetry, translate
  fix: Did you mean "models"?

gateway.port must be a whole number from 0 to 65535, not 99999.
  at candor.json5:3:20
      gateway: { port: 99999, host: 5 },
                       ^^^^^
  expected: a whole number from 0 to 65535

gateway.host must be a text of at most 255 characters, not 5.
  at candor.json5:3:33
      gateway: { port: 99999, host: 5 },
                                    ^
  expected: a text of at most 255 characters`,
  },
  {
    about: 'a mistyped key of a secret: its value is hidden',
    text: inProvider(`  ${OWN}\n  apikye: "very-secret-value",`),
    shown: `"apikye" is not a key of models.providers.own.
  at candor.json5:3:3
      apikye: "•••••••••••••••••",
      ^^^^^^
  expected: one of name, enabled, baseUrl, apiKey, apiKeys, balance, api, headers, billing, allowHttp, timeouts, models
  fix: Did you mean "api" or "apiKey"?`,
  },
  {
    about: 'a protocol that does not exist',
    text: inProvider('  baseUrl: "https://x.example", api: "openai-completion",'),
    shown: `"openai-completion" is not a value of models.providers.own.api.
  at candor.json5:2:38
      baseUrl: "https://x.example", api: "openai-completion",
                                         ^^^^^^^^^^^^^^^^^^^
  expected: one of "openai-completions", "openai-responses", "anthropic-messages", "google-generative-ai"
  fix: Did you mean "openai-completions"?`,
  },
  {
    about: 'a model without an id',
    text: inProvider(`  ${OWN}\n  models: [{ name: "x" }],`),
    shown: `"id" is missing in models.providers.own.models[0].
  at candor.json5:3:12
      models: [{ name: "x" }],
               ^
  expected: id: a text of at most 256 characters`,
  },
  {
    about: 'a key of another form',
    text: inProvider(`  ${OWN}\n  apiKey: { exec: "op read x" },`),
    shown: `models.providers.own.apiKey.exec must be a list that is not empty, not a text.
  at candor.json5:3:19
      apiKey: { exec: "op read x" },
                      ^^^^^^^^^^^
  expected: a list that is not empty`,
  },
  {
    about: "a reference's form that is not there",
    text: inProvider(`  ${OWN}\n  apiKey: { command: "op" },`),
    shown: `"command" is not a key of models.providers.own.apiKey.
  at candor.json5:3:13
      apiKey: { command: "••" },
                ^^^^^^^
  expected: one of file, exec, env`,
  },
  {
    about: 'a key that is a number',
    text: inProvider(`  ${OWN}\n  apiKey: 5,`),
    shown: `models.providers.own.apiKey must be a text of at most 16384 characters, or an object with file, or an object with exec, not a number.
  at candor.json5:3:11
      apiKey: 5,
              ^
  expected: a text of at most 16384 characters, or an object with file, or an object with exec`,
  },
  {
    about: 'two keys missing in one place, both told',
    text: inProvider(`  ${OWN}\n  models: [{ id: "m", price: {} }],`),
    shown: ['input', 'output']
      .map(
        key => `"${key}" is missing in models.providers.own.models[0].price.
  at candor.json5:3:23
      models: [{ id: "m", price: {} }],
                          ^^^^^
  expected: ${key}: a number from 0 to 1000000`,
      )
      .join('\n\n'),
  },
  {
    about: 'a protocol that does not exist, at a provider of the catalogue: told once',
    text: '{ models: { providers: { deepseek: { api: "sk-0123456789abcdef" } } } }',
    shown: `This text is not a value of models.providers.deepseek.api.
  at candor.json5:1:43
    { models: { providers: { deepseek: { api: "•••••••••••••••••••" } } } }
                                              ^^^^^^^^^^^^^^^^^^^^^
  expected: one of "openai-completions", "openai-responses", "anthropic-messages", "google-generative-ai"`,
  },
  {
    about: 'a list for the whole',
    text: '[]',
    shown: `The configuration must be an object with $schema, models, routes, gateway, logs, bodies, telemetry, translate, not a list.
  at candor.json5:1:1
    []
    ^
  expected: an object with $schema, models, routes, gateway, logs, bodies, telemetry, translate`,
  },
  {
    about: 'a provider whose name has a slash',
    text: '{ models: { providers: { "a/b": {} } } }',
    shown: `"a/b" cannot be a name here.
  at candor.json5:1:26
    { models: { providers: { "a/b": {} } } }
                             ^^^^^
  expected: letters, digits, dots, dashes and underscores, at most 64`,
  },
  {
    about: 'a parameter that may be lost, mistyped',
    text: '{ translate: { allowLoss: ["tols"] } }',
    shown: `"tols" is not a value of translate.allowLoss[0].
  at candor.json5:1:28
    { translate: { allowLoss: ["tols"] } }
                               ^^^^^^
  expected: one of ${PARAMETER_NAMES.length + 1} names, such as "*", "temperature", "top_p"
  fix: Did you mean "tools"?`,
  },
]

describe('text that is not JSON5', () => {
  test.each([...SYNTAX])('$about', ({ text, shown }) => expect(faultsOf(text)).toBe(shown))
})

describe('values of the wrong shape', () => {
  test.each([...SHAPE])('$about', ({ text, shown }) => expect(faultsOf(text)).toBe(shown))
})
