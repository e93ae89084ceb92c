/**
 * Rows as lines of a terminal or a file, in the manner of irssi and weechat:
 * `14:03:22 [tea] <alice> text`. Further lines of a text are indented, so that nothing written in them can pass
 * for a row. It doesn't wrap; terminals do.
 */
import type { Colouring } from './colours.ts'
import type { TimeFormat } from './time-format.ts'

/** As wide as a time and the gap behind it, and a little more, so that continuations stand out. */
const INDENT = ' '.repeat('hh:mm:ss '.length + 2)

export interface LayoutDeps {
  readonly clock: TimeFormat
  readonly ink: Colouring
}

/** `lone` leaves out the room, where there is only one. */
export function layOut(row: Row, rooms: 'lone' | 'several', deps: LayoutDeps): string[] {
  const { clock, ink } = deps
  const [first = '', ...others] = row.lines
  const time = ink.faint(clock.time(row.at))
  const room = rooms === 'lone' || row.room === undefined ? '' : `${ink.faint(`[${row.room}]`)} `
  const lines = [`${time} ${room}${lead(row.sign, first, ink)}`, ...others.map(line => INDENT + line)]
  if (row.writtenAt === undefined) return lines
  return [...lines.slice(0, -1), `${lines.at(-1)} ${ink.faint(lateness(row.at, row.writtenAt, clock))}`]
}

/**
 * Messages that were looked up, as the lines under the row that introduces them. Each says when it was written;
 * further lines of its text stand deeper, so that none can pass for another message.
 */
export function layOutRecalled(sign: Sign, lines: readonly string[], at: number, deps: LayoutDeps): string[] {
  const { clock, ink } = deps
  const [first = '', ...others] = lines
  const when = ink.faint(`${clock.date(at)} ${clock.time(at)}`)
  return [`${when} ${lead(sign, first, ink)}`, ...others.map(line => `  ${line}`)]
}

/** The line between two days. */
export function dayLine(date: string, ink: Colouring): string {
  return ink.faint(`-- ${date} --`)
}

function lead(sign: Sign, text: string, ink: Colouring): string {
  switch (sign.kind) {
    case 'says':
      return `<${ink.person(sign.peer, sign.name)}${sign.to === undefined ? '' : ` → ${sign.to}`}> ${text}`
    case 'acts':
      return `* ${ink.person(sign.peer, bounded(sign.name))} ${text}`
    case 'info':
      return `${ink.faint('--')} ${text}`
    case 'trouble':
      return `${ink.loud('!!')} ${text}`
  }
}

/** A name within a sentence: one with spaces needs its ends shown, or the rest of it reads as said by parley. */
export function bounded(name: string): string {
  return name.includes(' ') ? `<${name}>` : name
}

function lateness(at: number, writtenAt: number, clock: TimeFormat): string {
  const day = clock.date(writtenAt) === clock.date(at) ? '' : `${clock.date(writtenAt)} `
  return `(late, written ${day}${clock.minute(writtenAt)})`
}

// What line mode shows, before it is laid out: rows of safe text. Who makes rows knows events and people; who
// lays them out knows times, widths and colours.

/** What a row is, by the sign in front of it. */
export type Sign =
  /** `<alice>`; `<alice → bob "are you">` in answer to something, of which `to` is safe to print */
  | { readonly kind: 'says'; readonly peer: string; readonly name: string; readonly to?: string }
  /** `* alice` */
  | { readonly kind: 'acts'; readonly peer: string; readonly name: string; readonly to?: string }
  /** `--` */
  | { readonly kind: 'info' }
  /** `!!` */
  | { readonly kind: 'trouble' }

export interface Row {
  readonly sign: Sign
  /** At least one, each without line ends and safe to print. */
  readonly lines: readonly string[]
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Safe to print; absent if the row is about no room. */
  readonly room?: string
  /** When it was written, if it came too late to be shown in its place. */
  readonly writtenAt?: number
}
