/**
 * Message rows as lines of a window, as in irssi: `14:03 <alice> text`, with continuation lines indented, so
 * that nothing in them can pass for another row. Laid out once for each width; the caller caches the result.
 */
import { delimited } from '../../text/row-layout.ts'
import { cutTo, widthOf, wrap } from '../../text/width.ts'
import type { MessageRow, PresenceChange, PresenceRow, Row, TellRow } from '../model/transcript.ts'
import { type FrameLine, type Span, type Style, span } from './frame.ts'

export interface RowLook {
  readonly columns: number
  /** A time as the user wants it; empty if not at all. */
  readonly time: (ms: number) => string
}

/** Below this width, continuation lines begin nearly at the edge. */
const NARROW = 60
const NARROW_INDENT = 2
/** Columns of a name in a narrow window: enough to recognise it. */
const MIN_NAME_COLUMNS = 8
/** Names in one row of joins and leaves. */
const MAX_NAMES = 4

/** The lines of a row, none wider than the window. */
export function linesOfRow(row: Row, look: RowLook): readonly FrameLine[] {
  switch (row.kind) {
    case 'message':
      return messageLines(row, look)
    case 'info':
    case 'trouble':
      return tellLines(row, look)
    case 'presence':
      return presenceLines(row, look)
  }
}

function messageLines(row: MessageRow, look: RowLook): readonly FrameLine[] {
  const name = cutTo(row.name, Math.max(MIN_NAME_COLUMNS, Math.floor(look.columns / 4)))
  const person: Style = row.mentions ? 'mention' : `person-${row.look}`
  const lead = row.action
    ? [span('* ', 'faint'), span(delimited(name), person), span(' ')]
    : [span('<', 'faint'), span(name, person), span('> ', 'faint')]
  const quote =
    row.answers === undefined ? [] : [span(`${cutTo(`↪ ${row.answers}`, look.columns >> 1)}  `, 'faint')]
  return layOut([...lead, ...quote], row.text.split('\n'), look, {
    form: 'text',
    at: row.at,
    style: 'text',
    notes: notesOf(row, look),
  })
}

/** The notes after a message's text. */
function notesOf(row: MessageRow, look: RowLook): readonly Span[] {
  const late = row.lateAt === undefined ? [] : [span(lateNote(row.lateAt, look), 'faint')]
  return row.delivery === undefined ? late : [...late, span(deliveryMark(row.delivery), 'own')]
}

function lateNote(at: number, look: RowLook): string {
  const time = look.time(at)
  return time === '' ? '(late)' : `(late, came ${time})`
}

/** `·`: stored here; `✓2/4`: so many hold it; `✓✓`: everyone here holds it. */
function deliveryMark({ count, of }: { readonly count: number; readonly of: number }): string {
  if (count === 0) return '·'
  return count >= of ? '✓✓' : `✓${count}/${of}`
}

function tellLines(row: TellRow, look: RowLook): readonly FrameLine[] {
  const [sign, style] = row.kind === 'info' ? (['-- ', 'text'] as const) : (['!! ', 'trouble'] as const)
  const lead = [span(sign, row.kind === 'info' ? 'faint' : 'trouble')]
  return layOut(lead, row.lines, look, { form: 'columns', at: row.at, style, notes: [] })
}

function presenceLines(row: PresenceRow, look: RowLook): readonly FrameLine[] {
  const text = changesText(row.changes)
  return layOut([span('-- ', 'faint')], [text], look, { form: 'text', at: row.at, style: 'faint', notes: [] })
}

/** `alice, bob joined; carol left (quit)`, or their number. */
function changesText(changes: readonly PresenceChange[]): string {
  const parts = (['joined', 'quit', 'lost'] as const).flatMap(what => {
    const names = [
      ...new Set(changes.filter(change => change.what === what).map(({ name }) => delimited(name))),
    ]
    return names.length === 0 ? [] : [`${listed(names)} ${VERB[what]}`]
  })
  return parts.join('; ')
}

const VERB = { joined: 'joined', quit: 'left (quit)', lost: 'left (connection lost)' } as const

function listed(names: readonly string[]): string {
  if (names.length <= MAX_NAMES) return names.join(', ')
  return `${names.slice(0, MAX_NAMES - 1).join(', ')} and ${names.length - MAX_NAMES + 1} others`
}

interface RowBody {
  /** Whether the text is in columns, as help is: then continuation lines begin below the last column. */
  readonly form: 'text' | 'columns'
  readonly at: number
  readonly style: Style
  readonly notes: readonly Span[]
}

/** Time, lead and text, wrapped. */
function layOut(
  lead: readonly Span[],
  texts: readonly string[],
  look: RowLook,
  { at, style, notes, form }: RowBody,
): readonly FrameLine[] {
  const time = look.time(at)
  const head = [...(time === '' ? [] : [span(`${time} `, 'faint')]), ...lead]
  const headWidth = head.reduce((sum, { text }) => sum + widthOf(text), 0)
  const { columns } = look
  const indent = columns < NARROW ? NARROW_INDENT : widthOf(time) + 3
  const room = Math.max(1, columns - indent)
  const margin = span(' '.repeat(Math.min(indent, columns - 1)))
  const flow = form === 'columns' ? withIndent : wrap
  const wrapped = texts.flatMap((text, line) =>
    flow(text, line === 0 ? Math.max(1, columns - headWidth) : room, room),
  )
  const lines = wrapped.map((text, line) => [...(line === 0 ? head : [margin]), span(text, style)])
  return withNotes(lines, notes, { columns, margin })
}

function withIndent(text: string, first: number, room: number): readonly string[] {
  const lead = /^\s*(?:\S.*\S {2,}(?=\S))?/.exec(text)?.[0].length ?? 0
  const indent = Math.min(lead, Math.floor(room / 2))
  const [line = '', ...others] = wrap(text, first, room - indent)
  return [line, ...others.map(other => ' '.repeat(indent) + other)]
}

/** After the last line if there is room, otherwise below it. */
function withNotes(
  lines: readonly FrameLine[],
  notes: readonly Span[],
  { columns, margin }: { readonly columns: number; readonly margin: Span },
): readonly FrameLine[] {
  const all = [...lines]
  for (const note of notes) {
    const last = all.at(-1) ?? []
    const used = last.reduce((sum, { text }) => sum + widthOf(text), 0)
    if (used + 1 + widthOf(note.text) <= columns) all[all.length - 1] = [...last, span(' '), note]
    else all.push([margin, span(cutTo(note.text, columns - widthOf(margin.text)), note.style)])
  }
  return all
}
