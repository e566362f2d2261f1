import { dirname, join } from 'node:path'
import { isObject, type JsonObject } from '../../base/json-value.ts'
import {
  type Aim,
  ANY_KEY,
  baseUrlFor,
  type ChosenModel,
  type Client,
  folderIn,
  KEY_VARIABLE,
  keyStep,
  type Machine,
} from './client.ts'
import { documentOf, type FileEdit, valueAt } from './file-format.ts'
import { json5File } from './json-file.ts'
import { listedModel } from './model-list.ts'

const PROVIDER = ['models', 'providers', 'candor']
const DEFAULT_MODEL = ['agents', 'defaults', 'model']
const ALLOWED_MODELS = ['agents', 'defaults', 'models']
const SETTINGS = 'openclaw.json'

/** OpenClaw: docs.openclaw.ai, "Custom providers" and "Configuration: environment, secrets, and includes". */
export const openClaw: Client = {
  id: 'openclaw',
  aliases: [],
  name: 'OpenClaw',
  protocol: 'openai-completions',
  baseUrl: 'v1',
  needsModel: true,
  files: (aim, machine) => [{ file: settingsFile(machine), format: json5File, edits: text => editsFor(aim, text) }],
  steps: (aim, { env }) => [
    ...keyStep(aim, 'OpenClaw'),
    ...((env['OPENCLAW_CONFIG_READONLY'] ?? '') === ''
      ? []
      : ['OPENCLAW_CONFIG_READONLY is set: the file is managed by something else, which may undo the change.']),
    'Restart its gateway: openclaw gateway restart',
  ],
  start: {
    program: 'openclaw',
    install: 'npm install -g openclaw',
    launch: (aim, machine, folder) => {
      const own = settingsFile(machine)
      const there = machine.exists(own)
      const roots = [machine.env['OPENCLAW_INCLUDE_ROOTS'] ?? '', dirname(own)].filter(root => root !== '')
      return {
        env: {
          OPENCLAW_CONFIG_PATH: join(folder, SETTINGS),
          ...(there ? { OPENCLAW_INCLUDE_ROOTS: roots.join(machine.os === 'win32' ? ';' : ':') } : {}),
        },
        args: [],
        files: [{ name: SETTINGS, text: JSON.stringify(runSettings(aim, there ? own : undefined)) }],
        remarks: ['This holds for what OpenClaw does in this process; its background gateway keeps its own settings.'],
      }
    },
  },
}

function settingsFile({ env, home }: Machine): string {
  const named = folderIn(env, 'OPENCLAW_CONFIG_PATH')
  return named ?? join(folderIn(env, 'OPENCLAW_STATE_DIR') ?? join(home, '.openclaw'), SETTINGS)
}

/** The user's own settings with Candor's beside them: what stands beside an include wins over it. */
function runSettings(aim: Aim, own: string | undefined): JsonObject {
  const document = documentOf(editsFor(aim, ''))
  return { ...(own === undefined ? {} : { $include: own }), ...(isObject(document) ? document : {}) }
}

function editsFor(aim: Aim, text: string): readonly FileEdit[] {
  const { model } = aim
  return [
    { path: [...PROVIDER, 'baseUrl'], value: baseUrlFor(aim, openClaw) },
    { path: [...PROVIDER, 'apiKey'], value: aim.needsKey ? `\${${KEY_VARIABLE}}` : ANY_KEY },
    { path: [...PROVIDER, 'api'], value: 'openai-completions' },
    ...(model === undefined ? [] : modelEdits(model, text)),
  ]
}

function modelEdits(model: ChosenModel, text: string): readonly FileEdit[] {
  const settings = json5File.parse(text)
  const name = `candor/${model.ref}`
  const row = {
    id: model.ref,
    name: model.ref,
    ...(model.contextWindow === undefined ? {} : { contextWindow: model.contextWindow }),
    ...(model.maxOutputTokens === undefined ? {} : { maxTokens: model.maxOutputTokens }),
  }
  // The default is a name, or an object with the name as its first choice; a list of allowed models is one only if it is there.
  const isName = typeof valueAt(settings, DEFAULT_MODEL) === 'string'
  const allowed = valueAt(settings, ALLOWED_MODELS)
  return [
    listedModel(json5File, text, [...PROVIDER, 'models'], row),
    { path: isName ? DEFAULT_MODEL : [...DEFAULT_MODEL, 'primary'], value: name },
    ...(isObject(allowed) && valueAt(allowed, [name]) === undefined
      ? [{ path: [...ALLOWED_MODELS, name], value: {} }]
      : []),
  ]
}
