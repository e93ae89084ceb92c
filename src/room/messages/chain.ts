/**
 * One chain in the log: its branches, how a message fits into it, and which of its messages nothing proves. A
 * chain of an honest author has one branch.
 */
import type { Envelope } from '../../protocol/envelope.ts'
import type { Chain, Head } from '../../protocol/frontier.ts'
import type { ChainId, MessageId } from '../../protocol/ids.ts'
import { chainId } from '../../protocol/ids.ts'
import { MAX_FORKS_PER_PLACE } from '../../protocol/limits.ts'
import type { Entry, RoomLog } from '../log.ts'

/** A chain's state after its end was removed; each place before `from` holds one message. */
export function chainAfterRemoval(log: RoomLog, id: ChainId, from: number): Omit<Chain, 'base'> | undefined {
  const length = log.length(id)
  const last = log.at(id, length - 1)[0]?.envelope
  if (last === undefined) return undefined
  const { author, log: logId } = last
  for (let seq = from; seq < length; seq++) {
    if (log.at(id, seq).length > 1)
      return { author, log: logId, heads: headsFrom(log, id, seq), forkedAt: seq }
  }
  return { author, log: logId, heads: headsFrom(log, id, length - 1) }
}

/** The messages from a place on that have no successor, ascending by (seq, id). */
export function headsFrom(log: RoomLog, id: ChainId, from: number): Head[] {
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

/** Messages of one place and all their successors. */
export function withSuccessors(
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

/** How a message relates to the stored chain. */
export type ChainFit =
  | { readonly kind: 'next' }
  /** Nobody has the predecessor: the chain starts, or continues, here. */
  | { readonly kind: 'root' }
  | { readonly kind: 'known' }
  /** The predecessor is missing. */
  | { readonly kind: 'gap'; readonly missing: MessageId }
  /** It contradicts its predecessor, which everyone who has that one can see. */
  | { readonly kind: 'wrong'; readonly reason: string }
  /**
   * It isn't kept: smaller ids displace it, it lies beyond a fork's tail, it was pruned, or the author has
   * too many chains.
   */
  | { readonly kind: 'surplus' }

/** The only head of an unforked chain. */
export function soleHead(chain: Chain | undefined): Head | undefined {
  return chain?.forkedAt === undefined ? chain?.heads[0] : undefined
}

/** How a message fits after its predecessor. */
export function fitsAfter(
  envelope: Envelope,
  parent: { readonly seq: number; readonly ts: number },
): ChainFit {
  if (envelope.seq !== parent.seq + 1)
    return { kind: 'wrong', reason: 'its place does not follow its predecessor' }
  if (envelope.ts <= parent.ts) return { kind: 'wrong', reason: 'its time does not follow its predecessor' }
  return { kind: 'next' }
}

/** How a message fits after one that may be stored. */
export function fitAfter(log: RoomLog, id: ChainId, envelope: Envelope, prev: MessageId): ChainFit {
  const before = log.at(id, envelope.seq - 1).find(entry => entry.envelope.id === prev)
  const parent = (before ?? log.get(prev))?.envelope
  if (parent === undefined) return { kind: 'gap', missing: prev }
  if (chainId(parent.author, parent.log) !== id) {
    return { kind: 'wrong', reason: 'its predecessor is of another chain' }
  }
  const fit = fitsAfter(envelope, parent)
  return fit.kind === 'next' ? fitPlace(log, id, envelope) : fit
}

/** A place keeps the smallest ids. */
export function fitPlace(log: RoomLog, id: ChainId, envelope: Envelope): ChainFit {
  const largest = log.at(id, envelope.seq)[MAX_FORKS_PER_PLACE - 1]
  const displaced = largest !== undefined && largest.envelope.id < envelope.id
  return displaced ? { kind: 'surplus' } : { kind: 'next' }
}

// The unproved end of a chain. A successor's signature can prove a message; if that successor is displaced,
// surplus or doesn't fit, a peer that receives the message from here can't verify it. Then only its own
// signature counts.

export interface UnprovedTail {
  readonly ids: readonly MessageId[]
  /** The lowest place with an unproved message. */
  readonly from: number
}

/**
 * Searches down from a chain's end while unproved messages are possible. Records in the log which messages
 * prove themselves.
 */
export function unprovedTail(
  log: RoomLog,
  id: ChainId,
  { base, forkedAt = Number.POSITIVE_INFINITY }: Chain,
  isAuthentic: (envelope: Envelope) => boolean,
): UnprovedTail {
  const ids: MessageId[] = []
  let from = Number.POSITIVE_INFINITY
  let proved: ReadonlySet<MessageId | null> = new Set()
  // below a fork each place has one message, which any message above it proves
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

/** True if the message's own signature or a successor's proves it. */
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
