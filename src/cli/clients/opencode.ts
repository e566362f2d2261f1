import { join } from 'node:path'
import type { JsonObject } from '../../base/json-value.ts'
import { type Aim, ANY_KEY, baseUrlFor, type Client, folderIn, KEY_VARIABLE, keyStep, type Machine } from './client.ts'
import { documentOf, type FileEdit } from './file-format.ts'
import { jsonFile } from './json-file.ts'

const PROVIDER = 'candor'
const CONTENT_VARIABLE = 'OPENCODE_CONFIG_CONTENT'

/** opencode: opencode.ai/docs/config and opencode.ai/docs/providers, "Custom provider". */
export const opencode: Client = {
  id: 'opencode',
  aliases: [],
  name: 'opencode',
  protocol: 'openai-completions',
  baseUrl: 'v1',
  needsModel: true,
  files: (aim, machine) => [
    {
      file: settingsFile(machine),
      format: jsonFile,
      edits: text => [
        ...(text.trim() === '' ? [{ path: ['$schema'], value: 'https://opencode.ai/config.json' }] : []),
        ...editsFor(aim),
      ],
    },
  ],
  steps: aim => [
    ...keyStep(aim, 'opencode'),
    'Start opencode anew. It may go on with the model chosen there last: /models lists those of Candor.',
  ],
  start: {
    program: 'opencode',
    install: 'npm install -g opencode-ai',
    launch: (aim, { env }) => ({
      env: { [CONTENT_VARIABLE]: JSON.stringify(documentOf(editsFor(aim))) },
      args: [],
      files: [],
      remarks:
        (env[CONTENT_VARIABLE] ?? '') === ''
          ? []
          : [`${CONTENT_VARIABLE} is set already, and is replaced for this run.`],
    }),
  },
}

/** opencode reads all of these; the first that is there is edited. */
function settingsFile({ env, home, exists }: Machine): string {
  const folder = join(folderIn(env, 'XDG_CONFIG_HOME') ?? join(home, '.config'), 'opencode')
  const files = ['opencode.jsonc', 'opencode.json', 'config.json'].map(name => join(folder, name))
  return files.find(exists) ?? join(folder, 'opencode.json')
}

function editsFor(aim: Aim): readonly FileEdit[] {
  const provider = ['provider', PROVIDER]
  const { model } = aim
  return [
    { path: [...provider, 'npm'], value: '@ai-sdk/openai-compatible' },
    { path: [...provider, 'name'], value: 'Candor' },
    { path: [...provider, 'options', 'baseURL'], value: baseUrlFor(aim, opencode) },
    { path: [...provider, 'options', 'apiKey'], value: aim.needsKey ? `{env:${KEY_VARIABLE}}` : ANY_KEY },
    ...(model === undefined
      ? []
      : [
          { path: [...provider, 'models', model.ref], value: { name: model.ref, ...limits(aim) } },
          { path: ['model'], value: `${PROVIDER}/${model.ref}` },
        ]),
  ]
}

/** opencode wants both numbers or none. */
function limits({ model }: Aim): JsonObject {
  const { contextWindow, maxOutputTokens } = model ?? {}
  if (contextWindow === undefined || maxOutputTokens === undefined) return {}
  return { limit: { context: contextWindow, output: maxOutputTokens } }
}
