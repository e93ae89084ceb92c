/**
 * One exchange over a virtual stream: each side says what it has to say at its own pace, a window of messages ahead of
 * what the other one read; what was said arrives in its order and after a while. A side that hears nothing in time
 * gives up, a connection that ends takes both with it, and whoever is done hears no more. The sides themselves are
 * talkers: the program's own `Exchange`, or a villain.
 */

import type { PeerKey } from '../../src/protocol/ids.ts'
import { decodeSync, encodeSync } from '../../src/protocol/sync-message.ts'
import type { SyncFault } from '../../src/room/sync/accounting.ts'
import { SyncSession } from '../../src/room/sync/session.ts'
import type { SyncRoom } from '../../src/room/sync/sync-room.ts'
import { nextExchange, syncRoomOf } from '../support/core-exchange.ts'
import { ROOM } from '../support/core-world.ts'
import type { Life } from './life.ts'
import type { Station } from './wires.ts'

/** One side of an exchange, as its stream sees it. */
export interface Talker {
  /** The next message; undefined until the other side says more. */
  next(): Uint8Array | undefined
  /** Takes what the other side said. Returns why it must end, if it must. */
  take(bytes: Uint8Array): SyncFault | undefined
  /** True if it expects nothing more. */
  readonly isRead: boolean
  end(fault: SyncFault | undefined): void
}

/** A talker and where it sits. */
export interface Side {
  readonly station: Station
  /** Undefined for a villain. */
  readonly life: Life | undefined
  readonly talker: Talker
}

export interface RunDeps {
  readonly now: () => number
  readonly later: (ms: number, act: () => void) => void
  /** How long a message takes. */
  readonly delay: (from: Station, to: Station) => number
  /** Whether what one says reaches the other now. */
  readonly path: (from: Station, to: Station) => 'open' | 'void' | 'none'
  /** After so many messages it breaks off. */
  readonly cutAfter: number
  readonly onEnd: () => void
}

interface End extends Side {
  /** What is on its way to the other side. */
  readonly sent: { readonly at: number; readonly bytes: Uint8Array }[]
  isOver: boolean
  /** When it last heard something, or could say something. */
  movedAt: number
}

/** How long a partner may take for one step: src/network/sync/sync-stream.ts. */
const STEP_TIMEOUT_MS = 10_000
/** While a side can't read, it is looked at again after this. */
const LOOK_MS = 500
/** Messages that a stream takes before the other side reads them. */
const WINDOW = 4

const CUT: SyncFault = { reason: 'the link was cut', blame: 'nobody' }
const SILENT: SyncFault = { reason: 'nothing came in time', blame: 'nobody' }
const HUNG_UP: SyncFault = { reason: 'the partner hung up', blame: 'nobody' }

export class ExchangeRun {
  readonly #deps: RunDeps
  readonly #ends: readonly [End, End]
  #left: number
  #state: 'running' | 'over' = 'running'

  constructor(sides: readonly [Side, Side], deps: RunDeps) {
    this.#deps = deps
    this.#left = deps.cutAfter
    const movedAt = deps.now()
    const [a, b] = sides
    this.#ends = [
      { ...a, sent: [], isOver: false, movedAt },
      { ...b, sent: [], isOver: false, movedAt },
    ]
    for (const end of this.#ends) {
      this.#watch(end)
      this.#talk(end)
    }
  }

  /** Sends what a side has to say, as far as the stream takes it, and ends it if that was all. */
  #talk(end: End): void {
    while (!end.isOver && end.sent.length < WINDOW) {
      const bytes = end.talker.next()
      if (bytes === undefined) break
      const { now, delay } = this.#deps
      const before = end.sent.at(-1)?.at ?? 0
      const at = Math.max(before, now() + delay(end.station, this.#other(end).station))
      end.sent.push({ at, bytes })
      if (end.sent.length === 1) this.#carry(end)
    }
    if (!end.isOver && end.talker.isRead && end.sent.length === 0) this.#finish(end, undefined)
  }

  /** Brings the first of what a side sent to the other one. */
  #carry(from: End): void {
    const { now, later, path } = this.#deps
    const to = this.#other(from)
    const [first] = from.sent
    if (first === undefined) return
    const arrive = (): void => {
      const way = path(from.station, to.station)
      if (this.#state === 'over') return
      if (way === 'none') this.#break(CUT)
      else if (way === 'void' || to.life?.isStalled === true) later(LOOK_MS, arrive)
      else if (this.#left-- <= 0) this.#break(CUT)
      else this.#arrive(from, to, first.bytes)
    }
    later(Math.max(0, first.at - now()), arrive)
  }

  #arrive(from: End, to: End, bytes: Uint8Array): void {
    from.sent.shift()
    from.movedAt = to.movedAt = this.#deps.now()
    this.#carry(from)
    const fault = to.isOver ? undefined : to.talker.take(bytes)
    if (fault !== undefined) this.#hangUp(to, fault)
    else this.#talk(to)
    this.#talk(from)
  }

  /** Looks now and then whether a side has waited for too long. */
  #watch(end: End): void {
    const { now, later, path } = this.#deps
    const look = (): void => {
      if (end.isOver) return
      const left = end.movedAt + STEP_TIMEOUT_MS - now()
      if (path(end.station, this.#other(end).station) === 'none') this.#break(CUT)
      else if (end.life?.isStalled === true) later(LOOK_MS, look)
      else if (left > 0) later(left, look)
      else this.#hangUp(end, SILENT)
    }
    later(STEP_TIMEOUT_MS, look)
  }

  #hangUp(end: End, fault: SyncFault): void {
    const other = this.#other(end)
    this.#finish(end, fault)
    this.#deps.later(this.#deps.delay(end.station, other.station), () => this.#finish(other, HUNG_UP))
  }

  #break(fault: SyncFault): void {
    for (const end of this.#ends) this.#finish(end, fault)
  }

  #finish(end: End, fault: SyncFault | undefined): void {
    if (end.isOver) return
    end.isOver = true
    const tell = (): void => end.talker.end(fault)
    if (end.life === undefined) tell()
    else end.life.whenRunning(tell)
    if (this.#state === 'over' || this.#ends.some(one => !one.isOver)) return
    this.#state = 'over'
    this.#deps.onEnd()
  }

  #other(end: End): End {
    const [a, b] = this.#ends
    return end === a ? b : a
  }
}

/** The room as a partner is told of it: what is not committed yet is first, as in the runtime. */
function durable(life: Life): SyncRoom {
  const room = syncRoomOf(life, () => life.now())
  const settled = <Args extends readonly unknown[], Result>(read: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      life.settle()
      return read(...args)
    }
  }
  return {
    ...room,
    greeting: settled(() => room.greeting()),
    frontier: settled(() => room.frontier()),
    newest: settled(count => room.newest(count)),
    chainPart: settled((want, limit) => room.chainPart(want, limit)),
    backFrom: settled((id, limit) => room.backFrom(id, limit)),
  }
}

/** The program's own side of an exchange. */
export function honestTalker(life: Life, peer: PeerKey, role: 'begins' | 'answers'): Talker {
  const number = nextExchange()
  const room = durable(life)
  const deps = { room: (id: string) => (id === ROOM ? room : undefined), peer, exchange: number }
  const exchange = new SyncSession(role === 'begins' ? { ...deps, roomId: ROOM } : deps)
  return {
    next() {
      const message = exchange.next()
      return message && encodeSync(message)
    },
    take(bytes) {
      const message = decodeSync(bytes)
      if (message === undefined) return { reason: 'no message of this protocol', blame: 'partner' }
      return exchange.onMessage(message)
    },
    get isRead() {
      return exchange.phase === 'read'
    },
    end: fault => room.onEnded(number, peer, exchange.result(fault)),
  }
}
