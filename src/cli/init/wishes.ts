import { resolve } from 'node:path'
import { ENVIRONMENT_NAME } from '../../app/config/template.ts'
import { Secret } from '../../base/secret.ts'
import { PROTOCOL_IDS, type ProtocolId } from '../../canon/protocol.ts'
import { SOURCES, type Source, sourceNamed } from '../import/sources.ts'
import { readInput } from '../shell.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Given, type VerbOption } from '../verb.ts'

/** Where a provider's key is. */
export type KeyPlace =
  | { readonly from: 'environment'; readonly name: string }
  /** A file the person keeps it in. */
  | { readonly from: 'file'; readonly file: string }
  /** Typed or piped in: it gets a file of its own. */
  | { readonly from: 'hand'; readonly key: Secret }
  | { readonly from: 'nowhere' }

/** What the command line said already; what it did not say is asked. */
export interface Wishes {
  readonly provider?: string
  readonly model?: string
  readonly baseUrl?: string
  readonly api?: ProtocolId
  readonly key?: KeyPlace
  /** Take over another program's settings instead. */
  readonly from?: { readonly source: Source; readonly file: string | undefined }
  /** Make the real call. */
  readonly probe: boolean
  /** Take what is proposed. */
  readonly yes: boolean
  /** Change a configuration that is there without asking. */
  readonly force: boolean
  /** Start the gateway at the end without asking. */
  readonly serve: boolean
}

/** Every question of `candor init` as an option. */
export const INIT_OPTIONS: readonly VerbOption[] = [
  {
    flags: '--provider <id>',
    about: 'provider of the catalogue (candor providers), or a name for one with --base-url',
  },
  { flags: '-m, --model <id>', about: "the model, as the provider names it; it becomes the configuration's default" },
  { flags: '--key-env <name>', about: 'the key is in this environment variable' },
  { flags: '--key-file <file>', about: 'the key is in this file' },
  { flags: '--key-stdin', about: 'the key comes on the standard input; it is kept in a file only you can read' },
  { flags: '--base-url <url>', about: 'where the provider is, in place of the address of the catalogue' },
  { flags: '--api <protocol>', about: `what is spoken there: ${PROTOCOL_IDS.join(', ')}` },
  {
    flags: '--from <program>',
    about: `take over the settings of another program instead: ${SOURCES.map(({ id }) => id).join(', ')}`,
  },
  { flags: '--from-file <file>', about: 'its settings (default: where the program keeps them)' },
  { flags: '--no-probe', about: 'write without the one real call that proves it' },
  { flags: '-y, --yes', about: 'take what is proposed wherever something would be asked' },
  { flags: '--force', about: 'change a configuration that is there without asking; the change is shown' },
  { flags: '--serve', about: 'start the gateway at the end' },
  CONFIG_OPTION,
]

/** Reads them. Throws a usage fault. */
export async function readWishes(given: Given, desk: Desk): Promise<Wishes> {
  const key = await keyOf(given, desk)
  const [provider, model, baseUrl] = [given.text('provider'), given.text('model'), given.text('base-url')]
  const api = apiOf(given.text('api'))
  const from = fromOf(given, desk)
  return {
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(api === undefined ? {} : { api }),
    ...(key === undefined ? {} : { key }),
    ...(from === undefined ? {} : { from }),
    // Commander turns `--no-probe` into an option `probe` that is on unless it is given.
    probe: given.flag('probe'),
    yes: given.flag('yes'),
    force: given.flag('force'),
    serve: given.flag('serve'),
  }
}

function apiOf(text: string | undefined): ProtocolId | undefined {
  if (text === undefined) return undefined
  const api = PROTOCOL_IDS.find(id => id === text)
  if (api !== undefined) return api
  throw new CliFault(EXIT.usage, `--api must be one of ${PROTOCOL_IDS.join(', ')}, not "${oneLine(text, 40)}".`)
}

function fromOf(given: Given, { shell }: Desk): Wishes['from'] {
  const [name, file] = [given.text('from'), given.text('from-file')]
  if (name !== undefined)
    return { source: sourceNamed(name), file: file === undefined ? undefined : resolve(shell.cwd, file) }
  if (file === undefined) return undefined
  throw new CliFault(EXIT.usage, '--from-file: whose settings these are is not said.', {
    fix: [`Name the program: --from ${SOURCES.map(({ id }) => id).join(' | ')}`],
  })
}

async function keyOf(given: Given, { shell }: Desk): Promise<KeyPlace | undefined> {
  const name = given.text('key-env')
  const file = given.text('key-file')
  const piped = given.flag('key-stdin')
  if ([name !== undefined, file !== undefined, piped].filter(Boolean).length > 1)
    throw new CliFault(EXIT.usage, 'A key has one place: only one of --key-env, --key-file and --key-stdin.')
  if (name !== undefined) {
    if (ENVIRONMENT_NAME.test(name)) return { from: 'environment', name }
    // What stands there may be the key itself.
    throw new CliFault(EXIT.usage, '--key-env wants the name of an environment variable, such as OPENAI_API_KEY.')
  }
  if (file !== undefined) return { from: 'file', file: resolve(shell.cwd, file) }
  if (!piped) return undefined
  const text = (await readInput(shell)).trim()
  if (text !== '') return { from: 'hand', key: new Secret(text) }
  throw new CliFault(EXIT.usage, '--key-stdin: nothing came on the standard input.', {
    fix: ['Pipe the key in: candor init --key-stdin … < file'],
  })
}
