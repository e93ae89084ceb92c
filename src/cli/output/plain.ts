/**
 * Line mode: each event as zero or more printable lines for people, for pipes, files, dumb terminals and
 * screen readers. It keeps only what a line depends on: names, the number of rooms, the last day and path
 * shown. It prints nothing and reads no clock.
 */

import type { DeletedEvent, EditedEvent, MessageEvent, ReactedEvent, UiEvent } from '../../api/events.ts'
import { mixedScripts } from '../../room/names/names.ts'
import { type Colour, colouringOf } from '../../text/colours.ts'
import {
  answerText,
  deletedLine,
  editedLines,
  reactedLine,
  recalledLines,
  sentence,
  shownLines,
  signOf,
  stayingText,
  textLines,
  undeliveredText,
} from '../../text/message-text.ts'
import { MAX_REMEMBERED, NameBook, showName } from '../../text/name-book.ts'
import type { Row } from '../../text/row-layout.ts'
import { dayLine, delimited, type LayoutDeps, layOut } from '../../text/row-layout.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import type { TimeFormat } from '../../text/time-format.ts'

export interface PlainConfig {
  readonly colour: Colour
  readonly clock: TimeFormat
  /** Own peer id. */
  readonly self: string
  /** `terminal` if the terminal shows what is typed, so that own messages aren't repeated. */
  readonly echo: 'terminal' | 'none'
  /** The fingerprint of a peer id, for tags. Never throws. */
  readonly fingerprintOf: (peer: string) => string
}

type EventOf<Type extends UiEvent['type']> = Extract<UiEvent, { readonly type: Type }>

/** An event's properties for a row of parley's own text. */
type RowContext = Pick<Row, 'at' | 'room'>

export class PlainView {
  readonly #config: PlainConfig
  readonly #deps: LayoutDeps
  readonly #names: NameBook
  /** The rooms that this user is in. */
  readonly #rooms = new Set<string>()
  /** Peers last seen on a relay: a direct path, the normal case, is worth a line only after a relayed one. */
  readonly #relayed = new Set<string>()
  /** Recently shown messages. */
  readonly #shown = new Set<string>()
  #day: string | undefined

  constructor(config: PlainConfig) {
    this.#config = config
    this.#deps = { clock: config.clock, ink: colouringOf(config.colour) }
    this.#names = new NameBook(config.fingerprintOf)
  }

  /** The lines of an event, without line ends. `now` is milliseconds since the epoch. */
  lines(event: UiEvent, now: number): string[] {
    this.#noteRooms(event)
    const rooms = this.#rooms.size > 1 ? 'several' : 'lone'
    this.#day ??= this.#deps.clock.date(now)
    return this.#rows(event, now).flatMap(row => [...this.#newDay(row), ...layOut(row, rooms, this.#deps)])
  }

  #newDay(row: Row): string[] {
    const day = this.#deps.clock.date(row.at)
    if (day === this.#day) return []
    this.#day = day
    return [dayLine(day, this.#deps.ink)]
  }

  #rows(event: UiEvent, now: number): Row[] {
    const about = aboutEvent(event, now)
    switch (event.type) {
      case 'message':
        return this.#messageRows(event)
      case 'edited':
      case 'deleted':
      case 'reacted':
        return this.#amendedRows(event, about)
      case 'ready':
        return [info(about, readyText(this.#names.learn(event.peer, event.name), event))]
      case 'joined':
        return this.#joinedRows(event, about)
      case 'renamed':
        return this.#renamedRows(event, about)
      case 'left':
        return this.#leftRows(event, about)
      case 'path':
        return this.#pathRows(event, about)
      case 'helper':
        return [info(about, helperText(event))]
      case 'notice':
        return [{ ...about, sign: { kind: 'info' }, lines: this.#noticeLines(event) }]
      case 'error':
        return [trouble(about, `${sentence(event.text)} ${sentence(event.remedy)}`)]
      case 'bye':
        return event.undelivered === 0 ? [] : [trouble(about, undeliveredText(event.undelivered))]
      case 'sent':
      case 'delivered':
      case 'synced':
        return []
    }
  }

  #messageRows(event: MessageEvent): Row[] {
    const name = this.#names.learn(event.peer, event.name)
    const to = answerText(event, this.#nameOf)
    // the terminal shows what was typed, but not which message a number referred to
    if (event.own && event.via === 'live' && this.#config.echo === 'terminal')
      return to === undefined
        ? []
        : [info({ at: event.receivedAt, room: sanitiseLine(event.room) }, `your answer is to ${to}`)]
    // History shows the time of writing, live messages the time of arrival, since others' clocks may be
    // wrong.
    const at = event.via === 'history' && !event.late ? event.sentAt : event.receivedAt
    addBounded(this.#shown, event.id)
    const row: Row = {
      sign: { ...signOf(event, name), ...(to !== undefined && { to }) },
      lines: shownLines(event, this.#nameOf),
      at,
      room: sanitiseLine(event.room),
    }
    return [event.late ? { ...row, writtenAt: event.sentAt } : row]
  }

  /** An old amendment is worth a line only if its message was shown. */
  #amendedRows(event: EditedEvent | DeletedEvent | ReactedEvent, about: RowContext): Row[] {
    if (event.via === 'history' && !this.#shown.has(event.id)) return []
    const who = this.#names.learn(event.peer, event.name)
    const when = this.#whenWritten(event.about.sentAt, about.at)
    switch (event.type) {
      case 'edited':
        return [{ ...about, sign: { kind: 'info' }, lines: editedLines(event, who, when) }]
      case 'deleted':
        return [info(about, deletedLine(who, when))]
      case 'reacted':
        return [info(about, reactedLine(event, who, this.#nameOf))]
    }
  }

  #whenWritten(writtenAt: number, now: number): string {
    const { clock } = this.#config
    const day = clock.date(writtenAt) === clock.date(now) ? '' : `${clock.date(writtenAt)} `
    return `${day}${clock.minute(writtenAt)}`
  }

  readonly #nameOf = (peer: string, name: string): string =>
    this.#names.find(peer) ?? this.#names.learn(peer, name)

  #noticeLines({ text, messages = [] }: EventOf<'notice'>): string[] {
    const recalled = recalledLines(messages, this.#names, this.#deps)
    return [...textLines({ text: recalled.length === 0 ? text : `${text}:` }), ...recalled]
  }

  #joinedRows(event: EventOf<'joined'>, about: RowContext): Row[] {
    const name = this.#names.learn(event.peer, event.name)
    if (event.peer === this.#config.self) return []
    const path = this.#relayed.has(event.peer) ? ', connected through a relay' : ''
    const text = `${delimited(name)} joined (${sanitiseLine(event.fingerprint)})${path}`
    return [info(about, text), ...warnings(about, name, event.name)]
  }

  #renamedRows(event: EventOf<'renamed'>, about: RowContext): Row[] {
    const was = this.#names.find(event.peer) ?? showName(event.was)
    const name = this.#names.learn(event.peer, event.name)
    return [info(about, `${delimited(was)} is now ${delimited(name)}`), ...warnings(about, name, event.name)]
  }

  #leftRows(event: EventOf<'left'>, about: RowContext): Row[] {
    const name = this.#names.learn(event.peer, event.name)
    this.#relayed.delete(event.peer)
    if (event.peer === this.#config.self) return []
    const reason = event.reason === 'quit' ? 'quit' : 'connection lost'
    return [info(about, `${delimited(name)} left (${reason})`)]
  }

  /**
   * Worth a line: that a path is relayed, and that it no longer is. A peer that isn't here yet is reported on
   * joining.
   */
  #pathRows(event: EventOf<'path'>, about: RowContext): Row[] {
    const wasRelayed = this.#relayed.has(event.peer)
    if (event.because !== undefined) return this.#stayingRows(event, about)
    if (wasRelayed === (event.path === 'relayed')) return []
    if (wasRelayed) this.#relayed.delete(event.peer)
    else addBounded(this.#relayed, event.peer)
    const name = this.#names.find(event.peer)
    if (name === undefined) return []
    const how = event.path === 'relayed' ? 'through a relay' : 'directly'
    const figures = `${sanitiseLine(event.transport)}, ${Math.round(event.rttMs)} ms`
    return [info(about, `${delimited(name)} is now connected ${how} (${figures})`)]
  }

  #stayingRows({ peer, because = '' }: EventOf<'path'>, about: RowContext): Row[] {
    addBounded(this.#relayed, peer)
    const name = this.#names.find(peer)
    return name === undefined ? [] : [info(about, stayingText(delimited(name), because))]
  }

  #noteRooms(event: UiEvent): void {
    if (event.type === 'left' && event.peer === this.#config.self) this.#rooms.delete(event.room)
    else if ('room' in event && typeof event.room === 'string') this.#rooms.add(event.room)
  }
}

/** Evicts the oldest beyond the bound. */
function addBounded(ids: Set<string>, id: string): void {
  ids.add(id)
  if (ids.size > MAX_REMEMBERED) ids.delete(ids.values().next().value ?? id)
}

/** Warnings about a name: ways to be mistaken for someone else. */
function warnings(about: RowContext, name: string, claim: string): Row[] {
  const tagged = name !== showName(claim) ? ["this name looks like somebody else's: mind the tags"] : []
  const mixed = mixedScripts(claim) ? ['this name has letters of several alphabets'] : []
  return [...tagged, ...mixed].map(text => info(about, `careful with ${delimited(name)}: ${text}`))
}

function aboutEvent(event: UiEvent, now: number): RowContext {
  return 'room' in event && typeof event.room === 'string'
    ? { at: now, room: sanitiseLine(event.room) }
    : { at: now }
}

function info(about: RowContext, text: string): Row {
  return { ...about, sign: { kind: 'info' }, lines: [text] }
}

function trouble(about: RowContext, text: string): Row {
  return { ...about, sign: { kind: 'trouble' }, lines: [text] }
}

function readyText(name: string, event: EventOf<'ready'>): string {
  return `parley ${sanitiseLine(event.version)}: you are ${delimited(name)} in room ${sanitiseLine(event.room)}`
}

function helperText(event: EventOf<'helper'>): string {
  return event.state === 'connected'
    ? `helper connected (${sanitiseLine(event.address)})`
    : 'helper lost: the room goes on without it, trying again'
}
