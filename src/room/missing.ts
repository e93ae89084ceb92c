/** Says what is missing before messages that are shown without their predecessors. */
import type { Envelope } from '../protocol/envelope.ts'
import { idOf } from '../protocol/frontier.ts'
import type { ChainId, PeerKey } from '../protocol/ids.ts'
import type { RoomNotice } from './events.ts'
import type { RoomState } from './state.ts'

/** What is missing before messages that came without their predecessors. */
export function missingBefore(room: RoomState, alone: readonly Envelope[]): readonly RoomNotice[] {
  const first = new Map<ChainId, Envelope>()
  for (const envelope of alone) {
    const known = first.get(idOf(envelope))
    if (known === undefined || envelope.seq < known.seq) first.set(idOf(envelope), envelope)
  }
  return [...first].flatMap(([chain, { author, seq }]) => {
    const count = seq - room.log.length(chain)
    return count > 0 ? { kind: 'missing', author, name: nameOf(room, author), count } : []
  })
}

function nameOf(room: RoomState, author: PeerKey): string {
  return room.people.get(author)?.beacon.name ?? ''
}
