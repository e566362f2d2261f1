import { rm } from 'node:fs/promises'
import { replaceFile } from '../../app/config/edit.ts'
import { errorCode } from '../../base/error-code.ts'
import { plural } from '../amounts.ts'
import { aimFor, MODEL_OPTION, openForClient } from '../clients/aim.ts'
import { dropBackup, keepBackup, keptFiles, newestBackup } from '../clients/backup.ts'
import { type Aim, ANY_KEY, type Client } from '../clients/client.ts'
import { clientHelp, clientNamed } from '../clients/clients.ts'
import { type PlannedFile, planConnection } from '../clients/connection.ts'
import { type FileChange, unifiedDiff } from '../clients/diff.ts'
import { planUndo } from '../clients/undo.ts'
import { confirm } from '../confirm.ts'
import { pathsOf } from '../gateway-access.ts'
import { isInteractive } from '../shell.ts'
import { CliFault, CONFIG_OPTION, type Desk, EXIT, type Given, type Verb } from '../verb.ts'
import { machineOf } from './run.ts'

/** `candor connect`. */
export const connect: Verb = {
  name: 'connect',
  summary: "Point an agent's own settings at the gateway; shows the change first, and can undo it",
  args: [{ syntax: '<client>', about: 'which one' }],
  options: [
    MODEL_OPTION,
    {
      flags: '--url <url>',
      about: 'address of the gateway (default: the one that runs here, else gateway.host and port)',
    },
    { flags: '-y, --yes', about: 'write without asking' },
    { flags: '--print', about: 'show the change and write nothing' },
    { flags: '--undo', about: 'put back what the last connect changed' },
    CONFIG_OPTION,
  ],
  asks: true,
  examples: [
    { line: 'candor connect claude', about: 'shows the change, asks, writes' },
    { line: 'candor connect codex --model kimi-coding/kimi-for-coding', about: 'with one model' },
    { line: 'candor connect claude --undo', about: 'takes it back' },
  ],
  notes: () => clientHelp(),
  async run(given, desk) {
    const client = clientNamed(given.args[0] ?? '')
    return given.flag('undo') ? await undo(client, given, desk) : await connectClient(client, given, desk)
  },
}

async function connectClient(client: Client, given: Given, desk: Desk): Promise<number> {
  const access = await openForClient(given, desk, false)
  const aim = await aimFor(client, given, desk, access).finally(() => access.close())
  const machine = machineOf(desk.shell)
  const steps = client.steps(aim, machine)
  if (client.files === undefined) return explain(client, steps, desk)
  const { dataDir } = pathsOf(desk.shell)
  const earlier = await keptFiles(dataDir, client.id)
  const planned = await planConnection(client, aim, machine, earlier)
  const open = new Set([...[...planned, ...earlier].flatMap(valuesIn), ANY_KEY, aim.url])
  const state = await settle(planned, open, given, desk, async () => {
    const place = { dataDir, client: client.id, now: new Date(desk.shell.clock.now()) }
    const folder = await keepBackup(place, planned, i => planned[i]?.after ?? '')
    for (const { file, after } of planned) await replaceFile(file, after).catch(unwritable(file))
    return folder
  })
  if (!desk.print.json) tellConnected(client, aim, steps, access.running, state, desk)
  return EXIT.ok
}

async function undo(client: Client, given: Given, desk: Desk): Promise<number> {
  const { dataDir } = pathsOf(desk.shell)
  const backup = await newestBackup(dataDir, client.id)
  if (backup === undefined)
    throw new CliFault(EXIT.usage, `There is nothing to undo for ${client.name}: Candor has no backup of its settings.`)
  const changes = await planUndo(client, backup, machineOf(desk.shell))
  const open = new Set(backup.files.flatMap(valuesIn))
  const state = await settle(changes, open, given, desk, async () => {
    for (const { file, after } of changes)
      await (after === undefined ? rm(file) : replaceFile(file, after)).catch(unwritable(file))
    return backup.folder
  })
  if (state.outcome === 'shown') return EXIT.ok
  await dropBackup(backup)
  desk.print.note(`${client.name} has its old settings again. Start it anew.`)
  return EXIT.ok
}

/** How far it came, and where the backup is once it is written. */
interface Settled {
  readonly outcome: 'nothing' | 'shown' | 'written'
  readonly backup?: string
}

/** Shows the changes, asks, and writes: in this order for whatever is written. Throws a {@link CliFault} if nobody can be asked. */
async function settle(
  changes: readonly FileChange[],
  open: ReadonlySet<string>,
  given: Given,
  desk: Desk,
  write: () => Promise<string>,
): Promise<Settled> {
  const { print, shell } = desk
  const diffs = changes.map(change => ({ file: change.file, diff: unifiedDiff(change, open) }))
  if (!print.json) for (const { diff } of diffs) print.raw(diff)
  const report = (state: Settled) => {
    if (print.json) print.document({ ...state, files: diffs })
    return state
  }
  if (changes.length === 0) return report({ outcome: 'nothing' })
  if (given.flag('print')) return report({ outcome: 'shown' })
  if (!given.flag('yes')) {
    if (!isInteractive(shell))
      throw new CliFault(EXIT.usage, 'Nothing was written: there is nobody to ask.', {
        fix: ['Write it without being asked: --yes', 'Only look at it: --print'],
      })
    const question = `Write ${plural(changes.length, 'file')}?`
    if (!(await confirm(question, desk))) throw new CliFault(EXIT.finding, 'Nothing was written.')
  }
  return report({ outcome: 'written', backup: await write() })
}

function tellConnected(
  client: Client,
  { url }: Aim,
  steps: readonly string[],
  runs: boolean,
  { outcome, backup }: Settled,
  { print }: Desk,
): void {
  if (outcome === 'nothing') print.note(`Nothing to change: ${client.name} goes through ${url} already.`)
  if (outcome === 'shown') print.note('Nothing was written.')
  if (outcome !== 'written') return
  print.note(`${client.name} goes through ${url} now. How its settings were is kept in ${backup}`)
  for (const step of steps) print.note(`  ${step}`)
  if (!runs) print.note('  No gateway runs at the moment. Start it: candor serve')
  print.note(`  To take it back: candor connect ${client.id} --undo`)
}

function explain(client: Client, steps: readonly string[], { print }: Desk): number {
  if (print.json) print.document({ client: client.id, steps })
  else {
    print.note(`${client.name} is set up by hand:`)
    for (const [i, step] of steps.entries()) print.line(`${i + 1}. ${step}`)
  }
  return EXIT.ok
}

/** The texts that are Candor's alone: they may be shown. */
function valuesIn({ edits }: Pick<PlannedFile, 'edits'>): readonly string[] {
  return edits.flatMap(({ value, isMixed }) => {
    const found: string[] = []
    if (isMixed === true) return found
    JSON.stringify(value, (_, each: unknown) => {
      if (typeof each === 'string') found.push(each)
      return each
    })
    return found
  })
}

function unwritable(file: string) {
  return (error: unknown): never => {
    const code = errorCode(error)
    throw new CliFault(EXIT.finding, `${file} cannot be written (${code}).`)
  }
}
