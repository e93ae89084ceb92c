/**
 * What became of a message: a pure function of it and of the set of messages that refer to it, so that everyone who
 * has the same comes to the same, whatever order it came in and however often.
 *
 * Only who wrote a message edits or deletes it; what others try is as if it weren't there. Of several edits the last
 * by (ts, id) stands. A deletion is final. Of one author's reactions with one emoji the last decides whether it is
 * there. Only the newest few of an author count, and those of so many authors, which bounds what can be piled up.
 */
import type { Amendment, Said } from '../../protocol/content.ts'
import { amendmentIn, saidIn } from '../../protocol/content.ts'
import { isEmoji } from '../../protocol/emoji.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import type { MessageId, PeerKey } from '../../protocol/ids.ts'
import { MAX_REACTING_AUTHORS, MAX_REACTIONS_PER_AUTHOR } from '../../protocol/limits.ts'
import type { Position } from '../../protocol/order.ts'
import { compare } from '../../protocol/order.ts'

export interface Reaction extends Position {
  readonly author: PeerKey
  /** As its author called itself then. */
  readonly name: string
  readonly emoji: string
}

export interface Standing {
  /** As it is to be shown now; the text is empty once it is deleted. */
  readonly said: Said
  /** The edit that stands. */
  readonly edited?: Position
  /** The last deletion. */
  readonly deleted?: Position
  /** Who reacts with what, in the order in which they did. */
  readonly reactions: readonly Reaction[]
}

/** A message that amends another one, with what it says. */
type Amending<Kind extends Amendment['kind']> = readonly [
  Envelope,
  Extract<Amendment, { readonly kind: Kind }>,
]

/** What became of a message. Undefined if it says nothing that could be amended. */
export function standingOf(message: Envelope, referring: Iterable<Envelope>): Standing | undefined {
  const said = saidIn(message)
  if (said === undefined) return undefined
  const all = [...new Map([...referring].map(one => [one.id, one])).values()].sort(compare)
  const own = all.filter(one => one.author === message.author)
  const deletion = amendments(own, 'deletion', message.id).at(-1)
  if (deletion !== undefined) {
    return { said: { ...said, text: '' }, deleted: positionOf(deletion[0]), reactions: [] }
  }
  const reactions = reactionsIn(amendments(all, 'reaction', message.id))
  const edit = amendments(own, 'edit', message.id).at(-1)
  if (edit === undefined) return { said, reactions }
  const [by, { newText }] = edit
  return { said: { ...said, text: newText }, edited: positionOf(by), reactions }
}

/** The amendments that made the message what it is. */
export function standingBy({ deleted, edited, reactions }: Standing): readonly MessageId[] {
  return [deleted, edited, ...reactions].flatMap(one => one?.id ?? [])
}

function amendments<Kind extends Amendment['kind']>(
  messages: readonly Envelope[],
  kind: Kind,
  ref: MessageId,
): readonly Amending<Kind>[] {
  return messages.flatMap(one => {
    const content = amendmentIn(one)
    return content?.kind === kind && content.ref === ref ? [[one, content] as unknown as Amending<Kind>] : []
  })
}

/** `all` is ascending. */
function reactionsIn(all: readonly Amending<'reaction'>[]): readonly Reaction[] {
  const counts = new Map<PeerKey, number>()
  const last = new Map<string, Reaction | undefined>()
  const counted = new Set(
    [...new Set(all.map(([{ author }]) => author))].sort().slice(0, MAX_REACTING_AUTHORS),
  )
  for (const [{ author, ts, id }, { name, emoji, isOn }] of all.toReversed()) {
    if (!counted.has(author)) continue
    const count = (counts.get(author) ?? 0) + 1
    counts.set(author, count)
    const key = `${author} ${emoji}`
    if (count > MAX_REACTIONS_PER_AUTHOR || last.has(key)) continue
    last.set(key, isOn && isEmoji(emoji) ? { author, name, emoji, ts, id } : undefined)
  }
  return [...last.values()].flatMap(reaction => reaction ?? []).reverse()
}

function positionOf({ ts, id }: Envelope): Position {
  return { ts, id }
}
