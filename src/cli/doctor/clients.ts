import type { Check, Found, Patient, Tell } from '../../app/doctor/check.ts'
import { readGatewayNote } from '../../app/gateway-note.ts'
import type { JsonValue } from '../../base/json-value.ts'
import { oneLine } from '../../base/one-line.ts'
import { type Aim, baseUrlFor, type Client, type ClientFile, type Machine } from '../clients/client.ts'
import { CLIENTS } from '../clients/clients.ts'
import { readSettings, withoutMark } from '../clients/connection.ts'
import { FileFault, valueAt } from '../clients/file-format.ts'
import { CliFault } from '../verb.ts'
import { keyConflict } from './claude-keys.ts'

/** The settings of agents on this machine, where they point at a gateway of this machine. Only the command line knows the agents. */
export function clientsCheck(machine: Machine): Check {
  return {
    id: 'clients',
    about: "agents' own settings that point here",
    async run(patient, tell) {
      const url = await ownUrl(patient)
      if (url === undefined) return
      const aim: Aim = { url, needsKey: false }
      let told = 0
      const count: Tell = found => {
        told += 1
        tell(found)
      }
      for (const client of CLIENTS)
        for (const file of client.files?.(aim, machine) ?? []) await lookAt(client, file, aim, machine, count)
      for (const each of ofEnvironment(machine, aim)) count(each)
      if (told === 0)
        tell({ id: 'clients', severity: 'info', message: 'No agent that Candor knows has settings that point here.' })
    },
  }
}

/** Where the gateway is, or would be; undefined where no address is set. */
async function ownUrl({ paths, config, machine }: Patient): Promise<string | undefined> {
  const note = await readGatewayNote(paths.dataDir)
  if (note !== undefined && machine.isAlive(note.pid)) return note.url
  if (config === undefined || config.gateway.port === 0) return undefined
  const { host, port } = config.gateway
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${reachable}:${port}`
}

/** The base URL stands where `candor connect` would write it. */
async function lookAt(
  client: Client,
  { file, format, edits }: ClientFile,
  aim: Aim,
  machine: Machine,
  tell: Tell,
): Promise<void> {
  try {
    const text = await readSettings(file)
    if (text === undefined) return
    const settings = format.parse(withoutMark(text))
    const place = edits(withoutMark(text)).find(({ value }) => value === baseUrlFor(aim, client))?.path
    const said = place === undefined ? undefined : valueAt(settings, place)
    if (place === undefined || typeof said !== 'string') return
    const isOurs = place.includes('candor')
    const found = judge({ client, said, isOurs, where: file, aim })
    if (found !== undefined) tell({ ...found, path: file })
    if (found !== undefined && client.id === 'claude') conflictOf(settings, machine, file, tell)
  } catch (error) {
    if (!(error instanceof FileFault) && !(error instanceof CliFault)) throw error
    tell({
      id: `clients.${client.id}.unreadable`,
      severity: 'info',
      message: `${client.name}'s settings cannot be read: ${error.message}`,
      path: file,
    })
  }
}

function conflictOf(settings: JsonValue, { env }: Machine, path: string, tell: Tell): void {
  const found = keyConflict(settings, env)
  if (found !== undefined) tell({ ...found, path })
}

interface Said {
  readonly client: Pick<Client, 'id' | 'name' | 'baseUrl'>
  readonly said: string
  /** It stands under a name that nobody but Candor uses. */
  readonly isOurs: boolean
  readonly where: string
  readonly aim: Aim
}

/** Undefined: it points somewhere else, which is none of our business. */
function judge({ client, said, isOurs, where, aim }: Said): Found | undefined {
  const id = `clients.${client.id}`
  if (!URL.canParse(said)) return isOurs ? wrong(`${id}.url`, client, said, where, aim, 'is no URL') : undefined
  const [there, here] = [new URL(said), new URL(aim.url)]
  const isHere = sameHost(there.hostname, here.hostname) && portOf(there) === portOf(here)
  if (!isHere && !isOurs && !isLocal(there.hostname)) return undefined
  if (!isHere) return elsewhere(id, client, said, where, aim, isOurs)
  const path = there.pathname.replace(/\/+$/, '')
  const wanted = client.baseUrl === 'v1' ? '/v1' : ''
  if (path === wanted)
    return { id, severity: 'ok', message: `${client.name} points here: ${oneLine(said)}, in ${where}.` }
  const why =
    path === `${wanted}/v1`
      ? `has a "/v1" too many: ${client.name} adds its own, and would ask for ${path}/v1/…`
      : wanted === '/v1' && path === ''
        ? 'lacks the "/v1" at its end'
        : `has the path "${oneLine(path, 80)}", where this gateway answers nothing`
  return wrong(`${id}.url`, client, said, where, aim, why)
}

function wrong(id: string, client: Said['client'], said: string, where: string, aim: Aim, why: string): Found {
  return {
    id,
    severity: 'error',
    message: `${client.name} is pointed at ${oneLine(said)}, in ${where}: that ${why}.`,
    fixHint: `Write ${baseUrlFor(aim, client)} there, or run: candor connect ${client.id}`,
  }
}

/** It may be meant for another program: only what stands under Candor's name is certainly wrong. */
function elsewhere(id: string, client: Said['client'], said: string, where: string, aim: Aim, isOurs: boolean): Found {
  return {
    id: `${id}.elsewhere`,
    severity: isOurs ? 'warning' : 'info',
    message: `${client.name} is pointed at ${oneLine(said)}, in ${where}; this gateway is at ${aim.url}.`,
    fixHint: `If Candor is meant: candor connect ${client.id}`,
  }
}

const LOCAL = ['127.0.0.1', 'localhost', '[::1]']
const isLocal = (host: string) => LOCAL.includes(host)
const sameHost = (a: string, b: string) => a === b || (isLocal(a) && isLocal(b))
const portOf = ({ port, protocol }: URL) => (port === '' ? (protocol === 'https:' ? '443' : '80') : port)

/** Variables that clients of many kinds read, and whether these want the `/v1`. */
const VARIABLES: readonly (readonly [string, Client['baseUrl']])[] = [
  ['ANTHROPIC_BASE_URL', 'root'],
  ['OPENAI_BASE_URL', 'v1'],
  ['GOOGLE_GEMINI_BASE_URL', 'root'],
]

function ofEnvironment({ env }: Machine, aim: Aim): readonly Found[] {
  return VARIABLES.flatMap(([name, baseUrl]): Found[] => {
    const said = env[name] ?? ''
    const client = { id: 'environment', name: `A client that reads ${name}`, baseUrl }
    const found = said === '' ? undefined : judge({ client, said, isOurs: false, where: 'the environment', aim })
    if (found === undefined) return []
    // No client's settings are to be changed here.
    const { fixHint: _, ...rest } = found
    return [found.severity === 'error' ? { ...rest, fixHint: `Set ${name}=${baseUrlFor(aim, client)}` } : rest]
  })
}
