/** A part of a chain as it is handed out: see `RoomLog.range`. */
import type { MessageId } from '../core/ids.ts'
import { toHex } from '../core/ids.ts'
import type { Piece, RangeLimit } from '../core/log.ts'
import type { EntryRow } from './sqlite-messages.ts'

type Row = EntryRow & { readonly seq: number }

/** Takes of messages in the order of their places what `limit` lets through; reads no more than it needs. */
export function readPart(rows: Iterable<Row>, from: number, limit: RangeLimit): readonly Piece[] {
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

/** The messages of one place after the other, up to the first empty place. */
function* placesOf(rows: Iterable<Row>, from: number): Iterable<readonly Row[]> {
  let place: Row[] = []
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

function pieceOf({ seq, id, wire }: Row): Piece {
  return { seq, id: toHex(id) as MessageId, wire }
}
