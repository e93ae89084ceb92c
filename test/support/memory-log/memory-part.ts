/** Parts of a chain as they are handed out, when all messages are at hand: see `RoomLog.range` and `RoomLog.upTo`. */
import type { MessageId } from '../../../src/protocol/ids.ts'
import type { Entry, Piece, RangeLimit } from '../../../src/room/log.ts'

/** The part that begins at a place. */
export function partFrom(
  at: (seq: number) => readonly Entry[],
  seq: number,
  limit: RangeLimit,
): readonly Piece[] {
  const out: Piece[] = []
  let proved = 0
  let bytes = 0
  for (let place = seq; ; place++) {
    const entries = at(place)
    if (entries.length === 0) break
    bytes += entries.reduce((sum, entry) => sum + entry.envelope.wire.length, 0)
    const isFull = out.length + entries.length > limit.count || bytes > limit.bytes
    if (isFull && proved > 0) break
    out.push(...entries.map(pieceOf))
    if (entries.every(entry => entry.proof === 'signature')) proved = out.length
  }
  return out.slice(0, proved)
}

/** The part that ends with a message. */
export function partUpTo(
  get: (id: MessageId) => Entry | undefined,
  id: MessageId,
  limit: RangeLimit,
): readonly Piece[] {
  const out: Piece[] = []
  let bytes = 0
  for (let wanted: MessageId | null = id; wanted !== null; ) {
    const entry = get(wanted)
    if (entry === undefined) break
    bytes += entry.envelope.wire.length
    if (out.length > 0 && (out.length === limit.count || bytes > limit.bytes)) break
    out.push(pieceOf(entry))
    wanted = entry.envelope.prev
  }
  return out.reverse()
}

function pieceOf({ envelope: { seq, id, wire } }: Entry): Piece {
  return { seq, id, wire }
}
