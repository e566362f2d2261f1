import { join } from 'node:path'
import { asString } from '../../base/json-value.ts'
import { type Aim, ANY_KEY, type Client, KEY_VARIABLE, type Machine } from './client.ts'
import { envFile } from './env-file.ts'
import type { FileEdit } from './file-format.ts'
import { withAllowance, withoutAllowance } from './gemini-headers.ts'
import { jsonFile } from './json-file.ts'

/**
 * Gemini CLI: its docs/reference/configuration.md. With a base URL and no chosen way to sign in, a headless run of 0.61.0 ends with "Invalid
 * auth method selected": so the way with a key is chosen too.
 */
export const geminiCli: Client = {
  id: 'gemini',
  aliases: ['gemini-cli'],
  name: 'Gemini CLI',
  protocol: 'google-generative-ai',
  baseUrl: 'root',
  needsModel: false,
  files: (aim, { home }) => [
    {
      file: join(home, '.gemini', 'settings.json'),
      format: jsonFile,
      edits: () => [
        { path: AUTH_PATH, value: AUTH_BY_KEY },
        { path: ['model', 'name'], value: aim.model?.ref },
      ],
    },
    {
      file: join(home, '.gemini', '.env'),
      format: envFile,
      edits: text => [
        { path: ['GOOGLE_GEMINI_BASE_URL'], value: aim.url },
        { path: ['GEMINI_API_KEY'], value: aim.needsKey ? undefined : ANY_KEY },
        ...headerEdits(aim, asString(envFile.parse(text)[HEADERS_VARIABLE]) ?? ''),
      ],
    },
  ],
  steps: aim => [
    ...(aim.needsKey
      ? [
          'The gateway asks for a key, and Gemini CLI cannot refer to a variable: set GEMINI_API_KEY to it where it starts.',
        ]
      : []),
    'Gemini CLI reads one .env file only: in a project with its own, put GOOGLE_GEMINI_BASE_URL there or into the environment.',
    ...(needsAllowance(aim) ? [ALLOWED_REMARK] : []),
    'Start Gemini CLI anew.',
  ],
  start: {
    program: 'gemini',
    install: 'npm install -g @google/gemini-cli',
    launch: (aim, machine, folder) => {
      const system = systemSettings(machine)
      const remark = `${system} says how Gemini CLI signs in, and is left as it is: it must select "${AUTH_BY_KEY}".`
      return {
        env: {
          GOOGLE_GEMINI_BASE_URL: aim.url,
          GEMINI_API_KEY: aim.needsKey ? machine.env[KEY_VARIABLE] : ANY_KEY,
          ...(aim.model === undefined ? {} : { GEMINI_MODEL: aim.model.ref }),
          ...(needsAllowance(aim)
            ? { [HEADERS_VARIABLE]: withAllowance(machine.env[HEADERS_VARIABLE] ?? '', UNSAYABLE) }
            : {}),
          ...(system === undefined ? { [SYSTEM_VARIABLE]: join(folder, SETTINGS) } : {}),
        },
        args: [],
        files:
          system === undefined
            ? [{ name: SETTINGS, text: JSON.stringify({ security: { auth: { selectedType: AUTH_BY_KEY } } }) }]
            : [],
        remarks: [...(system === undefined ? [] : [remark]), ...(needsAllowance(aim) ? [ALLOWED_REMARK] : [])],
      }
    },
  },
}

const AUTH_PATH = ['security', 'auth', 'selectedType']
const AUTH_BY_KEY = 'gemini-api-key'
const SYSTEM_VARIABLE = 'GEMINI_CLI_SYSTEM_SETTINGS_PATH'
const SETTINGS = 'gemini-settings.json'

/**
 * Gemini CLI sets `topK` in every request and has no switch for it. Not every protocol can say that, and Candor would refuse: so the loss is
 * allowed, and each receipt tells it.
 */
const UNSAYABLE = 'top_k'
const HEADERS_VARIABLE = 'GEMINI_CLI_CUSTOM_HEADERS'

function needsAllowance({ model }: Aim): boolean {
  return model !== undefined && !model.isNative
}

/** The headers of the file with the allowance, or without the one Candor wrote. */
function headerEdits(aim: Aim, there: string): readonly FileEdit[] {
  const value = needsAllowance(aim) ? withAllowance(there, UNSAYABLE) : withoutAllowance(there, UNSAYABLE)
  return value === there
    ? []
    : [{ path: [HEADERS_VARIABLE], value: value === '' ? undefined : value, isMixed: there !== '' }]
}

const ALLOWED_REMARK =
  'Gemini CLI always asks for topK; where the model cannot be told, that is left out, and the receipt says so.'

const SYSTEM_FILES: Readonly<Record<string, string>> = {
  darwin: '/Library/Application Support/GeminiCli/settings.json',
  linux: '/etc/gemini-cli/settings.json',
  win32: 'C:\\ProgramData\\gemini-cli\\settings.json',
}

/** The machine's own settings for Gemini CLI, which win over the user's, if there are any. */
function systemSettings({ env, os, exists }: Machine): string | undefined {
  const named = env[SYSTEM_VARIABLE] ?? ''
  if (named !== '') return named
  const usual = SYSTEM_FILES[os]
  return usual !== undefined && exists(usual) ? usual : undefined
}
