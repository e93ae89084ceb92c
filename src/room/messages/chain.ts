/**
 * The branches of a chain in the log: where they end, and what stands on a message. A chain of an honest author has one.
 */
import type { Chain, Head } from '../../protocol/chain.ts'
import type { ChainId, MessageId } from '../../protocol/ids.ts'
import type { RoomLog } from '../log.ts'

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
