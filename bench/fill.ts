/** Puts a history into logs, by the interface that the room uses, a batch and its commit at a time. */
import type { Chain } from '../src/protocol/frontier.ts'
import type { ChainId } from '../src/protocol/ids.ts'
import { chainId } from '../src/protocol/ids.ts'
import { MESSAGES_LIMIT } from '../src/protocol/sync-message.ts'
import type { Entry, RoomLog } from '../src/room/log.ts'

/** As many as a sync brings at a time. */
const BATCH = MESSAGES_LIMIT.count

/** Where a history goes; gets each batch at once. */
export type Sink = (batch: readonly Entry[]) => void

/** Hands all messages to all sinks, in batches. Returns how many there were, and their bytes. */
export function fill(
  messages: Iterable<Entry>,
  sinks: readonly Sink[],
): { readonly count: number; readonly bytes: number } {
  let count = 0
  let bytes = 0
  let batch: Entry[] = []
  const flush = (): void => {
    for (const sink of sinks) sink(batch)
    batch = []
  }
  for (const entry of messages) {
    count++
    bytes += entry.envelope.wire.length
    batch.push(entry)
    if (batch.length === BATCH) flush()
  }
  flush()
  return { count, bytes }
}

/** Writes what of a history `has` says. */
export function logSink(log: RoomLog, has: (entry: Entry) => boolean = () => true): Sink {
  return batch => {
    append(log, batch.filter(has))
    log.commit()
  }
}

/** Writes messages and how their chains stand now; not durable before the commit. */
export function append(log: RoomLog, batch: readonly Entry[]): void {
  const chains = new Map<ChainId, Chain>()
  for (const entry of batch) {
    const { author, log: logId, seq, id, ts } = entry.envelope
    log.append(entry)
    chains.set(chainId(author, logId), { author, log: logId, heads: [{ seq, id, ts }], base: 0 })
  }
  for (const chain of chains.values()) log.save(chain)
}

/** Does the same as a sink and counts the milliseconds. */
export function timed(sink: Sink): { readonly sink: Sink; readonly spentMs: () => number } {
  let spentMs = 0
  return {
    sink: batch => {
      const startMs = performance.now()
      sink(batch)
      spentMs += performance.now() - startMs
    },
    spentMs: () => spentMs,
  }
}
