import { timeParts } from '../admin/story/amounts.ts'
import type { Clock } from '../base/clock.ts'
import type { Receipt } from '../ledger/receipt.ts'
import type { CallWatcher } from '../pipeline/watcher.ts'
import type { LogLine } from './app.ts'
import { callFields, type LogLevel, type LogPaint, levelOf, prettyCall } from './call-line.ts'
import { type LineStream, openLineSink } from './line-sink.ts'

/** The log: one line a call, and one for each thing that no reply tells. */
export interface CallLog extends CallWatcher {
  /** A line of the program's own. */
  say(line: LogLine): void
  /** Hands over what is still collected: at the end, and before other things are written to the same place. */
  flush(): void
}

/** How a log is written. */
export interface CallLogOptions {
  /** `json`: one JSON object a line. `pretty`: for people. */
  readonly format: 'json' | 'pretty'
  readonly stream: LineStream
  readonly clock: Clock
  /** Colours of `pretty`. Absent: none. */
  readonly paint?: LogPaint
}

/** As the configuration has it. */
export type LogFormat = 'auto' | 'json' | 'pretty' | 'off'

/** The form that `auto` means for this place. With `off` calls are not told, and the program's own lines stand as `auto` would have them. */
export function formatFor(format: LogFormat, isTerminal: boolean): 'json' | 'pretty' {
  if (format === 'json' || format === 'pretty') return format
  return isTerminal ? 'pretty' : 'json'
}

/** Opens the log. */
export function openCallLog(options: CallLogOptions): CallLog {
  const { clock, stream } = options
  const write = options.format === 'json' ? jsonLines() : prettyLines(options.paint ?? ((_style, text) => text))
  const sink = openLineSink(stream, clock, lines =>
    write.said(clock.now(), {
      level: 'warn',
      message: `${lines} log lines were dropped: nobody read them in time. Every call is in the ledger.`,
    }),
  )
  return {
    name: 'log',
    ended: receipt => sink.line(write.call(clock.now(), levelOf(receipt), receipt)),
    say: line => sink.line(write.said(clock.now(), line)),
    flush: () => sink.flush(),
  }
}

interface Writer {
  call(now: number, level: LogLevel, receipt: Receipt): string
  said(now: number, line: LogLine): string
}

function jsonLines(): Writer {
  return {
    call(now, level, receipt) {
      return JSON.stringify({ time: new Date(now).toISOString(), level, message: 'call', ...callFields(receipt) })
    },
    said: (now, { level, message, fields }) =>
      JSON.stringify({ time: new Date(now).toISOString(), level, message, ...fields }),
  }
}

function prettyLines(paint: LogPaint): Writer {
  return {
    call: (now, level, receipt) => `${paint('dim', timeParts(now).time)} ${prettyCall(receipt, level, paint)}`,
    said(now, { level, message }) {
      const word = level === 'error' ? paint('red', 'error: ') : level === 'warn' ? paint('yellow', 'warning: ') : ''
      return `${paint('dim', timeParts(now).time)} ${word}${message}`
    },
  }
}
