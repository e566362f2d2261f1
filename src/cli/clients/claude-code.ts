import { join } from 'node:path'
import { type Aim, ANY_KEY, type Client, folderIn, KEY_VARIABLE, type Machine } from './client.ts'
import { jsonFile } from './json-file.ts'

/** Claude Code: code.claude.com/docs, "LLM gateway configuration" and "Environment variables". */
export const claudeCode: Client = {
  id: 'claude',
  aliases: ['claude-code'],
  name: 'Claude Code',
  protocol: 'anthropic-messages',
  baseUrl: 'root',
  needsModel: false,
  files: (aim, machine) => [
    {
      file: join(folderIn(machine.env, 'CLAUDE_CONFIG_DIR') ?? join(machine.home, '.claude'), 'settings.json'),
      format: jsonFile,
      edits: () => [
        ...Object.entries(settings(aim)).map(([name, value]) => ({ path: ['env', name], value })),
        { path: ['env', 'ANTHROPIC_AUTH_TOKEN'], value: aim.needsKey ? undefined : ANY_KEY },
        { path: ['apiKeyHelper'], value: aim.needsKey ? `printenv ${KEY_VARIABLE}` : undefined },
      ],
    },
  ],
  steps: (aim, machine) => [
    ...(aim.needsKey
      ? [
          `The gateway asks for a key: Claude Code runs "printenv ${KEY_VARIABLE}" for it. Set that variable where it starts.`,
        ]
      : []),
    ...conflict(machine),
    'Start Claude Code anew; /status in it shows the base URL.',
  ],
  start: {
    program: 'claude',
    install: 'npm install -g @anthropic-ai/claude-code',
    launch: (aim, machine) => ({
      env: {
        ...Object.fromEntries(Object.entries(settings(aim)).filter(([, value]) => value !== undefined)),
        ANTHROPIC_AUTH_TOKEN: aim.needsKey ? machine.env[KEY_VARIABLE] : ANY_KEY,
        ANTHROPIC_API_KEY: undefined,
      },
      args: [],
      files: [],
      remarks: (machine.env['ANTHROPIC_API_KEY'] ?? '') === '' ? [] : ['ANTHROPIC_API_KEY is taken away for this run.'],
    }),
  },
}

/** Claude Code asks for a small model beside the main one: with one model chosen, it is all of them. */
const MODEL_VARIABLES = [
  'ANTHROPIC_MODEL',
  'ANTHROPIC_DEFAULT_OPUS_MODEL',
  'ANTHROPIC_DEFAULT_SONNET_MODEL',
  'ANTHROPIC_DEFAULT_HAIKU_MODEL',
]

/** Undefined where Candor has nothing to say. */
function settings({ url, model }: Aim): Readonly<Record<string, string | undefined>> {
  return {
    ANTHROPIC_BASE_URL: url,
    ...Object.fromEntries(MODEL_VARIABLES.map(name => [name, model?.ref])),
    // Tools it sends on demand (`defer_loading`) exist in its own protocol only; seen with 2.1.330.
    ENABLE_TOOL_SEARCH: model === undefined || model.isNative ? undefined : 'false',
  }
}

function conflict({ env }: Machine): readonly string[] {
  return (env['ANTHROPIC_API_KEY'] ?? '') === ''
    ? []
    : ['ANTHROPIC_API_KEY is set here: Claude Code may send it to the gateway in place of what was written. Unset it.']
}
