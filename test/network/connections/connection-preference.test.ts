/** Which of several connections to a peer is used. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, test } from 'vitest'
import type { Candidate } from '../../../src/network/connections/connection-preference.ts'
import { ConnectionPreference } from '../../../src/network/connections/connection-preference.ts'

const CROSSING_MS = 3_000

const [smaller, larger] = await twoPeers()

async function twoPeers(): Promise<readonly [PeerId, PeerId]> {
  const both = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')].map(peerIdFromPrivateKey)
  const [a, b] = both.toSorted((one, other) => (one.toString() < other.toString() ? -1 : 1))
  return [a as PeerId, b as PeerId]
}

interface Shown extends Candidate {
  readonly name: string
}

/** Both ends of connections, each with what is told of them. */
class Pair {
  readonly smaller = new ConnectionPreference(smaller)
  readonly larger = new ConnectionPreference(larger)
  readonly #ends: (readonly [Shown, Shown])[] = []

  /** A connection that came up at `ms`. */
  up(name: string, ms: number, by: 'smaller' | 'larger', kind: 'direct' | 'relayed' = 'direct'): this {
    const one = (remotePeer: PeerId, isMine: boolean): Shown => ({
      name,
      remotePeer,
      status: 'open',
      direct: kind === 'direct',
      direction: isMine ? 'outbound' : 'inbound',
    })
    const ends = [one(larger, by === 'smaller'), one(smaller, by === 'larger')] as const
    this.smaller.onOpen(ends[0], ms)
    // they don't see it at the same moment
    this.larger.onOpen(ends[1], ms + 100)
    this.#ends.push(ends)
    return this
  }

  /** The order at both ends, whatever the library's is. */
  get orders(): readonly string[] {
    const names = (choice: ConnectionPreference, end: 0 | 1) =>
      [this.#ends, this.#ends.toReversed()].map(ends =>
        choice
          .inOrder(ends.map(both => both[end]))
          .map(({ name }) => name)
          .join(),
      )
    return [...new Set([...names(this.smaller, 0), ...names(this.larger, 1)])]
  }

  end(name: string, at: 'smaller' | 'larger'): Shown {
    const ends = this.#ends.find(([one]) => one.name === name)
    if (ends === undefined) throw new Error(`no connection ${name}`)
    return ends[at === 'smaller' ? 0 : 1]
  }
}

describe('both ends choose', () => {
  test('a direct connection before a relayed one', () => {
    const pair = new Pair().up('relayed', 10_000, 'smaller', 'relayed').up('direct', 0, 'larger')
    expect(pair.orders).toEqual(['direct,relayed'])
  })

  test.each(['smaller', 'larger'] as const)('the newer of two that the %s one dialled', by => {
    expect(new Pair().up('old', 0, by).up('new', 1, by).orders).toEqual(['new,old'])
    expect(new Pair().up('old', 0, by).up('new', 2 * CROSSING_MS, by).orders).toEqual(['new,old'])
  })

  test('of two that crossed the one that the smaller one dialled', () => {
    const first = new Pair().up('of the smaller', 0, 'smaller').up('of the larger', CROSSING_MS - 1, 'larger')
    const last = new Pair().up('of the larger', 0, 'larger').up('of the smaller', CROSSING_MS - 1, 'smaller')
    expect(first.orders).toEqual(['of the smaller,of the larger'])
    expect(last.orders).toEqual(['of the smaller,of the larger'])
  })

  test('the one that came much later, whoever dialled it', () => {
    const pair = new Pair().up('old', 0, 'smaller').up('new', 2 * CROSSING_MS, 'larger')
    expect(pair.orders).toEqual(['new,old'])
  })

  test('the newest dial of three, and each kind by itself', () => {
    const pair = new Pair()
      .up('a', 0, 'larger')
      .up('b', 1_000, 'larger')
      .up('c', 2_000, 'smaller')
      .up('relayed old', 0, 'smaller', 'relayed')
      .up('relayed new', 9_000, 'smaller', 'relayed')
    expect(pair.orders).toEqual(['c,b,a,relayed new,relayed old'])
  })
})

describe('one end may know more', () => {
  const order = (choice: ConnectionPreference, ...all: readonly Shown[]) =>
    choice.inOrder(all).map(({ name }) => name)

  test('that a connection is no longer open, or was made for something else', () => {
    const pair = new Pair().up('old', 0, 'larger').up('new', 5_000, 'larger')
    const [old, recent] = [pair.end('old', 'smaller'), pair.end('new', 'smaller')]
    expect(order(pair.smaller, old, { ...recent, status: 'closing' })).toEqual(['old', 'new'])
    pair.smaller.deprecate(recent)
    expect(order(pair.smaller, recent, old)).toEqual(['old', 'new'])
  })

  test('that a connection is the one to use', () => {
    const pair = new Pair().up('old', 0, 'smaller').up('new', 5_000, 'larger')
    const [old, recent] = [pair.end('old', 'smaller'), pair.end('new', 'smaller')]
    pair.smaller.prefer(old)
    expect([pair.smaller.isPreferred(old), pair.smaller.isPreferred(recent)]).toEqual([true, false])
    expect(order(pair.smaller, recent, old)).toEqual(['old', 'new'])
    expect(order(pair.smaller, recent, { ...old, status: 'closed' })).toEqual(['new', 'old'])
  })
})

test('only what is replaced is doubted', () => {
  const pair = new Pair()
    .up('first', 0, 'larger')
    .up('crossing', 1_000, 'smaller')
    .up('again', 2_000, 'larger')
    .up('relayed', 9_000, 'larger', 'relayed')
    .up('late', 10_000, 'larger')
  const replaces = (one: string, other: string) =>
    pair.smaller.replaces(pair.end(one, 'smaller'), pair.end(other, 'smaller'))
  expect(replaces('crossing', 'first')).toBe(false)
  expect(replaces('again', 'first')).toBe(true)
  expect(replaces('first', 'again')).toBe(false)
  expect(replaces('late', 'crossing')).toBe(true)
  expect(replaces('relayed', 'first')).toBe(false)
})
