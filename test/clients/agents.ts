import { join } from 'node:path'
import type { ProtocolId } from '../../src/canon/protocol.ts'

/** A scratch folder with the file an agent is to edit. */
export interface Workplace {
  readonly folder: string
  readonly note: string
}

/** A real agent as npm has it, and how it is made to edit a file without a person. */
export interface Agent {
  /** Its id for `candor run` and `candor connect`, and the name of its program. */
  readonly id: string
  readonly package: string
  /** Pinned: what is written in docs/clients.md was seen with this one. */
  readonly version: string
  /** Its program below the folder it is installed in: what Node runs, or a program by itself. */
  readonly program: { readonly script: string } | { readonly binary: string }
  readonly protocol: ProtocolId
  /** How its `User-Agent` begins. */
  readonly userAgent: RegExp
  /** Its documented switches for a machine without the vendor's network. */
  readonly env: Readonly<Record<string, string>>
  /** Its arguments for one headless turn. */
  readonly turn: (prompt: string, place: Workplace) => readonly string[]
  /** Where it cannot go, and what it then prints: a refusal is told, never worked around. */
  readonly refused?: { readonly protocol: ProtocolId; readonly says: RegExp }
  /** It asks models it does not know to reason. */
  readonly reasons?: true
  /** It reads the prompt from its standard input: as an argument it would be quoted once more. */
  readonly readsInput?: true
  /** The calls of its own tools that turn `beta` into `gamma` in the note. */
  readonly edit: (place: Workplace) => readonly { readonly name: string; readonly input: object }[]
}

const HOST = `${process.platform}-${process.arch}`

/** The agents, in the order they run. */
export const AGENTS: readonly Agent[] = [
  {
    id: 'claude',
    package: '@anthropic-ai/claude-code',
    version: '2.1.330',
    program: { binary: `@anthropic-ai/claude-code-${HOST}/claude` },
    protocol: 'anthropic-messages',
    userAgent: /^claude-cli\/2\.1\.330 /,
    env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
    turn: prompt => ['-p', prompt, '--permission-mode', 'acceptEdits'],
    reasons: true,
    edit: ({ note }) => [
      { name: 'Read', input: { file_path: note } },
      { name: 'Edit', input: { file_path: note, old_string: 'beta', new_string: 'gamma' } },
    ],
  },
  {
    id: 'codex',
    package: '@openai/codex',
    version: '0.169.0',
    program: { script: '@openai/codex/bin/codex.js' },
    protocol: 'openai-responses',
    userAgent: /^codex_exec\/0\.169\.0 /,
    env: {},
    turn: prompt => ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', prompt],
    reasons: true,
    edit: ({ note }) => [{ name: 'exec_command', input: { cmd: `sed -i.bak s/beta/gamma/ '${note}'` } }],
  },
  {
    id: 'gemini',
    package: '@google/gemini-cli',
    version: '0.61.0',
    program: { script: '@google/gemini-cli/bundle/gemini.js' },
    protocol: 'google-generative-ai',
    userAgent: /^GeminiCLI(?:-tui)?\/0\.61\.0\//,
    env: { GEMINI_TELEMETRY_ENABLED: 'false' },
    // It asks for thoughts and for top_p in every request; no model of OpenAI's takes both.
    refused: { protocol: 'openai-responses', says: /reasoning\.summary/ },
    turn: prompt => ['--skip-trust', '--approval-mode', 'yolo', '-p', prompt],
    edit: ({ note }) => [
      {
        name: 'replace',
        input: { file_path: note, instruction: 'Write gamma for beta.', old_string: 'beta', new_string: 'gamma' },
      },
    ],
  },
  {
    id: 'opencode',
    package: 'opencode-ai',
    version: '1.18.33',
    program: { binary: `opencode-${HOST}/bin/opencode` },
    protocol: 'openai-completions',
    userAgent: /^opencode\/1\.18\.33 /,
    env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' },
    turn: () => ['run'],
    readsInput: true,
    edit: ({ note }) => [
      { name: 'read', input: { filePath: note } },
      { name: 'edit', input: { filePath: note, oldString: 'beta', newString: 'gamma' } },
    ],
  },
  {
    id: 'openclaw',
    package: 'openclaw',
    version: '2026.9.6',
    program: { script: 'openclaw/openclaw.mjs' },
    protocol: 'openai-completions',
    // To an address of the user's own it sends the name of the SDK it uses.
    userAgent: /^OpenAI\/JS /,
    env: {},
    turn: (prompt, { folder }) => ['agent', 'exec', prompt, '--cwd', folder],
    edit: () => [{ name: 'edit', input: { path: 'note.txt', edits: [{ oldText: 'beta', newText: 'gamma' }] } }],
  },
  {
    id: 'pi',
    package: '@earendil-works/pi-coding-agent',
    version: '0.87.1',
    program: { script: '@earendil-works/pi-coding-agent/dist/cli.js' },
    protocol: 'openai-completions',
    userAgent: /^pi \(/,
    env: { PI_OFFLINE: '1' },
    turn: prompt => ['-p', prompt],
    edit: () => [{ name: 'edit', input: { path: 'note.txt', edits: [{ oldText: 'beta', newText: 'gamma' }] } }],
  },
]

/** The prompt that makes a simulated model use the agent's own tools. */
export function promptFor(agent: Agent, place: Workplace): string {
  const calls = agent.edit(place).map(({ name, input }) => `[[call ${name} ${JSON.stringify(input)}]]`)
  return `Change beta to gamma in note.txt. ${calls.join(' ')}`
}

/** Where the file to edit is in a scratch folder. */
export function workplaceIn(folder: string): Workplace {
  return { folder, note: join(folder, 'note.txt') }
}
