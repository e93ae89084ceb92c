/**
 * Asks a helper from where it sees this peer, and whether it can reach it there. Never rejects: a helper that doesn't
 * know the question, or doesn't answer, leaves this peer as wise as before.
 */
import type { Connection } from '@libp2p/interface'
import type { Seen, Tried } from '../../protocol/reachability.ts'
import {
  encodeAsk,
  MAX_PORTS,
  MAX_REACH_BYTES,
  REACH_PROTOCOL,
  readSeen,
  readTried,
} from '../../protocol/reachability.ts'
import { deadline } from '../deadline.ts'
import { lengthPrefixed } from '../streams/length-prefixed.ts'

/** The first answer: two round trips over a bad line. */
const SEEN_MS = 5_000
/** The second one, which waits for the helper's own dials. */
const TRIED_MS = 10_000

export interface ReachAnswer {
  /** Undefined if the helper didn't tell. */
  readonly seen: Seen | undefined
  /** Undefined if the helper didn't get so far; empty if it didn't want to try now. */
  readonly tried: Tried | undefined
}

export interface ReachQuestion {
  readonly connection: Connection
  /** Own ports that might be reached; the first few are asked for. */
  readonly ports: readonly number[]
  readonly signal: AbortSignal
  /** Called with the first answer as soon as it is there. */
  readonly onSeen: (seen: Seen) => void
}

export async function askReach({ connection, ports, signal, onSeen }: ReachQuestion): Promise<ReachAnswer> {
  let seen: Seen | undefined
  try {
    const first = deadline(SEEN_MS, signal)
    const stream = await connection.newStream(REACH_PROTOCOL, { signal: first })
    const wire = lengthPrefixed(stream, MAX_REACH_BYTES)
    await wire.write(encodeAsk(ports.slice(0, MAX_PORTS)), { signal: first })
    seen = readSeen((await wire.read({ signal: first })).subarray())
    if (seen !== undefined) onSeen(seen)
    const tried = readTried((await wire.read({ signal: deadline(TRIED_MS, signal) })).subarray())
    stream.close({ signal: deadline(SEEN_MS, signal) }).catch(error => stream.abort(error))
    return { seen, tried }
  } catch {
    return { seen, tried: undefined }
  }
}
