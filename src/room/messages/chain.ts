/**
 * The branches of a chain in the log: where they end, and what stands on a message. A chain of an honest author has one.
 */
import type { Envelope } from '../../protocol/envelope.ts'
import type { Chain, Head } from '../../protocol/frontier.ts'
import type { ChainId, MessageId } from '../../protocol/ids.ts'
import { chainId } from '../../protocol/ids.ts'
import { MAX_FORKS_PER_PLACE } from '../../protocol/limits.ts'
import type { Entry, RoomLog } from '../log.ts'

/** What is left of a chain after its end was taken away; the places before `from` hold one message each. */
export function survey(log: RoomLog, id: ChainId, from: number): Omit<Chain, 'base'> | undefined {
  const length = log.length(id)
  const last = log.at(id, length - 1)[0]?.envelope
  if (last === undefined) return undefined
  const { author, log: logId } = last
  for (let seq = from; seq < length; seq++) {
    if (log.at(id, seq).length > 1) return { author, log: logId, heads: leaves(log, id, seq), forkedAt: seq }
  }
  return { author, log: logId, heads: leaves(log, id, length - 1) }
}

/** Messages from a place on that nothing stands on, ascending by (seq, id). */
export function leaves(log: RoomLog, id: ChainId, from: number): Head[] {
  const heads: Head[] = []
  let place = log.at(id, from)
  for (let seq = from; place.length > 0; seq++) {
    const next = log.at(id, seq + 1)
    const parents = new Set(next.map(entry => entry.envelope.prev))
    for (const { envelope } of place) {
      if (!parents.has(envelope.id)) heads.push({ seq, id: envelope.id, ts: envelope.ts })
    }
    place = next
  }
  return heads
}

/** Messages of one place and all that stand on them. */
export function standingOn(
  log: RoomLog,
  id: ChainId,
  roots: readonly MessageId[],
  seq: number,
): readonly MessageId[] {
  const all: MessageId[] = []
  let layer = roots
  for (let place = seq + 1; layer.length > 0; place++) {
    all.push(...layer)
    const parents = new Set<MessageId | null>(layer)
    layer = log.at(id, place).flatMap(({ envelope }) => (parents.has(envelope.prev) ? envelope.id : []))
  }
  return all
}

// How a message relates to what is kept of its chain.

/** How a message relates to what is there. */
export type Fit =
  | { readonly kind: 'next' }
  /** Nobody has what is before it: its chain begins, or goes on, here. */
  | { readonly kind: 'root' }
  | { readonly kind: 'known' }
  /** Its predecessor isn't here yet. */
  | { readonly kind: 'gap'; readonly missing: MessageId }
  /** It contradicts its predecessor: everyone who has that one says so. */
  | { readonly kind: 'wrong'; readonly reason: string }
  /** It isn't kept: displaced by smaller ids, beyond a fork's tail, pruned before, or one chain too many. */
  | { readonly kind: 'surplus' }

/** The only head of a chain that isn't forked. */
export function tipOf(chain: Chain | undefined): Head | undefined {
  return chain?.forkedAt === undefined ? chain?.heads[0] : undefined
}

/** How a message fits after its predecessor. */
export function follows(envelope: Envelope, parent: { readonly seq: number; readonly ts: number }): Fit {
  if (envelope.seq !== parent.seq + 1)
    return { kind: 'wrong', reason: 'its place does not follow its predecessor' }
  if (envelope.ts <= parent.ts) return { kind: 'wrong', reason: 'its time does not follow its predecessor' }
  return { kind: 'next' }
}

/** How a message fits after one that may be kept. */
export function fitAfter(log: RoomLog, id: ChainId, envelope: Envelope, prev: MessageId): Fit {
  const before = log.at(id, envelope.seq - 1).find(entry => entry.envelope.id === prev)
  const parent = (before ?? log.get(prev))?.envelope
  if (parent === undefined) return { kind: 'gap', missing: prev }
  if (chainId(parent.author, parent.log) !== id) {
    return { kind: 'wrong', reason: 'its predecessor is of another chain' }
  }
  const fit = follows(envelope, parent)
  return fit.kind === 'next' ? fitPlace(log, id, envelope) : fit
}

/** A place keeps its smallest ids. */
export function fitPlace(log: RoomLog, id: ChainId, envelope: Envelope): Fit {
  const largest = log.at(id, envelope.seq)[MAX_FORKS_PER_PLACE - 1]
  const displaced = largest !== undefined && largest.envelope.id < envelope.id
  return displaced ? { kind: 'surplus' } : { kind: 'next' }
}

// What of a chain's end nothing proves. A message may stand on another one's signature; where that one is displaced,
// one too many, or doesn't fit, nobody could check it who gets it from here. Then its own signature decides.

export interface Unproved {
  readonly ids: readonly MessageId[]
  /** The lowest place with one of them. */
  readonly from: number
}

/** Goes down from a chain's end as long as there may be such messages. What proves itself is noted so in the log. */
export function unproved(
  log: RoomLog,
  id: ChainId,
  { base, forkedAt = Number.POSITIVE_INFINITY }: Chain,
  isAuthentic: (envelope: Envelope) => boolean,
): Unproved {
  const ids: MessageId[] = []
  let from = Number.POSITIVE_INFINITY
  let proved: ReadonlySet<MessageId | null> = new Set()
  // below a fork each place has one message, which any of those above it proves
  for (let seq = log.length(id) - 1; seq >= base && (seq >= forkedAt || proved.size === 0); seq--) {
    const below = new Set<MessageId | null>()
    for (const entry of log.at(id, seq)) {
      if (isProved(log, entry, proved, isAuthentic)) {
        below.add(entry.envelope.prev)
        continue
      }
      ids.push(entry.envelope.id)
      from = seq
    }
    proved = below
  }
  return { ids, from }
}

/** True if the message is proved: by itself, or by one of those that stand on it. */
function isProved(
  log: RoomLog,
  { envelope, proof }: Entry,
  proved: ReadonlySet<MessageId | null>,
  isAuthentic: (envelope: Envelope) => boolean,
): boolean {
  if (proof === 'signature' || proved.has(envelope.id)) return true
  if (!isAuthentic(envelope)) return false
  log.remove(envelope.id)
  log.append({ envelope, proof: 'signature' })
  return true
}
