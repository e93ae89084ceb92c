/**
 * What of a chain's end nothing proves. A message may stand on another one's signature; where that one is displaced,
 * one too many, or doesn't fit, nobody could check it who gets it from here. Then its own signature decides.
 */
import type { Chain } from '../../protocol/chain.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import type { ChainId, MessageId } from '../../protocol/ids.ts'
import type { Entry, RoomLog } from '../log.ts'

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
