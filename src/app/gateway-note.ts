import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson } from '../base/json.ts'
import { asNumber, asObject, asString } from '../base/json-value.ts'
import type { GatewayNote } from './app.ts'

/** Where the gateway of a data folder writes about itself. */
export function gatewayNotePath(dataDir: string): string {
  return join(dataDir, 'gateway.json')
}

/** What the gateway of this data folder has written about itself; undefined if there is nothing readable. */
export async function readGatewayNote(dataDir: string): Promise<GatewayNote | undefined> {
  const text = await readFile(gatewayNotePath(dataDir), 'utf8').catch(() => '')
  const read = parseJson(text)
  const note = read.ok ? asObject(read.value) : undefined
  const pid = asNumber(note?.['pid'])
  const url = asString(note?.['url'])
  if (pid === undefined || url === undefined || !/^https?:\/\//.test(url)) return undefined
  const startedAt = asString(note?.['startedAt']) ?? ''
  const adminToken = asString(note?.['adminToken'])
  const version = asString(note?.['version']) ?? ''
  return { pid, url, startedAt, version, ...(adminToken === undefined ? {} : { adminToken }) }
}
