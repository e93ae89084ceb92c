/**
 * Looks up in the log what refers to a message. It asks for no more than what counts, so however much somebody piles
 * up on one message, little of it is read. It keeps nothing itself: what is in the log is all there is to know.
 */
import type { Amendment } from '../../protocol/content.ts'
import { amendmentIn, isAmending, KIND } from '../../protocol/content.ts'
import { isEmoji } from '../../protocol/emoji.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import type { MessageId, PeerKey } from '../../protocol/ids.ts'
import { MAX_REACTIONS_PER_AUTHOR } from '../../protocol/limits.ts'
import { compare } from '../../protocol/order.ts'
import type { Standing } from './standing.ts'
import { standingOf } from './standing.ts'

/** Which of the messages that amend another one are wanted. */
export interface Reference {
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
export interface References {
  /** True if anything amends the message, whether it may or not. */
  isReferredTo(ref: MessageId): boolean

  /** In any order. */
  references(wanted: Reference): readonly Envelope[]
}

/** `words`: what it says, without the reactions to it. */
export type Part = 'whole' | 'words'

/** What became of a message, as far as is known here. Undefined if it says nothing. */
export function lookUp(message: Envelope, log: References, part: Part): Standing | undefined {
  const { id: ref } = message
  if (!log.isReferredTo(ref)) return standingOf(message, [])
  const deletion = newestOwn(message, KIND.deletion, log)
  if (deletion !== undefined) return standingOf(message, [deletion])
  const edit = newestOwn(message, KIND.edit, log)
  const reacting = { ref, kind: KIND.reaction, count: MAX_REACTIONS_PER_AUTHOR }
  const reactions = part === 'words' ? [] : log.references(reacting)
  return standingOf(message, edit === undefined ? reactions : [...reactions, edit])
}

/** True if an amendment of `message` counts: who wrote it may, and nothing later undoes it. */
export function isCounted(by: Envelope, amendment: Amendment, message: Envelope, log: References): boolean {
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
function newestOwn({ id: ref, author }: Envelope, kind: number, log: References): Envelope | undefined {
  return log.references({ ref, kind, author, count: 1 }).toSorted(compare).at(-1)
}

function isLastReaction(
  { id, author }: Envelope,
  { ref, emoji }: Extract<Amendment, { readonly kind: 'reaction' }>,
  log: References,
): boolean {
  const all = log.references({ ref, kind: KIND.reaction, author, count: MAX_REACTIONS_PER_AUTHOR })
  const same = all.filter(other => {
    const content = amendmentIn(other)
    return content?.kind === 'reaction' && content.emoji === emoji
  })
  return same.toSorted(compare).at(-1)?.id === id
}

/** The same promises over both. */
export function together(one: References, other: References): References {
  return {
    isReferredTo: ref => one.isReferredTo(ref) || other.isReferredTo(ref),
    references: wanted => [...one.references(wanted), ...other.references(wanted)],
  }
}

/** Those among a few messages. */
export function referencesAmong(messages: readonly Envelope[]): References {
  const byRef = Map.groupBy(messages, message => amendmentIn(message)?.ref)
  return {
    isReferredTo: ref => byRef.has(ref),
    references: ({ ref, kind, author }) =>
      (byRef.get(ref) ?? []).filter(one => one.kind === kind && (author ?? one.author) === one.author),
  }
}
