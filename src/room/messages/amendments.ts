/**
 * Looks up in the log what refers to a message. It asks for no more than what counts, so however much somebody piles
 * up on one message, little of it is read. It keeps nothing itself: what is in the log is all there is to know.
 */
import type { Amendment, Said } from '../../protocol/content.ts'
import { amendmentIn, isAmending, isEmoji, KIND, saidIn } from '../../protocol/content.ts'
import type { Envelope, Position } from '../../protocol/envelope.ts'
import { compare } from '../../protocol/envelope.ts'
import type { MessageId, PeerKey } from '../../protocol/ids.ts'
import { MAX_REACTING_AUTHORS, MAX_REACTIONS_PER_AUTHOR } from '../../protocol/limits.ts'

/** Which of the messages that amend another one are wanted. */
export interface AmendmentQuery {
  /** The one that is amended. */
  readonly ref: MessageId
  /** Their `kind`. */
  readonly kind: number
  /** Only those of one author; otherwise of the first `MAX_REACTING_AUTHORS`, by their keys; more do no harm. */
  readonly author?: PeerKey
  /** Of each author the newest so many by (ts, id); more do no harm. */
  readonly count: number
}

/** Where they are kept. */
export interface AmendmentIndex {
  /** True if anything amends the message, whether it may or not. */
  isReferredTo(ref: MessageId): boolean

  /** In any order. */
  references(wanted: AmendmentQuery): readonly Envelope[]
}

/** `words`: what it says, without the reactions to it. */
export type Part = 'whole' | 'words'

/** What became of a message, as far as is known here. Undefined if it says nothing. */
export function resolveAmendments(
  message: Envelope,
  log: AmendmentIndex,
  part: Part,
): MessageState | undefined {
  const { id: ref } = message
  if (!log.isReferredTo(ref)) return messageStateOf(message, [])
  const deletion = newestOwn(message, KIND.deletion, log)
  if (deletion !== undefined) return messageStateOf(message, [deletion])
  const edit = newestOwn(message, KIND.edit, log)
  const reacting = { ref, kind: KIND.reaction, count: MAX_REACTIONS_PER_AUTHOR }
  const reactions = part === 'words' ? [] : log.references(reacting)
  return messageStateOf(message, edit === undefined ? reactions : [...reactions, edit])
}

/** True if an amendment of `message` counts: who wrote it may, and nothing later undoes it. */
export function isCounted(
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
 * The same messages without those amendments that others of them displace, whatever else there is. So of what somebody
 * piles up at once only little is looked up.
 */
export function withoutDisplaced(messages: readonly Envelope[]): readonly Envelope[] {
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

/** The last one of the message's own author. */
function newestOwn({ id: ref, author }: Envelope, kind: number, log: AmendmentIndex): Envelope | undefined {
  return log.references({ ref, kind, author, count: 1 }).toSorted(compare).at(-1)
}

function isLastReaction(
  { id, author }: Envelope,
  { ref, emoji }: Extract<Amendment, { readonly kind: 'reaction' }>,
  log: AmendmentIndex,
): boolean {
  const all = log.references({ ref, kind: KIND.reaction, author, count: MAX_REACTIONS_PER_AUTHOR })
  const same = all.filter(other => {
    const content = amendmentIn(other)
    return content?.kind === 'reaction' && content.emoji === emoji
  })
  return same.toSorted(compare).at(-1)?.id === id
}

/** The same promises over both. */
export function together(one: AmendmentIndex, other: AmendmentIndex): AmendmentIndex {
  return {
    isReferredTo: ref => one.isReferredTo(ref) || other.isReferredTo(ref),
    references: wanted => [...one.references(wanted), ...other.references(wanted)],
  }
}

/** Those among a few messages. */
export function referencesAmong(messages: readonly Envelope[]): AmendmentIndex {
  const byRef = Map.groupBy(messages, message => amendmentIn(message)?.ref)
  return {
    isReferredTo: ref => byRef.has(ref),
    references: ({ ref, kind, author }) =>
      (byRef.get(ref) ?? []).filter(one => one.kind === kind && (author ?? one.author) === one.author),
  }
}

// What became of a message: a pure function of it and of the set of messages that refer to it, so that everyone who
// has the same comes to the same, whatever order it came in and however often.
//
// Only who wrote a message edits or deletes it; what others try is as if it weren't there. Of several edits the last
// by (ts, id) stands. A deletion is final. Of one author's reactions with one emoji the last decides whether it is
// there. Only the newest few of an author count, and those of so many authors, which bounds what can be piled up.

export interface Reaction extends Position {
  readonly author: PeerKey
  /** As its author called itself then. */
  readonly name: string
  readonly emoji: string
}

export interface MessageState {
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
type AmendmentPair<Kind extends Amendment['kind']> = readonly [
  Envelope,
  Extract<Amendment, { readonly kind: Kind }>,
]

/** What became of a message. Undefined if it says nothing that could be amended. */
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

/** The amendments that made the message what it is. */
export function messageStateBy({ deleted, edited, reactions }: MessageState): readonly MessageId[] {
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
