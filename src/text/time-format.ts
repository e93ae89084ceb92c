/**
 * Times in line mode: always the same width, independent of locale. It reads no clock; some of the times it
 * is given come from strangers, so every number has a form.
 */

export interface TimeFormat {
  /** `14:03:22` of milliseconds since the epoch. */
  time(ms: number): string
  /** `14:03` */
  minute(ms: number): string
  /** `2026-11-22` */
  date(ms: number): string
}

/** The range of ECMAScript's dates (https://tc39.es/ecma262/#sec-time-values-and-time-range). */
const MAX_DATE_MS = 8.64e15

const MS_PER_SECOND = 1_000

interface Reading {
  readonly time: string
  readonly date: string
}

const UNREADABLE: Reading = { time: '--:--:--', date: '----------' }

/** The format for an IANA time zone, or for the host's own. */
export function timeFormat(timeZone?: string): TimeFormat {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...FIELDS,
    ...(timeZone === undefined ? {} : { timeZone }),
  })
  // Many messages a second share a time, and formatting one costs as much as formatting a message.
  let cached = { second: Number.NaN, reading: UNREADABLE }
  const read = (ms: number): Reading => {
    const second = Math.floor(ms / MS_PER_SECOND)
    if (second !== cached.second) cached = { second, reading: readingOf(format, ms) }
    return cached.reading
  }
  return {
    time: ms => read(ms).time,
    minute: ms => read(ms).time.slice(0, 'hh:mm'.length),
    date: ms => read(ms).date,
  }
}

const FIELDS = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
} as const

function readingOf(format: Intl.DateTimeFormat, ms: number): Reading {
  if (!(Math.abs(ms) <= MAX_DATE_MS)) return UNREADABLE
  const parts = new Map(format.formatToParts(ms).map(part => [part.type, part.value]))
  const joined = (separator: string, ...fields: Intl.DateTimeFormatPartTypes[]): string =>
    fields.map(field => parts.get(field)).join(separator)
  return { time: joined(':', 'hour', 'minute', 'second'), date: joined('-', 'year', 'month', 'day') }
}
