/**
 * A chain as the log has it: where it is forked and where its branches end. What `Chains` keeps beside the log is
 * this and nothing more, so it can always be had again.
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
  /** One, or one for each branch of a forked chain. Never empty. Ascending by (seq, id). */
  readonly heads: readonly Head[]
  /** Lowest place that holds more than one message; undefined for an honest author's chain. */
  readonly forkedAt?: number
}

/** A chain as the log has it; the places before `from` hold one message each. */
export function survey(log: RoomLog, id: ChainId, from: number): Chain | undefined {
  const length = log.length(id)
  const first = log.at(id, 0)[0]?.envelope
  if (first === undefined) return undefined
  const { author, log: logId } = first
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
