import { join } from 'node:path'
import { type Aim, baseUrlFor, type Client, folderIn, KEY_VARIABLE, keyStep } from './client.ts'
import type { FileEdit } from './file-format.ts'
import { tomlFile } from './toml-file.ts'

const PROVIDER = 'candor'

/** Codex CLI: github.com/openai/codex, docs/config.md. It speaks Responses only: `wire_api = "chat"` is gone. */
export const codex: Client = {
  id: 'codex',
  aliases: ['codex-cli'],
  name: 'Codex CLI',
  protocol: 'openai-responses',
  baseUrl: 'v1',
  needsModel: true,
  files: (aim, machine) => [
    {
      file: join(folderIn(machine.env, 'CODEX_HOME') ?? join(machine.home, '.codex'), 'config.toml'),
      format: tomlFile,
      edits: () => editsFor(aim),
    },
  ],
  steps: aim => [...keyStep(aim, 'Codex'), 'Start Codex anew; /status in it shows the provider.'],
  start: {
    program: 'codex',
    install: 'npm install -g @openai/codex',
    launch: aim => ({
      env: {},
      // No variable names a provider; `-c` sets one value of config.toml for one run.
      args: editsFor(aim).flatMap(({ path, value }) =>
        value === undefined ? [] : ['-c', `${path.join('.')}=${JSON.stringify(value)}`],
      ),
      files: [],
      remarks: [],
    }),
  },
}

/**
 * Its web search runs at OpenAI, and its tools for several agents come as a `namespace`: elsewhere both would be refused (seen with
 * 0.169.0). Both keys are Codex's own: docs/config.md.
 */
const OWN_TOOLS_OFF: readonly FileEdit[] = [
  { path: ['web_search'], value: 'disabled' },
  { path: ['features', 'multi_agent'], value: false },
]

function editsFor(aim: Aim): readonly FileEdit[] {
  const table = {
    name: 'Candor',
    base_url: baseUrlFor(aim, codex),
    wire_api: 'responses',
    env_key: aim.needsKey ? KEY_VARIABLE : undefined,
  }
  const isForeign = aim.model !== undefined && !aim.model.isNative
  return [
    ...(aim.model === undefined ? [] : [{ path: ['model'], value: aim.model.ref }]),
    { path: ['model_provider'], value: PROVIDER },
    ...OWN_TOOLS_OFF.map(({ path, value }) => ({ path, value: isForeign ? value : undefined })),
    ...Object.entries(table).map(([key, value]) => ({ path: ['model_providers', PROVIDER, key], value })),
  ]
}
