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
import { delimited } from '../text/row-layout.ts'
import type { PeerLabels } from './peer-labels.ts'

export interface NoticeContext extends QuoteContext {
  readonly room: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const COUNT = new Intl.NumberFormat('en')

/** The event for a notice. */
export function eventOf(notice: RoomNotice, context: NoticeContext): UiEvent {
  const { room, labels } = context
  switch (notice.kind) {
    case 'message':
      return messageEvent(notice, context)
    case 'amended':
      return amendedEvent(notice, context)
    case 'sent':
      return { type: 'sent', room, id: notice.id, text: notice.text }
    case 'delivered': {
      const { id, count, of } = notice
      return { type: 'delivered', room, id, peer: labels.of(notice.peer).peer, count, of }
    }
    case 'joined':
      return { type: 'joined', room, name: notice.member.beacon.name, ...labels.of(notice.member.key) }
    case 'renamed': {
      const { member, formerName } = notice
      return { type: 'renamed', room, name: member.beacon.name, was: formerName, ...labels.of(member.key) }
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
      return { type: 'left', room, peer: labels.of(person.key).peer, name: person.beacon.name, reason }
    }
  }
}

function missingEvent(
  { author, name, count }: Extract<RoomNotice, { kind: 'missing' }>,
  { room, labels }: NoticeContext,
): UiEvent {
  const { peer, fingerprint } = labels.of(author)
  const from = name === '' ? fingerprint : delimited(showName(name))
  const what = count === 1 ? '1 message' : `${COUNT.format(count)} messages`
  const text = `${what} from ${from} missing, fetching`
  return { type: 'notice', code: 'missing', text, room, peer, name, count }
}

function clockEvent(aheadMs: number, room: string): UiEvent {
  const ahead = durationText(aheadMs)
  const text =
    `your clock was set back: your last message in ${room} is ${ahead} ahead of it. Others see that one when their ` +
    'clocks get there; what you write now is seen at once. If the clock is wrong now, set it right.'
  return { type: 'notice', code: 'clock', text, room, aheadMs }
}

/** A rough duration in words: `5 minutes`, `26 hours`. */
function durationText(ms: number): string {
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
    ...fullMessageOf(notice, context),
    receivedAt: context.now(),
    via,
    late: place === 'late',
    ...(replied && { replied: quoteOf(replied, context) }),
  }
}

function amendedEvent(notice: Extract<RoomNotice, { kind: 'amended' }>, context: NoticeContext): UiEvent {
  const { by, amendment, amended, via } = notice
  const common = {
    room: context.room,
    id: amended.envelope.id,
    peer: context.labels.of(by.author).peer,
    name: amendment.name,
    eventId: by.id,
    via,
    own: by.author === context.self,
    about: quoteOf(amended, context),
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
  readonly labels: PeerLabels
  /** True for people the user ignores. */
  readonly isIgnored?: (author: PeerKey) => boolean
}

/** UTF-16 units of a quoted text: a few lines. */
const MAX_QUOTED = 300

/** The message in full. */
export function fullMessageOf({ envelope, state }: MessageWithState, context: QuoteContext): Recalled {
  const { said, edited, deleted } = state
  const reactions = state.reactions.filter(({ author }) => !context.isIgnored?.(author))
  return {
    ...authorOf(envelope, context),
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
  return { ...authorOf(envelope, context), name: said.name, sentAt: envelope.ts, text }
}

function authorOf({ id, author }: Envelope, { self, labels }: QuoteContext) {
  return { id, peer: labels.of(author).peer, own: author === self }
}

function reactionOf({ author, name, emoji }: Reaction, { labels }: QuoteContext) {
  return { peer: labels.of(author).peer, name, emoji }
}
