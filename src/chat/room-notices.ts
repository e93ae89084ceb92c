/**
 * Turns a room's notices into events for users and programs: keys become peer ids, and every event names its
 * room.
 */
import type { Quote, Recalled, UiEvent } from '../api/events.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { PeerKey } from '../protocol/ids.ts'
import type { MessageWithState, RoomNotice } from '../room/events.ts'
import type { Reaction } from '../room/messages/amendments.ts'
import { showName } from '../text/name-book.ts'
import { bounded } from '../text/row-layout.ts'
import type { PeerLabels } from './peer-labels.ts'

export interface NoticeContext extends QuoteContext {
  readonly room: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const COUNT = new Intl.NumberFormat('en')

/** The event for a notice. */
export function eventOf(notice: RoomNotice, context: NoticeContext): UiEvent {
  const { room, directory } = context
  switch (notice.kind) {
    case 'message':
      return messageEvent(notice, context)
    case 'amended':
      return amendedEvent(notice, context)
    case 'sent':
      return { type: 'sent', room, id: notice.id, text: notice.text }
    case 'delivered': {
      const { id, count, of } = notice
      return { type: 'delivered', room, id, peer: directory.of(notice.peer).peer, count, of }
    }
    case 'joined':
      return { type: 'joined', room, name: notice.member.beacon.name, ...directory.of(notice.member.key) }
    case 'renamed': {
      const { member: person, formerName: was } = notice
      return { type: 'renamed', room, name: person.beacon.name, was, ...directory.of(person.key) }
    }
    case 'missing':
      return missingEvent(notice, context)
    case 'clock':
      return clockEvent(notice.aheadMs, room)
    case 'progress': {
      const { received, expected } = notice
      const text = `history: ${COUNT.format(received)} of ${COUNT.format(expected)} messages`
      return { type: 'notice', code: 'sync-progress', text, room, received, expected }
    }
    case 'left': {
      const { member: person, reason } = notice
      return { type: 'left', room, peer: directory.of(person.key).peer, name: person.beacon.name, reason }
    }
  }
}

function missingEvent(
  { author, name, count }: Extract<RoomNotice, { kind: 'missing' }>,
  { room, directory }: NoticeContext,
): UiEvent {
  const { peer, fingerprint } = directory.of(author)
  const from = name === '' ? fingerprint : bounded(showName(name))
  const what = count === 1 ? '1 message' : `${COUNT.format(count)} messages`
  const text = `${what} from ${from} missing, fetching`
  return { type: 'notice', code: 'missing', text, room, peer, name, count }
}

function clockEvent(aheadMs: number, room: string): UiEvent {
  const ahead = spanOf(aheadMs)
  const text =
    `your clock was set back: your last message in ${room} is ${ahead} ahead of it. Others see that one when their ` +
    'clocks get there; what you write now is seen at once. If the clock is wrong now, set it right.'
  return { type: 'notice', code: 'clock', text, room, aheadMs }
}

/** A rough duration in words: `5 minutes`, `26 hours`. */
function spanOf(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes < 120
    ? `${COUNT.format(minutes)} minutes`
    : `${COUNT.format(Math.round(minutes / 60))} hours`
}

function messageEvent(notice: Extract<RoomNotice, { kind: 'message' }>, context: NoticeContext): UiEvent {
  const { replied, via, place } = notice
  return {
    type: 'message',
    room: context.room,
    ...wholeOf(notice, context),
    receivedAt: context.now(),
    via,
    late: place === 'late',
    ...(replied && { replied: quoteOf(replied, context) }),
  }
}

function amendedEvent(notice: Extract<RoomNotice, { kind: 'amended' }>, context: NoticeContext): UiEvent {
  const { by, amendment, amended: told, via } = notice
  const common = {
    room: context.room,
    id: told.envelope.id,
    peer: context.directory.of(by.author).peer,
    name: amendment.name,
    eventId: by.id,
    via,
    own: by.author === context.self,
    about: quoteOf(told, context),
  }
  switch (amendment.kind) {
    case 'edit':
      return { type: 'edited', ...common, text: amendment.newText, editedAt: by.ts }
    case 'deletion':
      return { type: 'deleted', ...common, deletedAt: by.ts }
    case 'reaction':
      return { type: 'reacted', ...common, emoji: amendment.emoji, on: amendment.isOn, reactedAt: by.ts }
  }
}

// Messages as events carry them, with their state: in full, or quoted by others.

export interface QuoteContext {
  readonly self: PeerKey
  readonly directory: PeerLabels
  /** True for people the user ignores. */
  readonly isIgnored?: (author: PeerKey) => boolean
}

/** UTF-16 units of a quoted text: a few lines. */
const MAX_QUOTED = 300

/** The message in full. */
export function wholeOf({ envelope, state: standing }: MessageWithState, context: QuoteContext): Recalled {
  const { said, edited, deleted } = standing
  const reactions = standing.reactions.filter(({ author }) => !context.isIgnored?.(author))
  return {
    ...writtenBy(envelope, context),
    name: said.name,
    text: said.text,
    action: said.kind === 'action',
    sentAt: envelope.ts,
    ...(said.kind === 'code' && { code: true }),
    ...(said.kind === 'reply' && { replyTo: said.ref }),
    ...(edited && { editedAt: edited.ts }),
    ...(deleted && { deletedAt: deleted.ts }),
    ...(reactions.length > 0 && { reactions: reactions.map(reaction => reactionOf(reaction, context)) }),
  }
}

/** What identifies a message to a user. */
export function quoteOf({ envelope, state: { said } }: MessageWithState, context: QuoteContext): Quote {
  const text =
    context.isIgnored?.(envelope.author) === true ? '' : said.text.slice(0, MAX_QUOTED).toWellFormed()
  return { ...writtenBy(envelope, context), name: said.name, sentAt: envelope.ts, text }
}

function writtenBy({ id, author }: Envelope, { self, directory }: QuoteContext) {
  return { id, peer: directory.of(author).peer, own: author === self }
}

function reactionOf({ author, name, emoji }: Reaction, { directory }: QuoteContext) {
  return { peer: directory.of(author).peer, name, emoji }
}
