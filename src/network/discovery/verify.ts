/**
 * Verifies the records that a helper passed on. One takes about 100 µs, so a thousand of them are taken in
 * portions, or they would stall everything else for a tenth of a second.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PeerAddresses } from './peer-record.ts'
import { openRecord } from './peer-record.ts'

/** About 3 milliseconds of work. */
const PORTION = 32

/** Those that are valid, in order. Ends early when the signal fires. */
export async function verifyAll(
  envelopes: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<readonly PeerAddresses[]> {
  const valid: PeerAddresses[] = []
  for (const [index, envelope] of envelopes.entries()) {
    if (index % PORTION === PORTION - 1) await nextTurn()
    if (signal.aborted) break
    const opened = await openRecord(envelope, signal)
    if (opened.kind === 'record') valid.push(opened.record)
  }
  return valid
}
