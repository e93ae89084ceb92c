/** What the tests of an exchange share: one side of it, and what a partner may say. */
import type { Envelope } from '../../../src/protocol/envelope.ts'
import type { ChainHeads } from '../../../src/protocol/frontier.ts'
import type { SyncMessage } from '../../../src/protocol/sync-message.ts'
import type { SyncFault } from '../../../src/room/sync/accounting.ts'
import { SyncSession } from '../../../src/room/sync/session.ts'
import type { SyncRoom } from '../../../src/room/sync/sync-room.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { chain } from '../../support/core-chain.ts'
import { nextExchange, syncRoomOf } from '../../support/core-exchange.ts'
import { sorted } from '../../support/core-frontiers.ts'
import { Peer } from '../../support/core-peer.ts'
import { instant, ROOM } from '../../support/core-world.ts'

export const PARTNER = BOB.author
export const ALICES = chain(ALICE, 20)
export const BOBS = chain(BOB, 3)

/** A peer that holds the first messages of alice's chain, and its side of an exchange. */
export function side(
  options: { readonly role?: 'opener'; readonly held?: number; readonly room?: Partial<SyncRoom> } = {},
) {
  const peer = new Peer('me')
  peer.give(ALICES.slice(0, options.held ?? 5))
  const room = { ...syncRoomOf(peer, () => instant(0)), ...options.room }
  const deps = { room: () => room, peer: PARTNER, exchange: nextExchange() }
  const exchange = new SyncSession(options.role === 'opener' ? { ...deps, roomId: ROOM } : deps)
  return { peer, exchange }
}

export function held(messages: readonly Envelope[]): ChainHeads {
  const last = messages.at(-1)
  if (last === undefined) throw new Error('no message')
  return { author: last.author, log: last.log, heads: [{ seq: last.seq, id: last.id }], base: 0 }
}

export const hello = (fields: Partial<Extract<SyncMessage, { kind: 'hello' }>> = {}): SyncMessage => ({
  kind: 'hello',
  room: ROOM,
  beacon: new Uint8Array(10),
  digest: '11'.repeat(32),
  chains: 1,
  places: 1,
  lacks: false,
  ...fields,
})
export const have = (...chains: readonly ChainHeads[]): SyncMessage => ({
  kind: 'have',
  chains: sorted(chains),
  part: 'last',
})
export const want = (fields: Partial<Extract<SyncMessage, { kind: 'want' }>> = {}): SyncMessage => ({
  kind: 'want',
  wants: [],
  part: 'last',
  tail: 0,
  earlier: [],
  ...fields,
})
export const messages = (...list: readonly Envelope[]): SyncMessage => ({
  kind: 'messages',
  wires: list.map(one => one.wire),
})
export const END_OF_IT: SyncMessage = { kind: 'end' }

/** What the partner says until it is found to be at fault; what I say meanwhile is only taken. */
export function listen(exchange: SyncSession, said: Iterable<SyncMessage>): SyncFault | undefined {
  for (const one of said) {
    for (let mine = exchange.next(); mine !== undefined; mine = exchange.next());
    const fault = exchange.onMessage(one)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** The partner says that it has alice's chain, and nothing is asked of me. */
export const OFFER = [hello(), have(held(ALICES)), want()]

/** Something that says of itself that it is this message of alice's chain, and is nothing otherwise. */
export function placed(seq: number, bytes: number): Uint8Array {
  const first = ALICES[0]?.wire ?? new Uint8Array()
  const wire = new Uint8Array(bytes)
  wire.set(first.subarray(0, 62))
  wire[62] = 0x1a
  new DataView(wire.buffer).setUint32(63, seq)
  return wire
}

export function cut<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  )
}
