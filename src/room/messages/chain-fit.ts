/**
 * How a message relates to what is kept of its chain.
 */
import type { Chain, Head } from '../../protocol/chain.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import type { ChainId, MessageId } from '../../protocol/ids.ts'
import { chainId } from '../../protocol/ids.ts'
import { MAX_FORKS_PER_PLACE } from '../../protocol/limits.ts'
import type { RoomLog } from '../log.ts'

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
