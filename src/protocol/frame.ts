/**
 * The frame: what one gossip payload carries. Records (messages and beacons) that an author made within one
 * turn travel together, because a payload's cost hardly depends on its size: 1 to 64 records, at most 64 KiB.
 *
 *     frame = deterministic CBOR [record: bytes, ...]
 */
import { decodeCbor, encodeCbor } from './cbor.ts'
import { MAX_FRAME_BYTES, MAX_FRAME_RECORDS } from './limits.ts'

/** Encodes records that fit into one frame. */
export function encodeFrame(records: readonly Uint8Array[]): Uint8Array {
  return encodeCbor(records)
}

/** The records of a frame from any bytes; undefined if they aren't one. */
export function decodeFrame(payload: Uint8Array): readonly Uint8Array[] | undefined {
  if (payload.length > MAX_FRAME_BYTES) return undefined
  const decoded = decodeCbor(payload)
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  const records: readonly unknown[] = decoded.value
  if (records.length < 1 || records.length > MAX_FRAME_RECORDS) return undefined
  return records.every(record => record instanceof Uint8Array) ? records : undefined
}

/** How many of the first records fit into one frame: at least one. */
export function frameFit(sizes: readonly number[]): number {
  let bytes = FRAME_HEADER_BYTES
  let count = 0
  for (const size of sizes) {
    bytes += size + RECORD_HEADER_BYTES
    if (count > 0 && (count === MAX_FRAME_RECORDS || bytes > MAX_FRAME_BYTES)) break
    count++
  }
  return count
}

/** The CBOR head of an array of at most 64, and of a byte string under 64 KiB. */
const FRAME_HEADER_BYTES = 2
const RECORD_HEADER_BYTES = 3
