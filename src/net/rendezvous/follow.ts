/**
 * Follows who is in a namespace: by `/parley/watch/1` where the helper has it, otherwise by asking again and
 * again, as any rendezvous point allows.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { RateConfig } from '../../core/rate.ts'
import { Rate } from '../../core/rate.ts'
import { deadline } from '../deadline.ts'
import type { Ask, Found, Opened } from './client.ts'
import { ANSWER_MS, discover, failure, open, readFound, receive } from './client.ts'
import { encode } from './codec.ts'
import { WATCH_PROTOCOL } from './message.ts'
import type { Failure, Outcome } from './outcome.ts'
import type { PeerAddresses } from './record.ts'

/** Records that are verified for one helper: a room of 1,000 at once, then far more than ever arrive. */
const RECORD_RATE: RateConfig = { perSecond: 100, burst: 4_096 }

/** Between two questions to a helper that doesn't push, milliseconds. */
const POLL_MS = 15_000

/** Hears of members: first all who are there, maybe none, then each that is new or changed; the same one may come again. */
export type OnMembers = (members: readonly PeerAddresses[]) => void

/** Resolves when it can't go on. */
export async function follow(ask: Ask, onMembers: OnMembers): Promise<Failure> {
  const watched = await watch(ask, onMembers)
  return watched.kind === 'unsupported' ? await poll(ask, onMembers) : watched
}

/** Opens a watch and reads it until it ends, which always is a failure. */
export async function watch(ask: Ask, onMembers: OnMembers): Promise<Failure> {
  const first = deadline(ANSWER_MS, ask.signal)
  const opened = await open(ask, WATCH_PROTOCOL, first)
  if (opened.kind !== 'ok') return opened
  const { stream, wire } = opened.value
  try {
    await wire.write(encode({ kind: 'discover', namespace: ask.namespace }), first)
    return await readPushes(ask, opened.value, first, onMembers)
  } catch (cause) {
    return failure(cause, ask.signal)
  } finally {
    stream.abort(new Error('no longer watching'))
  }
}

async function readPushes(
  ask: Ask,
  { wire }: Opened,
  first: AbortSignal,
  onMembers: OnMembers,
): Promise<Failure> {
  const budget = new Budget()
  let signal = first
  for (;;) {
    const received = await receive(wire, signal, ask.signal)
    if (received.kind !== 'ok') return received
    const found = await readFound(ask, received.value)
    const taken = budget.take(found)
    if (taken.kind !== 'ok') return taken
    onMembers(taken.value.members)
    // from here on silence means that nobody came; the connection's own pings tell whether it lives
    signal = ask.signal
  }
}

async function poll(ask: Ask, onMembers: OnMembers): Promise<Failure> {
  const budget = new Budget()
  let cookie: Uint8Array | undefined
  for (;;) {
    const found = await discover({ ...ask, ...(cookie && { cookie }) })
    if (found.kind === 'refused' && found.status === 'E_INVALID_COOKIE' && cookie !== undefined) {
      // it was restarted: read from the beginning
      cookie = undefined
      continue
    }
    const taken = budget.take(found)
    if (taken.kind !== 'ok') return taken
    const { members, count } = taken.value
    onMembers(members)
    cookie = taken.value.cookie
    if (count > 0 && cookie !== undefined) continue
    await pause(POLL_MS, undefined, { signal: ask.signal, ref: false }).catch(() => {})
    if (ask.signal.aborted) return { kind: 'stopped' }
  }
}

/** How much one helper may make us read. */
class Budget {
  readonly #rate = new Rate(RECORD_RATE)

  take(found: Outcome<Found>): Outcome<Found> {
    if (found.kind !== 'ok') return found
    const now = Date.now()
    for (let cost = 0; cost <= found.value.count; cost++) {
      if (!this.#rate.take(now)) return { kind: 'invalid', what: 'a flood' }
    }
    return found
  }
}
