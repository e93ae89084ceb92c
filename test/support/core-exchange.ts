/**
 * One exchange of the sync between two rooms, step by step, as the network performs it, with every message
 * encoded and decoded on its way. What it leaves out is the stream: deadlines, backpressure and hang-ups.
 */
import type { Instant } from '../../src/core/clock.ts'
import type { ChainHeads, Want } from '../../src/core/frontier.ts'
import type { PeerKey } from '../../src/core/ids.ts'
import type { Room } from '../../src/core/room.ts'
import type { RoomEvent, Verdict } from '../../src/core/room-event.ts'
import type { SyncMessage } from '../../src/core/sync-message.ts'
import {
  decodeSync,
  encodeSync,
  MAX_HAVE_CHAINS,
  MAX_SYNC_MESSAGE_BYTES,
  MAX_WANTS,
  MESSAGES_LIMIT,
} from '../../src/core/sync-message.ts'
import { ROOM } from './core-world.ts'

/** One end of an exchange. */
export interface Side {
  readonly key: PeerKey
  readonly room: Room
  /** Gives its room an event and performs the effects; returns the verdict if there is one. */
  tell(event: RoomEvent): Verdict | undefined
}

/** Parts without anything new after which the network hangs up. */
const MAX_USELESS_PARTS = 16

let exchanges = 0

/** Runs an exchange. Each `yield` is a message on its way; whoever drives it may stop there, as a cut link would. */
export function* exchangeSteps(a: Side, b: Side, now: () => Instant): Generator<void, void> {
  const number = { a: ++exchanges, b: ++exchanges }
  let outcome: 'complete' | 'failed' = 'failed'
  try {
    yield* talk(a, b, number, now)
    outcome = 'complete'
  } catch (error) {
    if (!(error instanceof HangUp)) throw error
  } finally {
    a.tell({ kind: 'synced', from: b.key, exchange: number.a, outcome })
    b.tell({ kind: 'synced', from: a.key, exchange: number.b, outcome })
  }
}

/** Runs an exchange to its end at once. */
export function exchange(a: Side, b: Side, now: () => Instant): void {
  for (const _ of exchangeSteps(a, b, now));
}

class HangUp extends Error {}

function* talk(
  a: Side,
  b: Side,
  number: { readonly a: number; readonly b: number },
  now: () => Instant,
): Generator<void, void> {
  const [fromA, fromB] = [a.room.greeting(now()), b.room.greeting(now())]
  yield
  b.tell({
    kind: 'greeted',
    from: a.key,
    beacon: sent({ kind: 'hello', room: ROOM, ...fromA }, 'hello').beacon,
  })
  a.tell({
    kind: 'greeted',
    from: b.key,
    beacon: sent({ kind: 'hello', room: ROOM, ...fromB }, 'hello').beacon,
  })
  if (fromA.digest === fromB.digest) return
  const [heldByA, heldByB] = [held(a), held(b)]
  yield
  a.tell({ kind: 'holds', from: b.key, chains: heldByB })
  b.tell({ kind: 'holds', from: a.key, chains: heldByA })
  const wantedByA = wanted(a.room.wants(number.a, b.key, heldByB))
  const wantedByB = wanted(b.room.wants(number.b, a.key, heldByA))
  yield
  yield* serve(b, a, wantedByA)
  yield* serve(a, b, wantedByB)
}

/** Sends what was wanted. */
function* serve(from: Side, to: Side, wants: readonly Want[]): Generator<void, void> {
  let useless = 0
  for (const want of wants) {
    let { seq } = want
    for (;;) {
      const part = from.room.part({ ...want, seq }, MESSAGES_LIMIT).map(entry => entry.envelope)
      const last = part.at(-1)
      if (last === undefined) break
      const { wires } = sent({ kind: 'messages', wires: part.map(one => one.wire) }, 'messages')
      yield
      const verdict = to.tell({ kind: 'segment', from: from.key, wires })
      if (verdict === 'ignore') useless++
      if (verdict === 'reject' || useless > MAX_USELESS_PARTS) throw new HangUp()
      seq = last.seq + 1
    }
  }
}

function held(side: Side): readonly ChainHeads[] {
  const chains = side.room.frontier
  const parts = Array.from({ length: Math.ceil(chains.length / MAX_HAVE_CHAINS) }, (_, index) =>
    chains.slice(index * MAX_HAVE_CHAINS, (index + 1) * MAX_HAVE_CHAINS),
  )
  return parts.flatMap(part => sent({ kind: 'have', chains: part, part: 'more' }, 'have').chains)
}

function wanted(wants: readonly Want[]): readonly Want[] {
  return sent({ kind: 'want', wants: wants.slice(0, MAX_WANTS) }, 'want').wants
}

/** What a message is on the other side. */
function sent<Kind extends SyncMessage['kind']>(
  message: SyncMessage,
  kind: Kind,
): Extract<SyncMessage, { kind: Kind }> {
  const bytes = encodeSync(message)
  const read = decodeSync(bytes)
  if (read === undefined || !isKind(read, kind))
    throw new Error(`${message.kind} of ${bytes.length} of ${MAX_SYNC_MESSAGE_BYTES} bytes is not read`)
  return read
}

function isKind<Kind extends SyncMessage['kind']>(
  message: SyncMessage,
  kind: Kind,
): message is Extract<SyncMessage, { kind: Kind }> {
  return message.kind === kind
}
