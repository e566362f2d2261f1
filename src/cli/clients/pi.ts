import { join } from 'node:path'
import type { JsonObject } from '../../base/json-value.ts'
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
import { jsonFile } from './json-file.ts'
import { listedModel } from './model-list.ts'

const PROVIDER = 'candor'
const EXTENSION = 'candor-provider.mjs'

/** pi: its docs/models.md, docs/custom-provider.md and docs/settings.md. */
export const pi: Client = {
  id: 'pi',
  aliases: ['pi-coding-agent'],
  name: 'pi',
  protocol: 'openai-completions',
  baseUrl: 'v1',
  needsModel: true,
  files: (aim, machine) => [
    {
      file: join(agentFolder(machine), 'models.json'),
      format: jsonFile,
      edits: text => [
        ...Object.entries(provider(aim)).map(([key, value]) => ({ path: ['providers', PROVIDER, key], value })),
        ...(aim.model === undefined
          ? []
          : [listedModel(jsonFile, text, ['providers', PROVIDER, 'models'], modelRow(aim.model))]),
      ],
    },
    {
      file: join(agentFolder(machine), 'settings.json'),
      format: jsonFile,
      edits: () => [
        { path: ['defaultProvider'], value: PROVIDER },
        ...(aim.model === undefined ? [] : [{ path: ['defaultModel'], value: aim.model.ref }]),
      ],
    },
  ],
  steps: aim => [...keyStep(aim, 'pi'), 'Start pi anew, or open /model in it.'],
  start: {
    program: 'pi',
    install: 'npm install -g @earendil-works/pi-coding-agent',
    launch: (aim, _machine, folder) => ({
      env: {},
      // No variable of pi names a base URL; `--extension` loads a provider for one run.
      args: [
        '--extension',
        join(folder, EXTENSION),
        ...(aim.model === undefined ? [] : ['--model', `${PROVIDER}/${aim.model.ref}`]),
      ],
      files: [{ name: EXTENSION, text: extensionText(aim) }],
      remarks: [],
    }),
  },
}

function agentFolder({ env, home }: Machine): string {
  return folderIn(env, 'PI_CODING_AGENT_DIR') ?? join(home, '.pi', 'agent')
}

function provider(aim: Aim) {
  return {
    baseUrl: baseUrlFor(aim, pi),
    api: 'openai-completions',
    apiKey: aim.needsKey ? `$${KEY_VARIABLE}` : ANY_KEY,
  }
}

function modelRow({ ref, contextWindow, maxOutputTokens }: ChosenModel) {
  return {
    id: ref,
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { maxTokens: maxOutputTokens }),
  }
}

/** What pi itself takes for a model of which its file says nothing. */
const CONTEXT_TOKENS = 128_000
const OUTPUT_TOKENS = 16_384

/** An extension must say all of a model; prices are Candor's business, and stand in its receipts. */
function extensionText(aim: Aim): string {
  const { model } = aim
  const row = (chosen: ChosenModel): JsonObject => ({
    contextWindow: CONTEXT_TOKENS,
    maxTokens: OUTPUT_TOKENS,
    ...modelRow(chosen),
    name: chosen.ref,
    reasoning: false,
    input: ['text'],
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  })
  const settings = { name: 'Candor', ...provider(aim), models: model === undefined ? [] : [row(model)] }
  return `export default pi => pi.registerProvider(${JSON.stringify(PROVIDER)}, ${JSON.stringify(settings)})\n`
}
