/** How times are written by the clock of the gateway, wherever the browser is. */
export interface Zone {
  /** As a browser knows it; absent: it does not know this one, and its own is used. */
  readonly name?: string
  /** `2026-11-29` */
  day(ms: number): string
  /** `2026-11-29 14:00` */
  minute(ms: number): string
  /** `29 Nov` */
  shortDay(ms: number): string
  /** `14:00`, and at midnight the day. */
  shortHour(ms: number): string
}

/** The clock of that time zone. */
export function zoneOf(name: string): Zone {
  const known = isKnown(name) ? { timeZone: name } : {}
  // Sweden writes dates as ISO 8601 does.
  const day = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', ...known })
  const minute = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', ...known })
  const hour = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'short', ...known })
  const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', ...known })
  return {
    ...(isKnown(name) ? { name } : {}),
    day: ms => day.format(ms),
    minute: ms => minute.format(ms),
    shortDay: ms => shortDay.format(ms),
    shortHour(ms) {
      const text = hour.format(ms)
      return text === '00:00' ? shortDay.format(ms) : text
    },
  }
}

function isKnown(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
