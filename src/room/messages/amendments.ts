/**
 * Amendments: edits, deletions and reactions, and the state that they give a message.
 *
 * The resolver looks up only those amendments that can count, so however many someone piles up on one
 * message, it reads few. It keeps nothing itself: the log is all there is to know.
 */
import type { Amendment, Said } from '../../protocol/content.ts'
import { amendmentIn, isAmending, isEmoji, KIND, saidIn } from '../../protocol/content.ts'
import type { Envelope, Position } from '../../protocol/envelope.ts'
import { compare } from '../../protocol/envelope.ts'
import type { MessageId, PeerKey } from '../../protocol/ids.ts'
import { MAX_REACTING_AUTHORS, MAX_REACTIONS_PER_AUTHOR } from '../../protocol/limits.ts'

/** Which amendments of a message to find. */
export interface AmendmentQuery {
  /** The amended message. */
  readonly ref: MessageId
  /** The amendments' `kind`. */
  readonly kind: number
  /**
   * Only amendments of this author; otherwise those of the first `MAX_REACTING_AUTHORS` by key. More do no
   * harm.
   */
  readonly author?: PeerKey
  /** The newest this many of each author by (ts, id). More do no harm. */
  readonly count: number
}

/** Where amendments are found by the message that they amend. */
export interface AmendmentIndex {
  /** True if anything amends the message, permitted or not. */
  isAmended(ref: MessageId): boolean

  /** In any order. */
  amendmentsOf(wanted: AmendmentQuery): readonly Envelope[]
}

/** `words`: the text alone, without reactions. */
export type StatePart = 'whole' | 'words'

/** The state of a message from everything stored here. Undefined if it says nothing. */
export function resolveAmendments(
  message: Envelope,
  log: AmendmentIndex,
  part: StatePart,
): MessageState | undefined {
  const { id: ref } = message
  if (!log.isAmended(ref)) return messageStateOf(message, [])
  const deletion = newestOwn(message, KIND.deletion, log)
  if (deletion !== undefined) return messageStateOf(message, [deletion])
  const edit = newestOwn(message, KIND.edit, log)
  const reacting = { ref, kind: KIND.reaction, count: MAX_REACTIONS_PER_AUTHOR }
  const reactions = part === 'words' ? [] : log.amendmentsOf(reacting)
  return messageStateOf(message, edit === undefined ? reactions : [...reactions, edit])
}

/** True if an amendment of `message` counts: its author may make it, and no later one overrides it. */
export function isEffective(
  by: Envelope,
  amendment: Amendment,
  message: Envelope,
  log: AmendmentIndex,
): boolean {
  const deletion = newestOwn(message, KIND.deletion, log)
  switch (amendment.kind) {
    case 'deletion':
      return deletion?.id === by.id
    case 'edit':
      return deletion === undefined && newestOwn(message, KIND.edit, log)?.id === by.id
    case 'reaction':
      return deletion === undefined && isEmoji(amendment.emoji) && isLastReaction(by, amendment, log)
  }
}

/**
 * The same messages without amendments that others among them override in any case. So a burst of amendments
 * costs few look-ups.
 */
export function withoutOverridden(messages: readonly Envelope[]): readonly Envelope[] {
  const counts = new Map<string, number>()
  const displaced = new Set<MessageId>()
  for (const one of messages.filter(({ kind }) => isAmending(kind)).sort((a, b) => compare(b, a))) {
    const key = `${one.author} ${one.kind} ${amendmentIn(one)?.ref}`
    const later = counts.get(key) ?? 0
    counts.set(key, later + 1)
    if (later >= (one.kind === KIND.reaction ? MAX_REACTIONS_PER_AUTHOR : 1)) displaced.add(one.id)
  }
  return displaced.size === 0 ? messages : messages.filter(({ id }) => !displaced.has(id))
}

/** The newest amendment of one kind by the message's own author. */
function newestOwn({ id: ref, author }: Envelope, kind: number, log: AmendmentIndex): Envelope | undefined {
  return log.amendmentsOf({ ref, kind, author, count: 1 }).toSorted(compare).at(-1)
}

function isLastReaction(
  { id, author }: Envelope,
  { ref, emoji }: Extract<Amendment, { readonly kind: 'reaction' }>,
  log: AmendmentIndex,
): boolean {
  const all = log.amendmentsOf({ ref, kind: KIND.reaction, author, count: MAX_REACTIONS_PER_AUTHOR })
  const same = all.filter(other => {
    const content = amendmentIn(other)
    return content?.kind === 'reaction' && content.emoji === emoji
  })
  return same.toSorted(compare).at(-1)?.id === id
}

/** Both indexes as one. */
export function joinedIndex(one: AmendmentIndex, other: AmendmentIndex): AmendmentIndex {
  return {
    isAmended: ref => one.isAmended(ref) || other.isAmended(ref),
    amendmentsOf: wanted => [...one.amendmentsOf(wanted), ...other.amendmentsOf(wanted)],
  }
}

/** The amendments among a few messages. */
export function indexOf(messages: readonly Envelope[]): AmendmentIndex {
  const byRef = Map.groupBy(messages, message => amendmentIn(message)?.ref)
  return {
    isAmended: ref => byRef.has(ref),
    amendmentsOf: ({ ref, kind, author }) =>
      (byRef.get(ref) ?? []).filter(one => one.kind === kind && (author ?? one.author) === one.author),
  }
}

// The state of a message: a pure function of the message and the set of its amendments, so everyone who holds
// the same set computes the same state, in whatever order it arrived.
//
// Only the author edits or deletes a message; amendments by others are ignored. The last edit by (ts, id)
// wins. A deletion is final. For each author and emoji, the last reaction decides. Only the newest few
// amendments of an author count, and only those of a limited number of authors, which bounds what anyone can
// pile up.

export interface Reaction extends Position {
  readonly author: PeerKey
  /** The author's name at that time. */
  readonly name: string
  readonly emoji: string
}

export interface MessageState {
  /** The current content; its text is empty after a deletion. */
  readonly said: Said
  /** The edit that wins. */
  readonly edited?: Position
  /** The last deletion. */
  readonly deleted?: Position
  /** The reactions, in order. */
  readonly reactions: readonly Reaction[]
}

/** An amendment's message with its content. */
type AmendmentPair<Kind extends Amendment['kind']> = readonly [
  Envelope,
  Extract<Amendment, { readonly kind: Kind }>,
]

/** The state that these amendments give a message. Undefined if the message can't be amended. */
export function messageStateOf(message: Envelope, referring: Iterable<Envelope>): MessageState | undefined {
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

/** The amendments that determine the state. */
export function stateSources({ deleted, edited, reactions }: MessageState): readonly MessageId[] {
  return [deleted, edited, ...reactions].flatMap(one => one?.id ?? [])
}

function amendments<Kind extends Amendment['kind']>(
  messages: readonly Envelope[],
  kind: Kind,
  ref: MessageId,
): readonly AmendmentPair<Kind>[] {
  return messages.flatMap(one => {
    const content = amendmentIn(one)
    return content?.kind === kind && content.ref === ref
      ? [[one, content] as unknown as AmendmentPair<Kind>]
      : []
  })
}

/** `all` is ascending. */
function reactionsIn(all: readonly AmendmentPair<'reaction'>[]): readonly Reaction[] {
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
