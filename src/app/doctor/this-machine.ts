import { readdir, readFile, readlink, statfs } from 'node:fs/promises'
import type { Machine } from './check.ts'

/** What of a {@link Machine} is the same wherever it runs. */
export const thisMachine: Pick<Machine, 'freeBytes' | 'listeners' | 'nameOf'> = {
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  },
  listeners,
  nameOf,
}

/** Where the system tells (Linux: /proc); those of other users are not seen. */
async function listeners(port: number): Promise<readonly number[]> {
  const inodes = new Set<string>()
  for (const table of ['tcp', 'tcp6']) {
    const text = await readFile(`/proc/net/${table}`, 'utf8').catch(() => '')
    for (const row of text.split('\n').slice(1)) {
      const cells = row.trim().split(/\s+/)
      const own = cells[1]?.split(':')[1] ?? ''
      if (Number.parseInt(own, 16) === port && cells[3] === LISTENING) inodes.add(`socket:[${cells[9]}]`)
    }
  }
  if (inodes.size === 0) return []
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name))
  const found: number[] = []
  for (const pid of pids) if (await hasSocket(pid, inodes)) found.push(Number(pid))
  return found
}

/** The state TCP_LISTEN in /proc/net/tcp. */
const LISTENING = '0A'

async function hasSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch(() => [])
  const targets = await Promise.all(names.map(name => readlink(`${folder}/${name}`).catch(() => '')))
  return targets.some(target => inodes.has(target))
}

async function nameOf(pid: number): Promise<string> {
  const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
  return name === '' ? '' : ` (${name.replace(/[^\x20-\x7e]/g, '?')})`
}
