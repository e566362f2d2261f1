import { createHash } from 'node:crypto'
import { readFileSync, type Stats, statSync, watch as watchFolder } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { CONFIG_BYTES_MAX } from './load.ts'

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
  // Read before returning: a change right after the call must not become what is known.
  let known = contentNow(file)

  async function compare(): Promise<void> {
    const now = await contentOf(file)
    if (closed || now === known) return
    if (now === undefined) {
      if (!gone) onGone()
      gone = true
      return
    }
    gone = false
    known = now
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
    const facts = await stat(file)
    return isReadable(facts) ? digest(await readFile(file)) : stampText(facts)
  } catch {
    return undefined
  }
}

function contentNow(file: string): string | undefined {
  try {
    const facts = statSync(file)
    return isReadable(facts) ? digest(readFileSync(file)) : stampText(facts)
  } catch {
    return undefined
  }
}

/** Anything else is refused when it is loaded; here it only must not be read whole, or waited for. */
function isReadable(facts: Stats): boolean {
  return facts.isFile() && facts.size <= CONFIG_BYTES_MAX
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function stampText(facts: Stats): string {
  return `${facts.ino} ${facts.size} ${facts.mtimeMs}`
}

async function stampOf(file: string): Promise<string> {
  try {
    return stampText(await stat(file))
  } catch {
    return ''
  }
}
