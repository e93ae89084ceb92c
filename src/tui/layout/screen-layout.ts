/**
 * Draws the screen: the transcript with the member list beside it, questions and choices, the status line,
 * and the input box. A pure function, except that it applies a pending scroll request.
 */

import { sanitiseLine } from '../../text/sanitise.ts'
import type { TimeFormat } from '../../text/time-format.ts'
import { cutTo, fitTo, widthOf } from '../../text/width.ts'
import { foundLine } from '../editor/input-history.ts'
import { referenceText } from '../model/message-reference.ts'
import type { ScreenSettings } from '../model/state.ts'
import { activeRoom, type ScreenState } from '../model/state.ts'
import { type Frame, type FrameLine, type Span, span } from './frame.ts'
import { type InputBox, inputBox } from './input-box.ts'
import { PEOPLE_COLUMNS, peopleList, statusLine, WIDE_COLUMNS } from './status-line.ts'
import type { TranscriptWindow, WindowLook } from './transcript-window.ts'

/** Smaller windows are drawn at this size and cut. */
const MIN_SIZE = { columns: 10, rows: 4 }
/** Choices shown at a time. */
const MENU_LINES = 6

/** The sizes of the screen's parts. */
export interface Layout {
  readonly columns: number
  readonly rows: number
  /** Columns of the transcript. */
  readonly width: number
  /** Lines of the transcript. */
  readonly height: number
  readonly hasPeople: boolean
  readonly input: InputBox
  readonly offer: readonly FrameLine[]
}

export function layoutOf(state: ScreenState): Layout {
  const columns = Math.max(MIN_SIZE.columns, state.size.columns)
  const rows = Math.max(MIN_SIZE.rows, state.size.rows)
  const hasPeople = columns >= WIDE_COLUMNS && state.settings.people === 'auto'
  const input = inputOf(state, columns, Math.max(1, Math.floor(rows / 3)))
  const offer = modeLines(state, columns).slice(0, Math.max(0, rows - input.lines.length - 2))
  const height = Math.max(0, rows - input.lines.length - offer.length - 1)
  return {
    columns,
    rows,
    width: hasPeople ? columns - PEOPLE_COLUMNS : columns,
    height,
    hasPeople,
    input,
    offer,
  }
}

export function drawScreen(state: ScreenState, transcript: TranscriptWindow): Frame {
  const layout = layoutOf(state)
  const room = activeRoom(state)
  const look = windowLook(state.settings, state.clock, layout.width)
  const picked = state.mode.kind === 'pick' ? state.mode.id : undefined
  const shown = transcript.lines(room, look, layout.height, picked)
  const blank = Array.from({ length: layout.height - shown.length }, (): FrameLine => [])
  const body = [...blank, ...highlighted(state, shown)]
  const sides = layout.hasPeople ? peopleList(state, room, layout.height) : []
  const lines = [
    ...body.map((line, at) => joined(clipLine(line, layout.width), sides[at], layout.width)),
    ...layout.offer,
    statusLine(state, layout.columns),
    ...layout.input.lines,
  ]
  return cutFrame(state, lines, layout)
}

/** Windows below the least size are cut at the top, so that the input line stays. */
function cutFrame(state: ScreenState, lines: readonly FrameLine[], { input }: Layout): Frame {
  const { columns, rows } = state.size
  const first = lines.length - rows
  const kept = lines.slice(Math.max(0, first)).map(line => clipLine(line, columns))
  const y = rows - input.lines.length + input.cursor.y
  return {
    columns,
    rows,
    lines: kept,
    cursor: { x: Math.min(input.cursor.x, columns - 1), y: Math.max(0, Math.min(y, rows - 1)) },
  }
}

/** The look of rows with these settings. */
export function windowLook(settings: ScreenSettings, clock: TimeFormat, columns: number): WindowLook {
  return {
    columns,
    key: `${settings.time} ${settings.presence}`,
    time: timeFormat(settings.time, clock),
    date: clock.date,
    presence: settings.presence,
  }
}

function timeFormat(format: ScreenSettings['time'], clock: TimeFormat): (ms: number) => string {
  switch (format) {
    case 'minutes':
      return clock.minute
    case 'seconds':
      return clock.time
    case '12h':
      return ms => twelveHours(clock.minute(ms))
    case 'none':
      return () => ''
  }
}

/** `02:03pm` for `14:03`; an unreadable time stays as it is. */
function twelveHours(minute: string): string {
  const [hour = '', rest = ''] = minute.split(':')
  const hours = Number(hour)
  if (Number.isNaN(hours)) return minute
  return `${String(hours % 12 === 0 ? 12 : hours % 12).padStart(2, '0')}:${rest}${hours < 12 ? 'am' : 'pm'}`
}

function inputOf(state: ScreenState, columns: number, maxLines: number): InputBox {
  const { mode } = state
  if (mode.kind === 'search') {
    return inputBox(mode.words, mode.words.length, { columns, maxLines, prompt: 'search: ' })
  }
  const { line, target, history } = activeRoom(state)
  if (mode.kind === 'recall') {
    const { words, found } = mode.search
    const text = foundLine(history, mode.search) ?? line.text
    const prompt = `${cutTo(`history "${sanitiseLine(words)}`, Math.floor(columns / 2))}": `
    return inputBox(text, found?.cursor ?? line.cursor, { columns, maxLines, prompt })
  }
  const prompt = target === undefined ? '> ' : cutTo(target.prompt, Math.max(2, columns - MIN_SIZE.columns))
  return inputBox(line.text, line.cursor, { columns, maxLines, prompt })
}

/** The lines above the status line in some modes. */
function modeLines(state: ScreenState, columns: number): readonly FrameLine[] {
  const { mode } = state
  switch (mode.kind) {
    case 'typing': {
      const meant = referenceText(activeRoom(state))
      return meant === undefined ? [] : [[span(fitTo(` ${meant}`, columns), 'faint')]]
    }
    case 'menu':
      return menuLines(mode, columns)
    case 'paste': {
      const count = mode.text.split(/\r\n?|\n/).length
      const question = ` ${count} lines were pasted: Enter takes them into the line, Esc drops them`
      return [[span(fitTo(question, columns), 'selected')]]
    }
    case 'pick':
      return [[span(fitTo(PICK_KEYS, columns), 'selected')]]
    case 'recall': {
      const { isMissing } = mode.search
      return [[span(fitTo(isMissing ? NOT_TYPED : RECALL_KEYS, columns), isMissing ? 'trouble' : 'faint')]]
    }
    case 'search': {
      const missing = mode.words !== '' && mode.found === undefined
      const text = missing ? ' not found in what is loaded; /search looks through the whole log' : SEARCH_KEYS
      return [[span(fitTo(text, columns), missing ? 'trouble' : 'faint')]]
    }
  }
}

const PICK_KEYS = ' Up Down pick · r answer · e edit · d delete · + react · Esc back'

const RECALL_KEYS = ' C-r older, C-s newer, Enter sends it, Esc takes it into the line, C-g goes back'

const NOT_TYPED = ' you typed nothing with these words'

const SEARCH_KEYS = ' Up older, Down newer, Enter stays here, Esc goes back'

function menuLines(
  { completion, at }: Extract<ScreenState['mode'], { kind: 'menu' }>,
  columns: number,
): readonly FrameLine[] {
  const { choices } = completion
  const first = Math.max(0, Math.min(at - Math.floor(MENU_LINES / 2), choices.length - MENU_LINES))
  const width = Math.max(...choices.map(({ text }) => widthOf(text))) + 2
  return choices.slice(first, first + MENU_LINES).map(({ text, about }, place) => {
    const line = fitTo(cutTo(` ${fitTo(text, width)} ${about}`, columns), columns)
    return [span(line, first + place === at ? 'selected' : 'faint')]
  })
}

/** The lines with the search words highlighted. */
function highlighted(state: ScreenState, lines: readonly FrameLine[]): readonly FrameLine[] {
  const { mode } = state
  if (mode.kind !== 'search' || mode.words === '') return lines
  const wanted = mode.words.toLowerCase()
  return lines.map(line =>
    line.flatMap(part => (part.style === 'text' ? highlightSpan(part, wanted) : [part])),
  )
}

function highlightSpan(part: Span, wanted: string): readonly Span[] {
  const lower = part.text.toLowerCase()
  // if lower case has another length, offsets differ
  const at = lower.length === part.text.length ? lower.indexOf(wanted) : -1
  if (at === -1) return [part]
  const end = at + wanted.length
  const rest = { ...part, text: part.text.slice(end) }
  return [
    span(part.text.slice(0, at)),
    span(part.text.slice(at, end), 'match'),
    ...highlightSpan(rest, wanted),
  ]
}

function joined(line: FrameLine, side: FrameLine | undefined, width: number): FrameLine {
  const [edge, ...others] = side ?? []
  if (edge === undefined) return line
  const used = line.reduce((sum, { text }) => sum + widthOf(text), 0)
  return [...line, span(' '.repeat(Math.max(0, width - used))), { ...edge, column: width }, ...others]
}

/** The line in at most so many columns. */
function clipLine(line: FrameLine, columns: number): FrameLine {
  let left = columns
  const kept: Span[] = []
  for (const part of line) {
    const width = widthOf(part.text)
    if (width > left) return left > 0 ? [...kept, span(cutTo(part.text, left), part.style)] : kept
    kept.push(part)
    left -= width
  }
  return kept
}
