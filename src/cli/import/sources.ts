import { join } from 'node:path'
import { nearest } from '../../base/nearest.ts'
import { folderIn, type Machine } from '../clients/client.ts'
import { openClaw } from '../clients/openclaw.ts'
import { opencode } from '../clients/opencode.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, EXIT } from '../verb.ts'
import { harvestCcr } from './ccr.ts'
import { readCcrDatabase } from './ccr-database.ts'
import type { Harvest } from './harvest.ts'
import { harvestLiteLlm } from './litellm.ts'
import { harvestOpenClaw } from './openclaw.ts'
import { harvestOpencode } from './opencode.ts'
import { readJsonSource, readYamlSource, type SourceDocument } from './source-document.ts'

/** What a source may have to be read with. */
export interface SourcePlace {
  /** The user's home folder. */
  readonly home: string
}

/** A program whose settings can be taken over. */
export interface Source {
  /** What the user types. */
  readonly id: string
  readonly name: string
  /** Where it keeps them; undefined if that is not known. */
  readonly file: (machine: Machine) => string | undefined
  readonly read: (file: string, text: string) => SourceDocument
  /** The settings of a program that keeps them in SQLite, as JSON. Throws a usage fault. */
  readonly readDatabase?: (file: string) => string
  readonly harvest: (document: SourceDocument, place: SourcePlace) => Harvest
}

/** A source that is on this machine. */
export interface FoundSource extends Source {
  readonly found: string
}

const AIM = { url: '', needsKey: false }

/** Every source. The files of the two that are clients too are found as for `candor connect`. */
export const SOURCES: readonly Source[] = [
  {
    id: openClaw.id,
    name: openClaw.name,
    file: machine => openClaw.files?.(AIM, machine)[0]?.file,
    read: readJsonSource,
    harvest: harvestOpenClaw,
  },
  {
    id: 'litellm',
    name: 'LiteLLM',
    file: () => undefined,
    read: readYamlSource,
    harvest: harvestLiteLlm,
  },
  {
    id: 'ccr',
    name: 'claude-code-router',
    file: ccrFile,
    read: readJsonSource,
    readDatabase: readCcrDatabase,
    harvest: harvestCcr,
  },
  {
    id: opencode.id,
    name: opencode.name,
    file: machine => opencode.files?.(AIM, machine)[0]?.file,
    read: readJsonSource,
    harvest: harvestOpencode,
  },
]

/**
 * One folder below the home, on Windows below %APPDATA% (documentation of claude-code-router, configuration/configuration-file). Since version 3 the
 * settings are in a database there; the JSON file of older ones may lie beside it and is not read by it any more.
 */
function ccrFile({ env, home, os, exists }: Machine): string {
  const roaming = os === 'win32' ? folderIn(env, 'APPDATA') : undefined
  const folder = roaming === undefined ? join(home, '.claude-code-router') : join(roaming, 'claude-code-router')
  const database = join(folder, 'config.sqlite')
  return exists(database) ? database : join(folder, 'config.json')
}

/** The sources whose settings are on this machine. */
export function foundSources(machine: Machine): readonly FoundSource[] {
  return SOURCES.flatMap(source => {
    const found = source.file(machine)
    return found !== undefined && machine.exists(found) ? [{ ...source, found }] : []
  })
}

/** The source of that name. Throws a usage fault. */
export function sourceNamed(text: string): Source {
  const source = SOURCES.find(({ id }) => id === text.toLowerCase())
  if (source !== undefined) return source
  const ids = SOURCES.map(({ id }) => id)
  throw new CliFault(EXIT.usage, `Settings of "${oneLine(text, 40)}" cannot be taken over.`, {
    fix: [...nearest(text.toLowerCase(), ids, 1).map(id => `Did you mean ${id}?`), `Known: ${ids.join(', ')}.`],
  })
}
