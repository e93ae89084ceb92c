/**
 * The text of messages and of their amendments in line mode. The output is safe to print; the row says who
 * wrote it.
 */
import type {
  DeletedEvent,
  EditedEvent,
  MessageEvent,
  Quote,
  ReactedEvent,
  Recalled,
  UiEvent,
} from '../api/events.ts'
import { MAX_REACTIONS_PER_AUTHOR } from '../protocol/limits.ts'
import type { NameBook } from './name-book.ts'
import type { LayoutDeps, Sign } from './row-layout.ts'
import { delimited, layOutRecalled } from './row-layout.ts'
import { sanitiseLine, sanitiseText } from './sanitise.ts'

/** A block with more lines than the first number shows as many as the second. */
const SHORT_BLOCK_LINES = 8
const LINES_SHOWN = 5

/** Different reactions shown on one message, so that nobody can bury it under them. */
const MAX_EMOJI = 12

/** Characters quoted of a message: enough to recognise it. */
const QUOTED = 40

/** Returns a distinguishable name: see name-book.ts. */
export type NameOf = (peer: string, name: string) => string

/**
 * The lines of a text, without blank ones around it and without consecutive blank ones inside, except in a
 * block.
 */
export function textLines({ text, code }: Pick<Recalled, 'text' | 'code'>): string[] {
  const safe = sanitiseText(text)
  if (!safe.includes('\n')) return [safe]
  const tight = code === true ? safe : safe.replace(/\n\s*\n\s*\n/g, '\n\n')
  return tight.replace(/^\n+|\s+$/g, '').split('\n')
}

/** A message as it is shown on arrival: blocks only in part. */
export function shownLines(message: Recalled, nameOf: NameOf): readonly string[] {
  const all = wholeLines(message, nameOf)
  if (message.code !== true || all.length <= SHORT_BLOCK_LINES) return all
  const more = all.length - LINES_SHOWN
  return [...all.slice(0, LINES_SHOWN), `… ${more.toLocaleString('en')} more lines: /expand shows the block`]
}

/** A message in full, with its state. */
export function wholeLines(message: Recalled, nameOf: NameOf): readonly string[] {
  if (message.deletedAt !== undefined) return ['(deleted by author)']
  const { editedAt, reactions = [], code } = message
  const marks = [...(editedAt === undefined ? [] : ['(edited)']), ...reactionsIn(reactions, nameOf)]
  const lines = textLines(message)
  if (marks.length === 0) return lines
  return code === true ? [...lines, marks.join(' ')] : lines.with(-1, `${lines.at(-1)} ${marks.join(' ')}`)
}

/** What a message answers, beside its author's name. */
export function answerText(
  { replyTo, replied }: Pick<MessageEvent, 'replyTo' | 'replied'>,
  nameOf: NameOf,
): string | undefined {
  if (replyTo === undefined) return undefined
  return replied === undefined ? 'a message that is not here' : quoted(replied, nameOf)
}

export function editedLines(event: EditedEvent, who: string, when: string): readonly string[] {
  const [first = '', ...others] = textLines({ text: event.text })
  return [`${delimited(who)} edited the message of ${when}: ${first}`, ...others]
}

export function deletedLine(who: string, when: string): string {
  return `${delimited(who)} deleted the message of ${when}`
}

export function reactedLine(event: ReactedEvent, who: string, nameOf: NameOf): string {
  const emoji = sanitiseLine(event.emoji)
  const did = event.on ? `reacted ${emoji} to` : `took ${emoji} back from`
  return `${delimited(who)} ${did} ${quoted(event.about, nameOf)}`
}

/** The beginning of a text in one line, enough to recognise it. */
export function excerpt(text: string): string {
  const line = sanitiseLine(text).trim()
  const characters = [...line]
  return characters.length <= QUOTED ? line : `${characters.slice(0, QUOTED).join('').trimEnd()}…`
}

function quoted({ peer, name, text }: Quote, nameOf: NameOf): string {
  // a quotation is beside a name, and must not look like its end
  const part = excerpt(text).replaceAll('<', '‹').replaceAll('>', '›')
  return part === '' ? nameOf(peer, name) : `${nameOf(peer, name)} "${part}"`
}

/** `[👍 alice, bob] [🎉 carol]`; the first of many different ones. */
function reactionsIn(reactions: NonNullable<Recalled['reactions']>, nameOf: NameOf): readonly string[] {
  const byEmoji = Map.groupBy(reactions, ({ emoji }) => emoji)
  const more = byEmoji.size - MAX_EMOJI
  const shown = [...byEmoji].slice(0, MAX_EMOJI).map(([emoji, all]) => {
    const who = all.length > 3 ? `${all.length}` : all.map(({ peer, name }) => nameOf(peer, name)).join(', ')
    return `[${sanitiseLine(emoji)} ${who}]`
  })
  return more > 0 ? [...shown, `[${more} more]`] : shown
}

/** What becomes of messages that no one else holds. */
export function undeliveredText(count: number): string {
  return count === 1
    ? '1 message waits in your log; it goes out when someone is here'
    : `${count.toLocaleString('en')} messages wait in your log; they go out when someone is here`
}

/** `name` is safe. */
export function stayingText(name: string, because: string): string {
  return `${name} stays connected through a relay, because ${sanitiseLine(because)}. /why ${name} tells what helps`
}

export function sentence(text: string): string {
  const line = sanitiseLine(text).trim()
  return /[.!?…]$/.test(line) || line === '' ? line : `${line}.`
}

// Amendments applied to messages that a surface already shows, or is going to show.

export type AmendingEvent = EditedEvent | DeletedEvent | ReactedEvent

export function isAmendingEvent(event: UiEvent): event is AmendingEvent {
  return event.type === 'edited' || event.type === 'deleted' || event.type === 'reacted'
}

/** The message with the amendment that names its `id`. */
export function amendMessage(message: MessageEvent, event: AmendingEvent): MessageEvent {
  switch (event.type) {
    case 'edited':
      return { ...message, text: event.text, editedAt: event.editedAt }
    case 'deleted': {
      const { reactions: _, ...rest } = message
      return { ...rest, text: '', deletedAt: event.deletedAt }
    }
    case 'reacted': {
      const { peer, name, emoji, on } = event
      const { reactions = [], ...rest } = message
      const others = reactions.filter(one => one.peer !== peer || one.emoji !== emoji)
      const all = on ? withReaction(others, { peer, name, emoji }) : others
      return all.length === 0 ? rest : { ...rest, reactions: all }
    }
  }
}

type Reactions = NonNullable<Recalled['reactions']>

/** As many of each author as the protocol counts. */
function withReaction(reactions: Reactions, added: Reactions[number]): Reactions {
  const own = reactions.filter(({ peer }) => peer === added.peer)
  const first = own.length < MAX_REACTIONS_PER_AUTHOR ? undefined : own[0]
  return [...reactions.filter(one => one !== first), added]
}

/** The message with its quotation amended; the same object if nothing changes. */
export function amendQuote(message: Recalled, event: MessageEvent | EditedEvent | DeletedEvent): Recalled {
  const { replied } = message
  if (event.type === 'message') {
    const { id, peer, name, sentAt, own, text } = event
    return replied === undefined ? { ...message, replied: { id, peer, name, sentAt, own, text } } : message
  }
  const text = event.type === 'deleted' ? '' : event.text
  if (replied === undefined || replied.text === text) return message
  return { ...message, replied: { ...replied, text } }
}

/**
 * Messages from the log as lines without line ends, one after the other, safe to print. All names are learned
 * first, so that the first of two similar ones has its tag, too.
 */
export function recalledLines(messages: readonly Recalled[], names: NameBook, deps: LayoutDeps): string[] {
  for (const { peer, name } of messages) names.learn(peer, name)
  const nameOf = (peer: string, name: string): string => names.find(peer) ?? names.learn(peer, name)
  return messages.flatMap(message => {
    const to = answerText(message, nameOf)
    const sign = signOf(message, names.learn(message.peer, message.name))
    return layOutRecalled(
      { ...sign, ...(to !== undefined && { to }) },
      wholeLines(message, nameOf),
      message.sentAt,
      deps,
    )
  })
}

export function signOf({ action, peer }: Pick<Recalled, 'action' | 'peer'>, name: string): Sign {
  return { kind: action ? 'acts' : 'says', peer, name }
}
