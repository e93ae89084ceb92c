/** Exchanges between whole rooms: what each of them moves, and what it costs. */
import { describe, expect, test } from 'vitest'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { MAX_TAIL } from '../../../src/protocol/limits.ts'
import { FLAT_CHAINS, MAX_WANTS } from '../../../src/protocol/sync-message.ts'
import type { RoomEvent } from '../../../src/room/events.ts'
import { QUIET_MS, TAIL_COUNT, TRANSFER_CHECK_MS, UNROOTED_PATIENCE_MS } from '../../../src/room/policy.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { chain, message, next } from '../../support/core-chain.ts'
import type { Traffic } from '../../support/core-exchange.ts'
import { exchange, exchangeSteps } from '../../support/core-exchange.ts'
import { Peer } from '../../support/core-peer.ts'
import { instant, logIdOf, signerOf } from '../../support/core-world.ts'

/** Chains of one message each, of as many authors as are needed. */
function manyChains(count: number): readonly Envelope[] {
  return Array.from({ length: count }, (_, number) =>
    message(signerOf(`author ${number % 13}`), { log: logIdOf(number) }),
  )
}

/** The messages after these. */
function continued(messages: readonly Envelope[], by: number): readonly Envelope[] {
  return messages.flatMap(first => {
    const author = Array.from({ length: 13 }, (_, number) => signerOf(`author ${number}`))
    const signer = author.find(one => one.author === first.author)
    return signer === undefined ? [] : chain(signer, by, { parent: first })
  })
}

/** What it costs to find out who wants what. */
function identification({ bytes }: Traffic): number {
  return bytes.hello + bytes.have + bytes.ranges + bytes.want
}

/** A peer whose clock is moved by hand. */
class Timed extends Peer {
  static at = 0

  constructor(name: string) {
    super(name, { now: () => instant(Timed.at) })
  }
}

const now = () => instant(Timed.at)

/** What a peer received in an exchange, by kind of event. */
function told(peer: Peer): RoomEvent[] {
  const events: RoomEvent[] = []
  const tell = peer.tell.bind(peer)
  peer.tell = event => {
    events.push(event)
    return tell(event)
  }
  return events
}

describe('one exchange is enough', () => {
  const all = manyChains(MAX_WANTS + 100)

  test('for a newcomer in a room of very many chains', () => {
    const [a, b] = [new Peer('a'), new Peer('b')]
    a.give(all)
    const { bytes } = exchange(b, a, now)
    expect(b.digest).toBe(a.digest)
    expect([bytes.ranges > 0, bytes.have > 0]).toEqual([false, true])
  })

  test('for two who hold very many, each of which a few are longer there', () => {
    const [a, b] = [new Peer('a'), new Peer('b')]
    for (const peer of [a, b]) peer.give(all)
    a.give(continued(all.slice(0, 10), 3))
    b.give(continued(all.slice(100, 110), 3))
    b.give([message(BOB, { log: logIdOf(99_999) })])
    const traffic = exchange(a, b, now)
    expect(b.digest).toBe(a.digest)
    expect(traffic.bytes.have).toBe(0)
    // keys of one author have much in common, and so their bounds are long
    expect(identification(traffic)).toBeLessThan(30_000)
  })

  test('for a large room and a small one, which are listed', () => {
    const [a, b] = [new Peer('a'), new Peer('b')]
    a.give(all)
    b.give(all.slice(-FLAT_CHAINS))
    const { bytes } = exchange(a, b, now)
    expect(b.digest).toBe(a.digest)
    expect([bytes.ranges > 0, bytes.have > 0]).toEqual([false, true])
  })
})

test('one percent missing costs little to find, at the end of one chain as of many', () => {
  const trunk = chain(ALICE, 2_000)
  const [a, b] = [new Peer('a'), new Peer('b')]
  a.give(trunk)
  b.give(trunk.slice(0, -20))
  expect(identification(exchange(b, a, now))).toBeLessThan(2_000)
  const ends = manyChains(100)
  a.give(ends)
  b.give(ends)
  a.give(continued(ends.slice(0, 20), 1))
  expect(identification(exchange(b, a, now))).toBeLessThan(20_000)
  expect(b.digest).toBe(a.digest)
})

describe('who misses many', () => {
  test('has the newest first, and everything once', () => {
    const [a, b] = [new Peer('a'), new Peer('b')]
    const [alices, bobs] = [chain(ALICE, 60), chain(BOB, 60)]
    a.give([...alices, ...bobs])
    const events = told(b)
    const { bytes } = exchange(b, a, now)
    expect(b.digest).toBe(a.digest)
    expect(bytes.tail).toBeGreaterThan(TAIL_COUNT * 180)
    const kinds = events.map(({ kind }) => kind)
    expect(kinds.indexOf('tail')).toBeLessThan(kinds.indexOf('segment'))
    const shown = b.shown.flatMap(notice => (notice.kind === 'message' ? notice.envelope.id : []))
    expect(shown.slice(0, TAIL_COUNT)).toEqual(b.held.slice(-TAIL_COUNT))
    expect(shown.toSorted()).toEqual(b.held.toSorted())
    expect(TAIL_COUNT).toBeLessThan(MAX_TAIL)
  })

  test('has them from one of many partners only, and each chain, too', () => {
    const all = chain(ALICE, 200)
    const newcomer = new Peer('newcomer')
    const partners = Array.from({ length: 8 }, (_, number) => new Peer(`partner ${number}`))
    for (const partner of partners) partner.give(all)
    const events = told(newcomer)
    const running = partners.map(partner => exchangeSteps(newcomer, partner, now))
    for (let left = running; left.length > 0; ) left = left.filter(steps => steps.next().done !== true)
    expect(newcomer.held.length).toBe(all.length)
    const count = (wanted: string) =>
      events.reduce(
        (sum, event) =>
          (event.kind === 'tail' || event.kind === 'segment') && event.kind === wanted
            ? sum + event.wires.length
            : sum,
        0,
      )
    expect([count('tail'), count('segment')]).toEqual([TAIL_COUNT, all.length])
  })
})

describe('an exchange that breaks off', () => {
  test('leaves what it brought, and the next one goes on from there', () => {
    const [a, b] = [new Peer('a'), new Peer('b')]
    const long = Array.from({ length: 4 }, (_, number) =>
      chain(ALICE, 1_200, { log: logIdOf(number) }),
    ).flat()
    a.give(long)
    const events = told(b)
    const brought = () =>
      events.reduce((sum, event) => sum + (event.kind === 'segment' ? event.wires.length : 0), 0)
    for (let cuts = 0; b.digest !== a.digest && cuts < 20; cuts++) {
      const steps = exchangeSteps(b, a, now)
      for (let step = 0; step < 12 && steps.next().done !== true; step++);
      steps.return()
    }
    expect(b.digest).toBe(a.digest)
    expect(brought()).toBe(long.length)
    const outcomes = events.flatMap(event => (event.kind === 'synced' ? event.outcome.kind : []))
    expect(outcomes.filter(kind => kind === 'failed').length).toBeGreaterThan(1)
  })

  test('or stalls lets another partner bring it', () => {
    Timed.at = 0
    const all = chain(ALICE, 20)
    const [me, idle, other] = [new Timed('me'), new Timed('idle'), new Timed('other')]
    for (const partner of [idle, other]) {
      partner.give(all)
      me.tell({ kind: 'linked', peer: partner.key })
    }
    const stalled = exchangeSteps(me, idle, now)
    for (let step = 0; step < 6; step++) stalled.next()
    exchange(me, other, now)
    expect(me.held.length).toBe(0)
    expect(me.room.dueAt(now())).toBeLessThanOrEqual(TRANSFER_CHECK_MS)
    Timed.at = TRANSFER_CHECK_MS
    me.tell({ kind: 'tick' })
    expect(syncsOf(me).at(-1)).toBe(other.key)
    exchange(me, other, now)
    expect(me.held.length).toBe(all.length)
    stalled.return()
  })
})

describe('a chain whose beginning was pruned', () => {
  const all = chain(ALICE, 30)

  function pruned(name: string): Timed {
    const peer = new Timed(name)
    peer.give(all)
    const ts = all[20]?.ts ?? 0
    for (let step = 0; step < 3; step++) peer.tell({ kind: 'retain', retention: { since: ts } })
    expect(peer.held.length).toBe(10)
    return peer
  }

  function meet(...peers: readonly Timed[]): void {
    const [me, ...others] = peers
    for (const other of others) me?.tell({ kind: 'linked', peer: other.key })
  }

  test('begins there after a while, if nobody has more', () => {
    Timed.at = 0
    const [me, partner] = [new Timed('me'), pruned('partner')]
    meet(me, partner)
    exchange(me, partner, now)
    expect(me.held.length).toBe(0)
    Timed.at = UNROOTED_PATIENCE_MS - 1
    exchange(me, partner, now)
    expect(me.held.length).toBe(0)
    Timed.at = UNROOTED_PATIENCE_MS
    me.tell({ kind: 'tick' })
    expect(syncsOf(me).at(-1)).toBe(partner.key)
    exchange(me, partner, now)
    expect(me.held).toEqual(partner.held)
    expect(me.digest).toBe(partner.digest)
  })

  test('is whole where somebody still has it', () => {
    Timed.at = 0
    const [me, partner, archive] = [new Timed('me'), pruned('partner'), new Timed('archive')]
    archive.give(all)
    meet(me, partner, archive)
    exchange(me, partner, now)
    Timed.at = QUIET_MS
    exchange(me, archive, now)
    expect(me.held).toEqual(archive.held)
    expect([me.digest, partner.digest]).toEqual([archive.digest, archive.digest])
  })

  test('goes on there for somebody who was away for long', () => {
    Timed.at = 0
    const [me, partner] = [new Timed('me'), pruned('partner')]
    me.give(all.slice(0, 5))
    meet(me, partner)
    exchange(me, partner, now)
    expect(me.held.length).toBe(5)
    Timed.at = UNROOTED_PATIENCE_MS
    exchange(me, partner, now)
    expect(me.digest).toBe(partner.digest)
    partner.give([next(all.at(-1) ?? message(ALICE), ALICE)])
    exchange(me, partner, now)
    expect(me.digest).toBe(partner.digest)
  })

  test('does not begin where nobody asked for it', () => {
    Timed.at = 0
    const me = new Timed('me')
    const wires = all.slice(20).map(({ wire }) => wire)
    me.tell({ kind: 'segment', from: BOB.author, exchange: 0, wires })
    expect(me.held.length).toBe(0)
  })
})

/** Whom a peer wanted to exchange with, in order. */
function syncsOf(peer: Peer): readonly string[] {
  return peer.effects.flatMap(effect => (effect.kind === 'sync' ? effect.peer : []))
}
