/**
 * Rows as lines of a terminal or a file, as in irssi and weechat: `14:03:22 [tea] <alice> text`. Further
 * lines of a text are indented, so that nothing in them can pass for a row. It doesn't wrap; terminals do.
 */
import type { Colouring } from './colours.ts'
import type { TimeFormat } from './time-format.ts'

/** A little wider than a time and its gap, so that continuation lines stand out. */
const INDENT = ' '.repeat('hh:mm:ss '.length + 2)

export interface LayoutDeps {
  readonly clock: TimeFormat
  readonly ink: Colouring
}

/** `lone` leaves out the room, if there is only one. */
export function layOut(row: Row, rooms: 'lone' | 'several', deps: LayoutDeps): string[] {
  const { clock, ink } = deps
  const [first = '', ...others] = row.lines
  const time = ink.faint(clock.time(row.at))
  const room = rooms === 'lone' || row.room === undefined ? '' : `${ink.faint(`[${row.room}]`)} `
  const lines = [`${time} ${room}${rowPrefix(row.sign, first, ink)}`, ...others.map(line => INDENT + line)]
  if (row.writtenAt === undefined) return lines
  return [...lines.slice(0, -1), `${lines.at(-1)} ${ink.faint(lateNote(row.at, row.writtenAt, clock))}`]
}

/**
 * Messages from the log, as lines below the row that introduces them. Each has its time; further lines of its
 * text are indented more, so that none can pass for another message.
 */
export function layOutRecalled(sign: Sign, lines: readonly string[], at: number, deps: LayoutDeps): string[] {
  const { clock, ink } = deps
  const [first = '', ...others] = lines
  const when = ink.faint(`${clock.date(at)} ${clock.time(at)}`)
  return [`${when} ${rowPrefix(sign, first, ink)}`, ...others.map(line => `  ${line}`)]
}

/** The line between two days. */
export function dayLine(date: string, ink: Colouring): string {
  return ink.faint(`-- ${date} --`)
}

function rowPrefix(sign: Sign, text: string, ink: Colouring): string {
  switch (sign.kind) {
    case 'says':
      return `<${ink.person(sign.peer, sign.name)}${sign.to === undefined ? '' : ` → ${sign.to}`}> ${text}`
    case 'acts':
      return `* ${ink.person(sign.peer, delimited(sign.name))} ${text}`
    case 'info':
      return `${ink.faint('--')} ${text}`
    case 'trouble':
      return `${ink.highlight('!!')} ${text}`
  }
}

/** A name within a sentence: one with spaces needs visible ends, or its words would read as parley's. */
export function delimited(name: string): string {
  return name.includes(' ') ? `<${name}>` : name
}

function lateNote(at: number, writtenAt: number, clock: TimeFormat): string {
  const day = clock.date(writtenAt) === clock.date(at) ? '' : `${clock.date(writtenAt)} `
  return `(late, written ${day}${clock.minute(writtenAt)})`
}

// The rows of line mode before layout, all safe to print. Whoever makes rows knows events and people; the
// layout knows times, widths and colours.

/** What kind of row it is, by its prefix. */
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
  /** Safe to print; absent if the row concerns no room. */
  readonly room?: string
  /** The time of writing, if the message arrived too late for its place. */
  readonly writtenAt?: number
}
