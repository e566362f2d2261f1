import { redactText } from '../../base/redact.ts'
import { plural } from '../amounts.ts'
import { readSettings } from '../clients/connection.ts'
import { unifiedDiff } from '../clients/diff.ts'
import { machineOf } from '../commands/run.ts'
import { confirm } from '../confirm.ts'
import { pathsOf } from '../gateway-access.ts'
import { readBefore } from '../init/draft.ts'
import { storeAll } from '../init/store.ts'
import { indent } from '../print.ts'
import { isInteractive } from '../shell.ts'
import { harmless } from '../terminal-text.ts'
import { CliFault, type Desk, EXIT, type Given } from '../verb.ts'
import { isDatabase } from './ccr-database.ts'
import type { Remark } from './harvest.ts'
import { type ImportPlan, planImport } from './plan.ts'
import { readStoredSource, type SourceDocument } from './source-document.ts'
import type { Source } from './sources.ts'

/** What to take over, and how far to go. */
export interface ImportWishes {
  readonly source: Source
  /** Absent: where the program keeps its settings. */
  readonly file?: string | undefined
  readonly write: boolean
  readonly keysToFiles: boolean
  /** Write without asking. */
  readonly yes: boolean
}

/** Shows what would be taken over and what not, and writes it if that is wanted. */
export async function runImport(wishes: ImportWishes, given: Given, desk: Desk): Promise<number> {
  const { source } = wishes
  const file = wishes.file ?? source.file(machineOf(desk.shell))
  if (file === undefined)
    throw new CliFault(EXIT.usage, `Where ${source.name} keeps its settings is not known.`, {
      fix: [`Name the file: candor import ${source.id} FILE`],
    })
  const document = await read(source, file)
  const before = await readBefore(pathsOf(desk.shell, given.text('config')).configFile)
  const harvest = source.harvest(document, { home: desk.shell.home })
  const plan = await planImport(harvest, before, wishes.keysToFiles)
  const outcome = await settle(plan, wishes, desk)
  if (desk.print.json) desk.print.document(documentOf(plan, file, wishes, outcome))
  return plan.edits.length === 0 ? EXIT.finding : EXIT.ok
}

async function read({ id, read: readText, readDatabase }: Source, file: string): Promise<SourceDocument> {
  if (readDatabase !== undefined && (await isDatabase(file))) return readStoredSource(file, readDatabase(file))
  const text = await readSettings(file)
  if (text !== undefined) return readText(file, text)
  throw new CliFault(EXIT.usage, `There is no ${file}.`, { fix: [`Name the file: candor import ${id} FILE`] })
}

type Outcome = 'nothing' | 'shown' | 'written'

async function settle(plan: ImportPlan, { source, write, yes }: ImportWishes, desk: Desk): Promise<Outcome> {
  const { print, shell } = desk
  if (!print.json) show(plan, source, desk)
  if (plan.edits.length === 0) return 'nothing'
  if (!write) {
    print.note(`Nothing was written. To write it: candor import ${source.id} … --write`)
    return 'shown'
  }
  if (!yes && isInteractive(shell) && !(await confirm(`Write ${plan.before.file}?`, desk)))
    throw new CliFault(EXIT.finding, 'Nothing was written.')
  await storeAll({ file: plan.before.file, before: plan.before.text, after: plan.after }, plan.keyFiles, shell)
  print.note(`Written: ${plan.before.file}`)
  for (const { file } of plan.keyFiles) print.note(`  a key, readable for you alone: ${file}`)
  if (plan.variables.length > 0) print.note(`  still to set where Candor starts: ${plan.variables.join(', ')}`)
  print.note('  Prove it: candor doctor --probe')
  return 'written'
}

const TITLES: readonly (readonly [Remark['kind'], string, 'green' | 'yellow' | 'cyan'])[] = [
  ['mapped', 'Taken over', 'green'],
  ['proposal', 'Proposed: look at these', 'yellow'],
  ['left out', 'Not taken over', 'cyan'],
]

function show(plan: ImportPlan, source: Source, desk: Desk): void {
  const { print } = desk
  const { document, remarks } = plan.harvest
  print.note(`${source.name}: ${document.file}\n`)
  for (const [kind, title, style] of TITLES) {
    const of = remarks.filter(each => each.kind === kind)
    if (of.length === 0) continue
    print.note(print.paintNote(style, title))
    for (const each of of) for (const line of linesOf(each, desk)) print.note(line)
    print.note()
  }
  if (plan.edits.length === 0) {
    print.note('There is nothing to take over.')
    return
  }
  const { file, text } = plan.before
  if (text === undefined) {
    print.note(`${file} would be:`)
    for (const line of plan.after.trimEnd().split('\n')) print.line(harmless(redactText(line)))
  } else print.raw(unifiedDiff({ file, before: text, after: plan.after }, new Set(textsIn(plan.edits))))
  const keys = plan.keyFiles.length
  if (keys > 0) print.note(`and ${plural(keys, 'key')} in ${plural(keys, 'file')} beside it.`)
}

function linesOf({ what, why, fix, line }: Remark, { print, shell }: Desk): readonly string[] {
  const place = print.paintNote('dim', (line === undefined ? '' : `line ${line}`).padEnd(9))
  const words = why === undefined ? what : `${what}: ${why}`
  const safe = (text: string) => harmless(redactText(text))
  return [
    ...indent(safe(words), `  ${place} `, shell.stderr),
    ...(fix === undefined ? [] : indent(safe(fix), `            ${print.paintNote('dim', 'fix:')} `, shell.stderr)),
  ]
}

/** All texts of what is put in: they were looked through, and may be shown. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

function documentOf(plan: ImportPlan, file: string, { source }: ImportWishes, outcome: Outcome): object {
  return {
    outcome,
    source: source.id,
    file,
    target: plan.before.file,
    edits: plan.edits,
    remarks: plan.harvest.remarks,
    keyFiles: plan.keyFiles.map(each => each.file),
    variables: plan.variables,
  }
}
