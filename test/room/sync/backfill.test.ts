/** What is missing before the beginning of a chain, after somebody said that nobody has it, comes from who does. */
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { MessageId } from '../../../src/protocol/ids.ts'
import { BACKFILL_BACKOFF_MS, QUIET_MS, TAIL_COUNT, UNROOTED_PATIENCE_MS } from '../../../src/room/policy.ts'
import type { Outgoing } from '../../../src/room/sync/responder.ts'
import { responseMessages } from '../../../src/room/sync/responder.ts'
import { ALICE } from '../../support/core-arbitraries.ts'
import { chain, next, unsigned } from '../../support/core-chain.ts'
import { exchange, exchangeSteps, syncRoomOf } from '../../support/core-exchange.ts'
import { Peer } from '../../support/core-peer.ts'
import { EPOCH, instant } from '../../support/core-world.ts'
import { SEED } from '../../support/seed.ts'

const ALL = chain(ALICE, 1_100)
const [FIRST] = ALL as [(typeof ALL)[0]]

let at = 0
const now = () => instant(at)

beforeEach(() => {
  at = 0
})

const peer = (name: string) => new Peer(name, { now })

/** Who let go, or never had, what is before a place; as an eclipser says it is. */
function holding(name: string, from: number, to: number, messages = ALL): Peer {
  const one = peer(name)
  one.give(messages.slice(0, to))
  let before = -1
  while (before !== one.held.length) {
    before = one.held.length
    one.tell({ kind: 'retain', retention: { since: messages[from]?.ts ?? 0 } })
  }
  return one
}

/** Meets somebody for the first time, and is alone with him until it begins chains where he does. */
function eclipse(me: Peer, eclipser: Peer): void {
  me.tell({ kind: 'linked', peer: eclipser.key })
  exchange(me, eclipser, now)
  at += UNROOTED_PATIENCE_MS
  exchange(me, eclipser, now)
}

function places(one: Peer): readonly number[] {
  return one.log.latest(100_000).map(({ envelope }) => envelope.seq)
}

const from = (start: number, end: number) => Array.from({ length: end - start }, (_, index) => start + index)

describe('somebody who was alone with one who said that a beginning is gone', () => {
  test('gets it from the next one, late, once, and to be handed on', () => {
    const [me, eclipser, honest] = [peer('me'), holding('eve', 1_000, 1_100), peer('honest')]
    honest.give(ALL)
    eclipse(me, eclipser)
    expect(places(me)).toEqual(from(1_000, 1_100))
    expect(me.digest).toBe(honest.digest)
    me.tell({ kind: 'linked', peer: honest.key })
    const { bytes } = exchange(me, honest, now)
    expect(bytes.have + bytes.ranges).toBe(0)
    expect(me.held).toEqual(honest.held)
    expect(me.room.frontier[0]?.base).toBe(0)
    const shown = me.shown.flatMap(notice => (notice.kind === 'message' ? notice : []))
    expect(shown.length).toBe(1_100)
    expect(shown.filter(({ place }) => place === 'late').length).toBe(1_100 - TAIL_COUNT)
    const newcomer = peer('newcomer')
    exchange(newcomer, me, now)
    expect(newcomer.held).toEqual(honest.held)
  })

  test('also of chains that differ, with all that is new, in one exchange', () => {
    const [me, eclipser, honest] = [peer('me'), holding('eve', 100, 200), peer('honest')]
    honest.give(ALL.slice(0, 300))
    eclipse(me, eclipser)
    exchange(honest, me, now)
    expect(me.held).toEqual(honest.held)
  })

  test('asks everybody else at once, and one who has nothing of it ever more rarely', () => {
    const [me, eclipser, other] = [peer('me'), holding('eve', 50, 60), holding('other', 50, 60)]
    for (const { key } of [eclipser, other]) me.tell({ kind: 'linked', peer: key })
    const asks = (one: Peer) => {
      me.tell({ kind: 'tick' })
      const asked = me.effects.splice(0).some(effect => effect.kind === 'sync' && effect.peer === one.key)
      return asked && exchange(me, one, now).bytes.want > 10
    }
    eclipse(me, eclipser)
    me.effects.splice(0)
    at += QUIET_MS
    expect(asks(other)).toBe(true)
    const times: number[] = []
    for (const start = at; at < start + 10 * BACKFILL_BACKOFF_MS; at += QUIET_MS)
      if (asks(other)) times.push(at - start)
    expect(times).toEqual([BACKFILL_BACKOFF_MS, 3 * BACKFILL_BACKOFF_MS, 7 * BACKFILL_BACKOFF_MS])
  })

  test('goes on where it broke off, from whomever', () => {
    const [me, eclipser, honest] = [peer('me'), holding('eve', 1_090, 1_100), peer('honest')]
    honest.give(ALL)
    eclipse(me, eclipser)
    for (let cuts = 0; places(me)[0] !== 0 && cuts < 40; cuts++) {
      const steps = exchangeSteps(me, honest, now)
      for (let step = 0; step < 9 && steps.next().done !== true; step++);
      steps.return()
      at += QUIET_MS
      expect(me.room.frontier[0]?.base).toBe(places(me)[0])
    }
    expect(me.held).toEqual(honest.held)
  })

  test('wants it still when the program starts again', () => {
    const [me, eclipser, honest] = [peer('me'), holding('eve', 50, 60), peer('honest')]
    honest.give(ALL.slice(0, 60))
    eclipse(me, eclipser)
    me.log.commit()
    const again = new Peer('me', { now, log: me.log })
    exchange(again, honest, now)
    expect(again.held).toEqual(honest.held)
  })

  test('takes it from one partner at a time', () => {
    const [me, eclipser, one, two] = [peer('me'), holding('eve', 1_000, 1_100), peer('one'), peer('two')]
    for (const honest of [one, two]) honest.give(ALL)
    eclipse(me, eclipser)
    const before = me.effects.length
    const running = [one, two].map(honest => exchangeSteps(me, honest, now))
    for (let left = running; left.length > 0; ) left = left.filter(steps => steps.next().done !== true)
    expect(me.held).toEqual(one.held)
    const verdicts = me.effects
      .slice(before)
      .flatMap(effect => (effect.kind === 'verdict' ? effect.verdict : []))
    expect(new Set(verdicts)).toEqual(new Set(['accept']))
  })
})

describe('who was away while a beginning went', () => {
  test('joins what it had with what comes', () => {
    const [me, eclipser, honest] = [peer('me'), holding('eve', 100, 150), peer('honest')]
    honest.give(ALL.slice(0, 150))
    me.give(ALL.slice(0, 40))
    eclipse(me, eclipser)
    expect(places(me)).toEqual([...from(0, 40), ...from(100, 150)])
    exchange(me, honest, now)
    expect(me.held).toEqual(honest.held)
    expect(me.room.frontier[0]?.base).toBe(0)
  })

  test('does not want again what it let go itself, before or after', () => {
    const [me, eclipser, honest] = [holding('me', 20, 40), holding('eve', 100, 150), peer('honest')]
    honest.give(ALL.slice(0, 150))
    eclipse(me, eclipser)
    exchange(me, honest, now)
    expect(places(me)).toEqual(from(20, 150))
    const other = peer('other')
    eclipse(other, eclipser)
    other.tell({ kind: 'retain', retention: { since: ALL[110]?.ts ?? 0 } })
    exchange(other, honest, now)
    expect(places(other)).toEqual(from(110, 150))
  })

  test('nor what it would let go at once', () => {
    const [me, eclipser, honest] = [peer('me'), holding('eve', 100, 150), peer('honest')]
    honest.give(ALL.slice(0, 150))
    eclipse(me, eclipser)
    me.tell({ kind: 'retain', retention: { bytes: 1 } })
    expect(me.room.lacks(honest.key, now())).toBe(false)
    me.tell({ kind: 'retain', retention: { since: ALL[100]?.ts ?? 0 } })
    expect(me.room.lacks(honest.key, now())).toBe(false)
  })
})

describe('a part that is to come before a beginning', () => {
  function lacking(): Peer {
    const me = peer('me')
    eclipse(me, holding('eve', 10, 20))
    return me
  }
  const earlier = (me: Peer, messages: readonly { readonly wire: Uint8Array }[]) =>
    me.tell({ kind: 'earlier', from: ALICE.author, exchange: 9, wires: messages.map(({ wire }) => wire) })

  test('is what the first message names, and nothing else', () => {
    const me = lacking()
    const other = chain(ALICE, 10, { text: 'other' })
    expect(earlier(me, other)).toBe('ignore')
    expect(earlier(me, ALL.slice(3, 9))).toBe('ignore')
    expect(earlier(me, ALL.slice(12, 15))).toBe('ignore')
    expect(places(me)).toEqual(from(10, 20))
    expect(earlier(me, ALL.slice(3, 10))).toBe('accept')
    expect(earlier(me, ALL.slice(3, 10))).toBe('ignore')
    expect(places(me)).toEqual(from(3, 20))
  })

  test.each([
    ['with a hole in it', [...ALL.slice(0, 5), ...ALL.slice(6, 10)]],
    ['backwards', ALL.slice(0, 10).reverse()],
    ['of nothing', []],
    ['longer than anybody hands on', chain(ALICE, 40, { text: 'x'.repeat(4_000) })],
  ])('%s is the fault of who sent it', (_, messages) => {
    expect(earlier(lacking(), messages)).toBe('reject')
  })

  test('is not taken where only a successor proves its end, so that it can be handed on', () => {
    const trunk = chain(ALICE, 5)
    const bare = unsigned(next(trunk[4] ?? FIRST, ALICE))
    const rest = chain(ALICE, 5, { parent: bare })
    const eclipser = peer('eve')
    eclipser.tell({
      kind: 'segment',
      from: ALICE.author,
      exchange: 0,
      wires: [...trunk, bare, ...rest].map(({ wire }) => wire),
    })
    for (let step = 0; step < 3; step++)
      eclipser.tell({ kind: 'retain', retention: { since: rest[0]?.ts ?? 0 } })
    const me = peer('me')
    eclipse(me, eclipser)
    expect(places(me)).toEqual(from(6, 11))
    expect(earlier(me, [...trunk, bare])).toBe('ignore')
    expect(places(me)).toEqual(from(6, 11))
  })

  test('brings a fork to light that is before it, as for everybody else', () => {
    const me = lacking()
    const branch = next(ALL[8] ?? FIRST, ALICE, { text: 'another' })
    const honest = peer('honest')
    honest.give([...ALL.slice(0, 20), branch])
    me.give([branch])
    earlier(me, ALL.slice(0, 10))
    me.give([branch])
    expect(me.held).toEqual(honest.held)
    expect(me.digest).toBe(honest.digest)
  })
})

test('all that anybody holds and did not let go itself comes to everybody, in parts that can be handed on', () => {
  const start = fc.nat(35)
  const others = fc.array(fc.record({ base: start, meets: fc.boolean() }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(start, start, others, (had, eclipsed, all) => {
      at = 0
      const messages = ALL.slice(0, 40)
      const me = peer('me')
      me.give(messages.slice(0, had))
      eclipse(me, holding('eve', eclipsed, 40, messages))
      for (const [index, { base }] of all.entries()) {
        const other = holding(`other ${index}`, base, 40, messages)
        exchange(me, other, now)
        at += QUIET_MS
      }
      const lowest = Math.min(eclipsed, ...all.map(({ base }) => base))
      const expected = from(0, 40).filter(seq => seq < had || seq >= lowest)
      expect(places(me)).toEqual(expected)
      const base = had >= lowest ? 0 : lowest
      expect(me.room.frontier[0]?.base).toBe(base)
      const newcomer = peer('newcomer')
      eclipse(newcomer, me)
      expect(places(newcomer)).toEqual(from(base, 40))
    }),
    { seed: SEED, numRuns: 40 },
  )
})

test('who is asked for what nobody has, or for very much, sends what it has and no more', () => {
  const one = peer('one')
  one.give(ALL.slice(0, 600))
  const asked = ['00'.repeat(32), ALL[599]?.id ?? '', ALL[2]?.id ?? ''].map(id => id as MessageId)
  const wanted = { wants: [], tail: 0, earlier: asked }
  const said = [...asIterable(responseMessages(syncRoomOf(one, now), wanted, () => {}))]
  const parts = said.flatMap(part => (part.kind === 'earlier' ? part.wires.length : []))
  expect([parts, said.at(-1)?.kind]).toEqual([[parts[0], 600 - (parts[0] ?? 0), 3], 'end'])
})

test('a fresh room lacks nothing', () => {
  expect(peer('me').room.lacks(ALICE.author, instant(EPOCH))).toBe(false)
})

function* asIterable(said: Outgoing) {
  for (let next = said.next(); next.done !== true; next = said.next()) yield next.value
}
