import type { Clock } from '../base/clock.ts'

/** Where lines go: a stream of the process. `done` is called when the text has left the process. */
export interface LineStream {
  write(text: string, done: () => void): unknown
}

/** Takes lines from the path of calls. Never waits for whoever reads them. */
export interface LineSink {
  /** Takes a line, without its line break. It is dropped, and counted, if too much waits already. */
  line(text: string): void
  /** Hands over at once what was collected. */
  flush(): void
}

/** Lines are handed over together, this many milliseconds after the first of them. */
export const FLUSH_MS = 50

/** Most characters that may wait for a reader that is slow, or gone. */
export const WAITING_CHARS_MAX = 1024 * 1024

/** Opens a sink. `lost` words the line that tells how many were dropped, once there is room again. */
export function openLineSink(stream: LineStream, clock: Clock, lost: (lines: number) => string): LineSink {
  let collected = ''
  let waiting = 0
  let dropped = 0
  let cancel: (() => void) | undefined

  function flush(): void {
    cancel?.()
    cancel = undefined
    if (collected === '') return
    const text = collected
    collected = ''
    waiting += text.length
    stream.write(text, () => {
      waiting -= text.length
      tellLost()
    })
  }

  function take(text: string): void {
    collected += `${text}\n`
    cancel ??= clock.after(FLUSH_MS, flush)
  }

  function tellLost(): void {
    if (dropped === 0 || waiting > WAITING_CHARS_MAX / 2) return
    const lines = dropped
    dropped = 0
    take(lost(lines))
  }

  return {
    line(text) {
      if (waiting + collected.length + text.length <= WAITING_CHARS_MAX) take(text)
      else dropped += 1
    },
    flush,
  }
}
