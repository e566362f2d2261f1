import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson } from '../../base/json.ts'
import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import type { FileEdit } from './file-format.ts'

/** One edited file as it was kept. */
export interface KeptFile {
  readonly file: string
  /** Its text before; undefined if there was no file. */
  readonly before: string | undefined
  /** SHA-256 of what was written. */
  readonly written: string
  readonly edits: readonly FileEdit[]
}

/** What one run of `connect` did. */
export interface Backup {
  /** The folder that holds it. */
  readonly folder: string
  readonly files: readonly KeptFile[]
}

/** The folder below Candor's data that keeps what a client's files were. */
function folderOf(dataDir: string, client: string): string {
  return join(dataDir, 'connect', client)
}

/**
 * Keeps the texts before an edit, with what is about to be written, readable for the owner alone. Gives the folder. Rejects if the file
 * system refuses: then nothing may be edited.
 */
export async function keepBackup(
  place: { readonly dataDir: string; readonly client: string; readonly now: Date },
  files: readonly Omit<KeptFile, 'written'>[],
  written: (index: number) => string,
): Promise<string> {
  const name = place.now.toISOString().replace(/[-:.]/g, '')
  const folder = join(folderOf(place.dataDir, place.client), name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const rows = files.map(({ file, before, edits }, i) => ({
    file,
    written: fingerprint(written(i)),
    edits,
    ...(before === undefined ? {} : { before: `${i}.before` }),
  }))
  for (const [i, { before }] of files.entries())
    if (before !== undefined) await keep(join(folder, `${i}.before`), before)
  await keep(join(folder, RECORD), `${JSON.stringify({ files: rows }, undefined, 2)}\n`)
  return folder
}

const RECORD = 'connect.json'

function keep(file: string, text: string): Promise<void> {
  return writeFile(file, text, { mode: 0o600, flag: 'wx' })
}

/** The newest backup of a client, undefined if there is none. Rejects if a text it names cannot be read. */
export async function newestBackup(dataDir: string, client: string): Promise<Backup | undefined> {
  for (const folder of await backupFolders(dataDir, client)) {
    const backup = await readBackup(folder)
    if (backup !== undefined) return backup
  }
  return undefined
}

/** What all earlier runs of `connect` did to a client's files. A backup that cannot be read tells nothing. */
export async function keptFiles(dataDir: string, client: string): Promise<readonly KeptFile[]> {
  const folders = await backupFolders(dataDir, client)
  const backups = await Promise.all(folders.map(folder => readBackup(folder).catch(() => undefined)))
  return backups.flatMap(backup => backup?.files ?? [])
}

/** Newest first. */
async function backupFolders(dataDir: string, client: string): Promise<string[]> {
  const names = await readdir(folderOf(dataDir, client)).catch(() => [])
  return names
    .sort()
    .reverse()
    .map(name => join(folderOf(dataDir, client), name))
}

/** A folder without its record is half a backup, and none. */
async function readBackup(folder: string): Promise<Backup | undefined> {
  const read = parseJson(await readFile(join(folder, RECORD), 'utf8').catch(() => ''))
  const rows = read.ok ? asArray(asObject(read.value)?.['files']).filter(isObject) : []
  if (rows.length === 0) return undefined
  return { folder, files: await Promise.all(rows.map(row => readKept(folder, row))) }
}

async function readKept(folder: string, row: JsonObject): Promise<KeptFile> {
  const before = asString(row['before'])
  return {
    file: asString(row['file']) ?? '',
    before: before === undefined ? undefined : await readFile(join(folder, before), 'utf8'),
    written: asString(row['written']) ?? '',
    edits: asArray(row['edits']).map(readEdit),
  }
}

/** An edit without a value took one out: JSON has no undefined. */
function readEdit(value: JsonValue): FileEdit {
  const edit = asObject(value)
  const path = asArray(edit?.['path']).filter(step => typeof step === 'string' || typeof step === 'number')
  return { path, value: edit?.['value'], ...(edit?.['isMixed'] === true ? { isMixed: true } : {}) }
}

/** Forgets a backup that has been put back. */
export function dropBackup(backup: Backup): Promise<void> {
  return rm(backup.folder, { recursive: true, force: true })
}

/** What tells whether a file is still as it was written. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
