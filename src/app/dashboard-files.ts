import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { DashboardFile, DashboardFiles } from '../http/dashboard.ts'
import type { LogLine } from './app.ts'
import { type BuiltFile, buildDashboard, DASHBOARD_FOLDERS, PAGE } from './dashboard-build.ts'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const compress = promisify(gzip)

/**
 * The dashboard's files, read when first asked for and kept. In a checkout they are built in memory where there is no build, or one that is
 * older than its sources.
 */
export function openDashboardFiles(log: (line: LogLine) => void): DashboardFiles {
  let reading: Promise<ReadonlyMap<string, DashboardFile>> | undefined

  async function read(): Promise<ReadonlyMap<string, DashboardFile>> {
    try {
      const files = (await isBuilt()) ? await readBuilt() : await buildDashboard()
      return new Map(await Promise.all(files.map(async file => [file.name, await servable(file)] as const)))
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown'
      log({
        level: 'warn',
        message: `The dashboard cannot be shown: its files are neither built nor buildable. ${why}`,
      })
      return new Map()
    }
  }

  function files(): Promise<ReadonlyMap<string, DashboardFile>> {
    reading ??= read()
    return reading
  }

  return {
    page: async () => (await files()).get(PAGE),
    asset: async name => (name === PAGE ? undefined : (await files()).get(name)),
  }
}

/** Without sources there is only the build. */
async function isBuilt(): Promise<boolean> {
  const { built, sources } = DASHBOARD_FOLDERS
  const [of, newest] = await Promise.all([changedAt(join(built, PAGE)), newestBelow(sources)])
  return newest === undefined || (of !== undefined && of >= newest)
}

async function changedAt(path: string): Promise<number | undefined> {
  return await stat(path).then(
    found => found.mtimeMs,
    () => undefined,
  )
}

/** When a file below was changed last, milliseconds since 1970; undefined if there is none. */
async function newestBelow(folder: string): Promise<number | undefined> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const times = await Promise.all(names.map(name => changedAt(join(folder, name))))
  const known = times.filter(time => time !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

async function readBuilt(): Promise<readonly BuiltFile[]> {
  const { built } = DASHBOARD_FOLDERS
  const names = await readdir(built)
  return await Promise.all(
    names.map(async name => ({ name, bytes: new Uint8Array(await readFile(join(built, name))) })),
  )
}

async function servable({ name, bytes }: BuiltFile): Promise<DashboardFile> {
  const zipped = new Uint8Array(await compress(bytes, { level: 9 }))
  return {
    bytes,
    contentType: CONTENT_TYPES[extname(name)] ?? 'application/octet-stream',
    ...(zipped.length < bytes.length ? { gzipped: zipped } : {}),
  }
}
