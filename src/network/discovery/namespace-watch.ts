/**
 * Watches the members of a namespace: by `/parley/watch/1` if the helper has it, otherwise by polling, as any
 * rendezvous point allows.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { PeerId } from '@libp2p/interface'
import type { RateConfig } from '../../common/rate-limit.ts'
import { Rate } from '../../common/rate-limit.ts'
import { encode, WATCH_PROTOCOL } from '../../protocol/rendezvous.ts'
import { deadline } from '../deadline.ts'
import type { RendezvousStream } from '../streams/length-prefixed.ts'
import type { PeerAddresses } from './peer-record.ts'
import type { DiscoveredPage, RequestFailure, RequestOptions, RequestOutcome } from './rendezvous-client.ts'
import {
  ANSWER_MS,
  discover,
  failureOf,
  openStream,
  receiveMessage,
  verifyPage,
} from './rendezvous-client.ts'

/** Records verified for one helper: a room of 1,000 at once, then far more than ever arrive. */
const RECORD_RATE: RateConfig = { perSecond: 100, burst: 4_096 }

/** Between two polls of a helper that doesn't push, milliseconds. */
const POLL_MS = 15_000

/**
 * Reports other members: first all registered ones, perhaps none, then each new or changed one; duplicates
 * are possible. `order` tells who registered before us and who after. Both of a pair see the same order, so
 * it can decide who dials, however many arrive at once. Until our own registration is seen, everyone counts
 * as `before`.
 */
export type OnMembers = (members: readonly PeerAddresses[], order: 'before' | 'after') => void

export interface WatchOptions {
  readonly ask: RequestOptions
  /** This node, which isn't reported. */
  readonly self: PeerId
  /** This node's signed record as last registered; empty if none. */
  readonly ownRecord: () => Uint8Array
  readonly onMembers: OnMembers
}

/** Resolves when it can't go on. */
export async function watchNamespace(following: WatchOptions): Promise<RequestFailure> {
  const watched = await watch(following)
  return watched.kind === 'unsupported' ? await poll(following) : watched
}

/** Opens a watch and reads it until it ends, which is always a failure. */
export async function watch(following: WatchOptions): Promise<RequestFailure> {
  const { ask } = following
  const first = deadline(ANSWER_MS, ask.signal)
  const opened = await openStream(ask, WATCH_PROTOCOL, first)
  if (opened.kind !== 'ok') return opened
  const { stream, wire } = opened.value
  try {
    await wire.write(encode({ kind: 'discover', namespace: ask.namespace }), first)
    return await readPushes(following, wire, first)
  } catch (cause) {
    return failureOf(cause, ask.signal)
  } finally {
    stream.abort(new Error('no longer watching'))
  }
}

async function readPushes(
  following: WatchOptions,
  wire: RendezvousStream,
  first: AbortSignal,
): Promise<RequestFailure> {
  const { ask } = following
  const reading = new NamespaceReader(following)
  let signal = first
  for (;;) {
    const received = await receiveMessage(wire, signal, ask.signal)
    if (received.kind !== 'ok') return received
    const taken = reading.take(await verifyPage(ask, received.value))
    if (taken.kind !== 'ok') return taken
    // from here on silence means no news; the connection's own pings tell whether it lives
    signal = ask.signal
  }
}

async function poll(following: WatchOptions): Promise<RequestFailure> {
  const { ask } = following
  let reading = new NamespaceReader(following)
  let cookie: Uint8Array | undefined
  for (;;) {
    const found = await discover({ ...ask, ...(cookie && { cookie }) })
    const restarted = found.kind === 'refused' && found.status === 'E_INVALID_COOKIE' && cookie !== undefined
    if (restarted) {
      cookie = undefined
      reading = reading.restart()
      continue
    }
    const taken = reading.take(found)
    if (taken.kind !== 'ok') return taken
    cookie = taken.value.cookie
    if (taken.value.count > 0 && cookie !== undefined) continue
    await pause(POLL_MS, undefined, { signal: ask.signal, ref: false }).catch(() => {})
    if (ask.signal.aborted) return { kind: 'stopped' }
  }
}

/** Reads page after page and reports members, within what one helper may send. */
class NamespaceReader {
  readonly #options: WatchOptions
  readonly #rate: Rate
  /** Whether our own registration was seen. */
  #order: 'before' | 'after' = 'before'

  constructor(following: WatchOptions, rate = new Rate(RECORD_RATE)) {
    this.#options = following
    this.#rate = rate
  }

  /** Starts over, with no further budget. */
  restart(): NamespaceReader {
    return new NamespaceReader(this.#options, this.#rate)
  }

  take(found: RequestOutcome<DiscoveredPage>): RequestOutcome<DiscoveredPage> {
    if (found.kind !== 'ok') return found
    const now = Date.now()
    for (let cost = 0; cost <= found.value.count; cost++) {
      if (!this.#rate.take(now)) return { kind: 'invalid', what: 'a flood' }
    }
    this.#report(found.value.members)
    return found
  }

  #report(members: readonly PeerAddresses[]): void {
    const { self, ownRecord, onMembers } = this.#options
    const before: PeerAddresses[] = []
    const after: PeerAddresses[] = []
    const wasBefore = this.#order === 'before'
    for (const member of members) {
      const isSelf = member.peerId.equals(self)
      // an older registration of ours may still exist; its position means nothing
      if (isSelf && Buffer.compare(member.envelope, ownRecord()) === 0) this.#order = 'after'
      if (!isSelf) (this.#order === 'before' ? before : after).push(member)
    }
    if (wasBefore) onMembers(before, 'before')
    if (after.length > 0 || !wasBefore) onMembers(after, 'after')
  }
}
