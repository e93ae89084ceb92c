/**
 * What is known of a chain beside its messages: where it is forked and where its branches end. The log keeps it,
 * so that opening a room needn't read its messages.
 */
import type { LogId, MessageId, PeerKey } from './ids.ts'

/** The end of a branch. */
export interface Head {
  readonly seq: number
  readonly id: MessageId
  readonly ts: number
}

export interface Chain {
  readonly author: PeerKey
  readonly log: LogId
  /** One, or one for each branch of a forked chain. Ascending by (seq, id). Empty only for a closed one. */
  readonly heads: readonly Head[]
  /** Lowest place that holds more than one message; undefined for an honest author's chain. */
  readonly forkedAt?: number
  /** First place from which on nothing is missing up to the heads: what is before it was pruned here or elsewhere. */
  readonly base: number
  /** Messages from here up to `base` were pruned elsewhere and not here: whoever has them still may give them. */
  readonly lacksFrom?: number
  /** From this place on nothing is taken in any more: see rule 3 of the forks. */
  readonly closedAt?: number
}

/** Latest time of a message that ends a branch and isn't beyond `horizon`; 0 if there is none. */
export function latestUpTo(horizon: number, chains: Iterable<Chain>): number {
  let latest = 0
  for (const { heads } of chains) {
    for (const { ts } of heads) if (ts <= horizon && ts > latest) latest = ts
  }
  return latest
}
