/**
 * What is known of a chain beside its messages: where it is forked and where its branches end. The log keeps it,
 * so that opening a room needn't read its messages.
 */
import type { ChainId, LogId, MessageId, PeerKey } from './ids.ts'
import type { RoomLog } from './log.ts'

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
  /** From this place on nothing is taken in any more: see rule 3 of the forks. */
  readonly closedAt?: number
}

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
