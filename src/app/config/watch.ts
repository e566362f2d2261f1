import { createHash } from 'node:crypto'
import { watch as watchFolder } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../base/clock.ts'

/** Editors write a file in several steps; this long after the last one it is read. */
const SETTLE_MS = 100
/** How often the file is looked at, for file systems that tell nothing. */
const POLL_MS = 2_000

/**
 * Calls `onChange` when the file's content is another than before, however it was written: in place, by renaming over it, or through a link.
 * A file that is gone changes nothing, since many editors delete before they write; `onGone` is told once. The folder's events are
 * used where there are any, and the file is looked at every two seconds besides. Returns the function that ends it.
 */
export function watchConfig(
  file: string,
  clock: Clock,
  onChange: () => void,
  onGone: () => void = () => {},
): () => void {
  let closed = false
  let gone = false
  let stamp = ''
  let cancelSettle: (() => void) | undefined
  let cancelPoll = () => {}
  let known = contentOf(file)

  async function compare(): Promise<void> {
    const before = await known
    const now = await contentOf(file)
    if (closed || now === before) return
    if (now === undefined) {
      if (!gone) onGone()
      gone = true
      return
    }
    gone = false
    known = Promise.resolve(now)
    onChange()
  }

  function settle(): void {
    cancelSettle?.()
    if (!closed) cancelSettle = clock.after(SETTLE_MS, compare)
  }

  async function poll(): Promise<void> {
    const now = await stampOf(file)
    if (closed) return
    if (now !== stamp) settle()
    stamp = now
    cancelPoll = clock.after(POLL_MS, poll)
  }

  const endFolder = watchEvents(dirname(file), settle)
  poll()
  return () => {
    closed = true
    cancelSettle?.()
    cancelPoll()
    endFolder()
  }
}

/** A folder that is not there, or a limit on watches, leaves the polling alone. */
function watchEvents(folder: string, onEvent: () => void): () => void {
  try {
    const watcher = watchFolder(folder, { persistent: false }, onEvent)
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return () => {}
  }
}

/** A digest of the content, undefined if there is no such file. */
async function contentOf(file: string): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  } catch {
    return undefined
  }
}

async function stampOf(file: string): Promise<string> {
  try {
    const facts = await stat(file)
    return `${facts.ino} ${facts.size} ${facts.mtimeMs}`
  } catch {
    return ''
  }
}
