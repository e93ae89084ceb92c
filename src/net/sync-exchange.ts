/**
 * One exchange of the sync over one stream. Both sides do the same: introduce themselves, and unless they hold
 * the same say what they hold, ask for what they lack, serve what the other asked for, and end. Every step has a
 * deadline; whoever sends what it shouldn't is hung up on.
 */
import type { Stream } from '@libp2p/interface'
import type { LengthPrefixedStream } from '@libp2p/utils'
import type { ChainHeads, Want } from '../core/frontier.ts'
import { idOf } from '../core/frontier.ts'
import type { PeerKey, RoomId } from '../core/ids.ts'
import type { Entry, RangeLimit } from '../core/log.ts'
import type { Verdict } from '../core/room-event.ts'
import type { SyncMessage } from '../core/sync-message.ts'
import {
  decodeSync,
  encodeSync,
  MAX_HAVE_CHAINS,
  MAX_HAVE_TOTAL,
  MAX_SYNC_MESSAGE_BYTES,
  MAX_WANTS,
  MESSAGES_LIMIT,
} from '../core/sync-message.ts'
import { lengthPrefixed } from './length-prefixed.ts'

/** How long the partner may take for one message, or to make room for one: a link of 40 kB/s manages the largest. */
const STEP_TIMEOUT_MS = 10_000
/** What one exchange may move one way, in bytes; the rest comes with the next. */
const MAX_MOVED_BYTES = 64 * 1024 * 1024
/** Parts that brought nothing new: a few happen when two partners send the same. */
const MAX_USELESS_PARTS = 16

/** The room as its exchanges see it. */
export interface SyncRoom {
  greeting(): { readonly beacon: Uint8Array; readonly digest: string }
  frontier(): readonly ChainHeads[]
  wants(exchange: number, peer: PeerKey, theirs: readonly ChainHeads[]): readonly Want[]
  part(want: Want, limit: RangeLimit): readonly Entry[]
  onGreeted(peer: PeerKey, beacon: Uint8Array): void
  onHolds(peer: PeerKey, chains: readonly ChainHeads[]): void
  onSegment(peer: PeerKey, wires: readonly Uint8Array[]): Verdict
  onEnded(exchange: number, peer: PeerKey, outcome: Outcome): void
}

/** `received` and `sent` count messages. */
export type Outcome =
  | { readonly kind: 'complete'; readonly received: number; readonly sent: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly received: number; readonly sent: number }

export interface ExchangeDeps {
  readonly stream: Stream
  /** The room that the partner names, if it is open here. */
  readonly room: (id: RoomId) => SyncRoom | undefined
  /** The room to begin with; absent when the partner begins. */
  readonly roomId?: RoomId
  readonly peer: PeerKey
  readonly exchange: number
  readonly stop: AbortSignal
}

/** Runs an exchange to its end. Never rejects. */
export async function runExchange(deps: ExchangeDeps): Promise<Outcome> {
  const exchange = new Exchange(deps)
  try {
    await exchange.run()
    await deps.stream.close({ signal: AbortSignal.timeout(STEP_TIMEOUT_MS) })
    return { kind: 'complete', ...exchange.counts }
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    deps.stream.abort(cause)
    return { kind: 'failed', reason: cause.message, ...exchange.counts }
  }
}

class Exchange {
  readonly #deps: ExchangeDeps
  readonly #lp: LengthPrefixedStream
  #received = 0
  #sent = 0

  constructor(deps: ExchangeDeps) {
    this.#deps = deps
    this.#lp = lengthPrefixed(deps.stream, MAX_SYNC_MESSAGE_BYTES, 4 * MAX_SYNC_MESSAGE_BYTES)
  }

  get counts(): { readonly received: number; readonly sent: number } {
    return { received: this.#received, sent: this.#sent }
  }

  async run(): Promise<void> {
    const { room, relation } = await this.#greet()
    if (relation === 'equal') {
      await this.#write({ kind: 'end' })
      await this.#expect('end')
      return
    }
    const [, theirs] = await Promise.all([this.#sayHave(room), this.#readHave()])
    room.onHolds(this.#deps.peer, theirs)
    const mine = room.wants(this.#deps.exchange, this.#deps.peer, theirs).slice(0, MAX_WANTS)
    await this.#write({ kind: 'want', wants: mine })
    const { wants } = await this.#expect('want')
    await Promise.all([this.#serve(room, wants), this.#receive(room)])
  }

  /** Both introduce themselves; whoever began names the room. */
  async #greet(): Promise<{ room: SyncRoom; relation: 'equal' | 'differs' }> {
    const { roomId, peer } = this.#deps
    if (roomId === undefined) {
      const hello = await this.#expect('hello')
      const room = this.#find(hello.room)
      const { beacon, digest } = room.greeting()
      await this.#write({ kind: 'hello', room: hello.room, beacon, digest })
      room.onGreeted(peer, hello.beacon)
      return { room, relation: digest === hello.digest ? 'equal' : 'differs' }
    }
    const room = this.#find(roomId)
    const { beacon, digest } = room.greeting()
    await this.#write({ kind: 'hello', room: roomId, beacon, digest })
    const hello = await this.#expect('hello')
    if (hello.room !== roomId) throw new Error('the partner speaks of another room')
    room.onGreeted(peer, hello.beacon)
    return { room, relation: digest === hello.digest ? 'equal' : 'differs' }
  }

  #find(id: RoomId): SyncRoom {
    const room = this.#deps.room(id)
    if (room === undefined) throw new Error('the room is not open here')
    return room
  }

  async #sayHave(room: SyncRoom): Promise<void> {
    const chains = room.frontier()
    let from = 0
    do {
      const to = from + MAX_HAVE_CHAINS
      await this.#write({
        kind: 'have',
        chains: chains.slice(from, to),
        part: to < chains.length ? 'more' : 'last',
      })
      from = to
    } while (from < chains.length)
  }

  async #readHave(): Promise<readonly ChainHeads[]> {
    const chains: ChainHeads[] = []
    for (;;) {
      const have = await this.#expect('have')
      chains.push(...have.chains)
      const isEndless = have.part === 'more' && have.chains.length === 0
      if (isEndless || chains.length > MAX_HAVE_TOTAL) throw new Error('the partner names too many chains')
      if (have.part === 'last') return chains
    }
  }

  /** Sends what was asked for, at the pace at which the partner takes it. */
  async #serve(room: SyncRoom, wants: readonly Want[]): Promise<void> {
    if (new Set(wants.map(idOf)).size < wants.length) throw new Error('the partner asks for a chain twice')
    let bytes = 0
    for (const want of wants) bytes += await this.#serveChain(room, want, MAX_MOVED_BYTES - bytes)
    await this.#write({ kind: 'end' })
  }

  /** Sends one chain until its end or until `budget` bytes are used; returns how many were. */
  async #serveChain(room: SyncRoom, want: Want, budget: number): Promise<number> {
    let bytes = 0
    let seq = want.seq
    for (;;) {
      const wires = room.part({ ...want, seq }, MESSAGES_LIMIT)
      const last = wires.at(-1)?.envelope
      bytes += wires.reduce((sum, entry) => sum + entry.envelope.wire.length, 0)
      if (last === undefined || bytes > budget) return bytes
      await this.#write({ kind: 'messages', wires: wires.map(entry => entry.envelope.wire) })
      this.#sent += wires.length
      seq = last.seq + 1
    }
  }

  async #receive(room: SyncRoom): Promise<void> {
    let bytes = 0
    let useless = 0
    for (;;) {
      const message = await this.#read()
      if (message.kind === 'end') return
      if (message.kind !== 'messages') throw new Error(`the partner sent ${message.kind} out of turn`)
      const verdict = room.onSegment(this.#deps.peer, message.wires)
      if (verdict === 'reject') throw new Error('the partner sent what nobody may send')
      if (verdict === 'ignore') useless++
      this.#received += verdict === 'accept' ? message.wires.length : 0
      bytes += message.wires.reduce((sum, wire) => sum + wire.length, 0)
      if (useless > MAX_USELESS_PARTS || bytes > MAX_MOVED_BYTES)
        throw new Error('the partner sends without end')
    }
  }

  async #expect<Kind extends SyncMessage['kind']>(kind: Kind): Promise<Extract<SyncMessage, { kind: Kind }>> {
    const message = await this.#read()
    if (!isKind(message, kind)) throw new Error(`the partner sent ${message.kind} instead of ${kind}`)
    return message
  }

  async #read(): Promise<SyncMessage> {
    const bytes = await this.#lp.read({ signal: this.#deadline() })
    const message = decodeSync(bytes.subarray())
    if (message === undefined) throw new Error('the partner sent what is no message of this protocol')
    return message
  }

  async #write(message: SyncMessage): Promise<void> {
    await this.#lp.write(encodeSync(message), { signal: this.#deadline() })
  }

  #deadline(): AbortSignal {
    return AbortSignal.any([this.#deps.stop, AbortSignal.timeout(STEP_TIMEOUT_MS)])
  }
}

function isKind<Kind extends SyncMessage['kind']>(
  message: SyncMessage,
  kind: Kind,
): message is Extract<SyncMessage, { kind: Kind }> {
  return message.kind === kind
}
