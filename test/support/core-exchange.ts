/**
 * One exchange of the sync between two rooms, message by message, with every message encoded and decoded on its way:
 * the program's own `Exchange` on both sides. What it leaves out is the stream: deadlines, backpressure and hang-ups.
 */
import type { Instant } from '../../src/common/clock.ts'
import type { PeerKey } from '../../src/protocol/ids.ts'
import type { SyncMessage } from '../../src/protocol/sync-message.ts'
import { decodeSync, encodeSync, MAX_SYNC_MESSAGE_BYTES } from '../../src/protocol/sync-message.ts'
import type { RoomEvent, Verdict } from '../../src/room/events.ts'
import type { Room } from '../../src/room/room.ts'
import type { SyncFault } from '../../src/room/sync/accounting.ts'
import { SyncSession } from '../../src/room/sync/session.ts'
import type { SyncRoom } from '../../src/room/sync/sync-room.ts'
import { ROOM } from './core-world.ts'

/** One end of an exchange. */
export interface Side {
  readonly key: PeerKey
  readonly room: Room
  /** Gives its room an event and performs the effects; returns the verdict if there is one. */
  tell(event: RoomEvent): Verdict | undefined
}

/** What went over the wire. */
export interface Traffic {
  /** By kind of message, bytes with their lengths in front. */
  readonly bytes: Record<SyncMessage['kind'], number>
}

let exchanges = 0

/** A number for an exchange that nobody else has. */
export function nextExchange(): number {
  return ++exchanges
}

/** Runs an exchange, on each side's clocks. Each `yield` is a message on its way; whoever drives it may stop there, as a cut link would. */
export function* exchangeSteps(
  a: Side,
  b: Side,
  now: (side: Side) => Instant,
  traffic: Traffic = noTraffic(),
): Generator<void, void> {
  const ends = [endOf(a, b, now, 'begins'), endOf(b, a, now, 'answers')] as const
  let faults: readonly SyncFault[] = [CUT, CUT]
  try {
    faults = (yield* talk(ends, traffic)) ?? []
  } finally {
    for (const [index, { side, partner, exchange, number }] of ends.entries()) {
      const outcome = exchange.result(faults[index])
      side.tell({ kind: 'synced', from: partner.key, exchange: number, outcome })
    }
  }
}

/** Runs an exchange to its end at once. Returns what went over the wire. */
export function exchange(a: Side, b: Side, now: (side: Side) => Instant): Traffic {
  const traffic = noTraffic()
  for (const _ of exchangeSteps(a, b, now, traffic));
  return traffic
}

interface End {
  readonly side: Side
  readonly partner: Side
  readonly exchange: SyncSession
  readonly number: number
}

const CUT: SyncFault = { reason: 'the link was cut', blame: 'nobody' }
const HUNG_UP: SyncFault = { reason: 'the partner hung up', blame: 'nobody' }

function endOf(side: Side, partner: Side, now: (side: Side) => Instant, role: 'begins' | 'answers'): End {
  const number = nextExchange()
  const room = syncRoomOf(side, () => now(side))
  const deps = { room: () => room, peer: partner.key, exchange: number }
  const exchange = new SyncSession(role === 'begins' ? { ...deps, roomId: ROOM } : deps)
  return { side, partner, exchange, number }
}

/** Each side says what it has to say in turn, until neither has more. Returns both sides' faults, if there is one. */
function* talk(
  [a, b]: readonly [End, End],
  traffic: Traffic,
): Generator<void, readonly SyncFault[] | undefined> {
  let said = 0
  do {
    said = 0
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const message = from.exchange.next()
      if (message === undefined) continue
      said++
      const received = sent(message, traffic)
      yield
      const fault = to.exchange.onMessage(received)
      if (fault !== undefined) return to === b ? [HUNG_UP, fault] : [fault, HUNG_UP]
    }
  } while (said > 0)
  const phases = [a.exchange.phase, b.exchange.phase]
  if (phases.join() !== 'read,read') throw new Error(`nobody says anything, but they are ${phases}`)
  return undefined
}

/** The room as its exchanges see it. */
export function syncRoomOf(side: Side, now: () => Instant): SyncRoom {
  const { room } = side
  return {
    greeting: () => room.greeting(now()),
    canBackfillFrom: peer => room.lacks(peer, now()),
    frontier: () => room.frontier,
    sha256: bytes => room.sha256(bytes),
    wants: (number, peer, theirs) => room.wants(number, peer, theirs, now()),
    newest: count => room.latest(count).map(entry => entry.envelope.wire),
    chainPart: (want, limit) => room.chainPart(want, limit),
    backFrom: (id, limit) => room.backFrom(id, limit),
    onGreeting: (from, beacon) => void side.tell({ kind: 'greeted', from, beacon }),
    onHolds: (from, chains) => void side.tell({ kind: 'holds', from, chains }),
    onTail: (number, from, wires) => side.tell({ kind: 'tail', from, exchange: number, wires }) ?? 'ignore',
    onSegment: (number, from, wires) =>
      side.tell({ kind: 'segment', from, exchange: number, wires }) ?? 'ignore',
    onEarlier: (number, from, wires) =>
      side.tell({ kind: 'earlier', from, exchange: number, wires }) ?? 'ignore',
    isReassigned: number => room.isGivenUp(number),
    onEnded: (number, from, outcome) => void side.tell({ kind: 'synced', from, exchange: number, outcome }),
  }
}

function noTraffic(): Traffic {
  return { bytes: { hello: 0, have: 0, ranges: 0, want: 0, tail: 0, messages: 0, earlier: 0, end: 0 } }
}

/** What a message is on the other side. */
function sent(message: SyncMessage, { bytes }: Traffic): SyncMessage {
  const encoded = encodeSync(message)
  const read = decodeSync(encoded)
  if (read?.kind !== message.kind)
    throw new Error(`${message.kind} of ${encoded.length} of ${MAX_SYNC_MESSAGE_BYTES} bytes is not read`)
  bytes[message.kind] += encoded.length + (encoded.length < 0x80 ? 1 : encoded.length < 0x4000 ? 2 : 3)
  return read
}
