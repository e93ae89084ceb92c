/**
 * The words of line mode for messages and for what becomes of them. All that comes out is safe to print; who wrote
 * something is said by the row that it stands in.
 */
import type { EditedEvent, MessageEvent, Quote, ReactedEvent, Recalled } from '../api/events.ts'
import { bounded } from './row-layout.ts'
import { sanitiseLine, sanitiseText } from './sanitise.ts'

/** Of a block with more lines than the first, the second are shown at once. */
const LINES_WHOLE = 8
const LINES_SHOWN = 5

/** Different reactions that are shown of one message: nobody can bury it under them. */
const MAX_EMOJI = 12

/** Characters that are quoted of a message: enough to know which it is. */
const QUOTED = 40

/** Tells names apart: see name-book.ts. */
export type NameOf = (peer: string, name: string) => string

/** The lines of a text, without blank ones around it; within it no two together, except in a block. */
export function textLines({ text, code }: Pick<Recalled, 'text' | 'code'>): string[] {
  const safe = sanitiseText(text)
  if (!safe.includes('\n')) return [safe]
  const tight = code === true ? safe : safe.replace(/\n\s*\n\s*\n/g, '\n\n')
  return tight.replace(/^\n+|\s+$/g, '').split('\n')
}

/** A message as it is shown when it comes: blocks only in part. */
export function shownLines(message: Recalled, nameOf: NameOf): readonly string[] {
  const all = wholeLines(message, nameOf)
  if (message.code !== true || all.length <= LINES_WHOLE) return all
  const more = all.length - LINES_SHOWN
  return [...all.slice(0, LINES_SHOWN), `… ${more.toLocaleString('en')} more lines: /expand shows the block`]
}

/** All of a message, with what became of it. */
export function wholeLines(message: Recalled, nameOf: NameOf): readonly string[] {
  if (message.deletedAt !== undefined) return ['(deleted by author)']
  const { editedAt, reactions = [], code } = message
  const marks = [...(editedAt === undefined ? [] : ['(edited)']), ...reactionsIn(reactions, nameOf)]
  const lines = textLines(message)
  if (marks.length === 0) return lines
  return code === true ? [...lines, marks.join(' ')] : lines.with(-1, `${lines.at(-1)} ${marks.join(' ')}`)
}

/** What a message answers, as it stands beside its author's name. */
export function answered(
  { replyTo, replied }: Pick<MessageEvent, 'replyTo' | 'replied'>,
  nameOf: NameOf,
): string | undefined {
  if (replyTo === undefined) return undefined
  return replied === undefined ? 'a message that is not here' : quoted(replied, nameOf)
}

export function editedLines(event: EditedEvent, who: string, when: string): readonly string[] {
  const [first = '', ...others] = textLines({ text: event.text })
  return [`${bounded(who)} edited the message of ${when}: ${first}`, ...others]
}

export function deletedLine(who: string, when: string): string {
  return `${bounded(who)} deleted the message of ${when}`
}

export function reactedLine(event: ReactedEvent, who: string, nameOf: NameOf): string {
  const emoji = sanitiseLine(event.emoji)
  const did = event.on ? `reacted ${emoji} to` : `took ${emoji} back from`
  return `${bounded(who)} ${did} ${quoted(event.about, nameOf)}`
}

/** The beginning of a text in one line, enough to know which it is. */
export function briefly(text: string): string {
  const line = sanitiseLine(text).trim()
  const characters = [...line]
  return characters.length <= QUOTED ? line : `${characters.slice(0, QUOTED).join('').trimEnd()}…`
}

function quoted({ peer, name, text }: Quote, nameOf: NameOf): string {
  // what is quoted stands beside a name, and must not look like the end of it
  const part = briefly(text).replaceAll('<', '‹').replaceAll('>', '›')
  return part === '' ? nameOf(peer, name) : `${nameOf(peer, name)} "${part}"`
}

/** `[👍 alice, bob] [🎉 carol]`; of many different ones the first. */
function reactionsIn(reactions: NonNullable<Recalled['reactions']>, nameOf: NameOf): readonly string[] {
  const byEmoji = Map.groupBy(reactions, ({ emoji }) => emoji)
  const more = byEmoji.size - MAX_EMOJI
  const shown = [...byEmoji].slice(0, MAX_EMOJI).map(([emoji, all]) => {
    const who = all.length > 3 ? `${all.length}` : all.map(({ peer, name }) => nameOf(peer, name)).join(', ')
    return `[${sanitiseLine(emoji)} ${who}]`
  })
  return more > 0 ? [...shown, `[${more} more]`] : shown
}

/** What becomes of messages that nobody else holds. */
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
