/** Parts of a chain as they are handed out: see `RoomLog.range` and `RoomLog.upTo`. */
import type { MessageId } from '../../../protocol/ids.ts'
import { toHex } from '../../../protocol/ids.ts'
import type { Piece, RangeLimit } from '../../../room/log.ts'
import type { PartRow } from './messages-table.ts'

/** Takes of messages in the order of their places what `limit` lets through; reads no more than it needs. */
export function readPart(rows: Iterable<PartRow>, from: number, limit: RangeLimit): readonly Piece[] {
  const pieces: Piece[] = []
  let proved = 0
  let bytes = 0
  for (const place of placesOf(rows, from)) {
    bytes += place.reduce((sum, { wire }) => sum + wire.length, 0)
    const isFull = pieces.length + place.length > limit.count || bytes > limit.bytes
    if (isFull && proved > 0) break
    pieces.push(...place.map(pieceOf).sort((a, b) => (a.id < b.id ? -1 : 1)))
    if (place.every(({ proof }) => proof === 1)) proved = pieces.length
  }
  return pieces.slice(0, proved)
}

/** Takes of messages, the last place first, one and those before it, as many as `limit` lets through; ascending. */
export function readUpTo(
  rows: Iterable<PartRow>,
  id: MessageId,
  limit: RangeLimit,
  prevOf: (row: PartRow) => MessageId | null,
): readonly Piece[] {
  const pieces: Piece[] = []
  let wanted: MessageId | null = id
  let bytes = 0
  let lowest: number | undefined
  for (const row of rows) {
    // the next place down has none of those that are wanted
    if (lowest !== undefined && row.seq < lowest - 1) break
    if (toHex(row.id) !== wanted) continue
    bytes += row.wire.length
    if (pieces.length > 0 && (pieces.length === limit.count || bytes > limit.bytes)) break
    pieces.push(pieceOf(row))
    wanted = prevOf(row)
    lowest = row.seq
    if (wanted === null) break
  }
  return pieces.reverse()
}

/** The messages of one place after the other, up to the first empty place. */
function* placesOf(rows: Iterable<PartRow>, from: number): Iterable<readonly PartRow[]> {
  let place: PartRow[] = []
  for (const row of rows) {
    const expected = place[0]?.seq ?? from
    if (row.seq !== expected) {
      if (place.length === 0) return
      yield place
      if (row.seq !== expected + 1) return
      place = []
    }
    place.push(row)
  }
  if (place.length > 0) yield place
}

function pieceOf({ seq, id, wire }: PartRow): Piece {
  return { seq, id: toHex(id) as MessageId, wire }
}
