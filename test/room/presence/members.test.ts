import { describe, expect, test } from 'vitest'
import type { Beacon } from '../../../src/protocol/beacon.ts'
import { decodeBeacon } from '../../../src/protocol/beacon.ts'
import type { PeerKey } from '../../../src/protocol/ids.ts'
import {
  BEACON_FRESH_MS,
  BEACON_IDLE_MS,
  BEACONS_MISSED,
  MEMBER_COUNT,
  OVERTAKEN_MS,
} from '../../../src/room/policy.ts'
import type { MemberChange } from '../../../src/room/presence/members.ts'
import { Members } from '../../../src/room/presence/members.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { EPOCH, instant, signerOf } from '../../support/core-world.ts'
import { beaconOf, LINK } from '../validation/validator-kit.ts'

const LOST_AFTER_MS = 10_000
const INDIRECT_MS = BEACON_IDLE_MS * BEACONS_MISSED

function open(): Members {
  return new Members({ lostAfterMs: LOST_AFTER_MS })
}

/** What someone says of itself at a time; the stamp is that time unless given. */
function says(ms: number, fields: Partial<Beacon> = {}, signer = ALICE): Beacon {
  const beacon = decodeBeacon(beaconOf(signer, { stamp: EPOCH + ms, ...fields }))
  if (beacon === undefined) throw new Error('not a beacon')
  return beacon
}

/** Changes in short. */
function told(changes: readonly MemberChange[]): readonly string[] {
  return changes.map(change => {
    const { name } = change.member.beacon
    if (change.kind === 'renamed') return `${change.formerName} is now ${name}`
    return change.kind === 'left' ? `${name} left, ${change.reason}` : `${name} joined`
  })
}

/** Lets time pass, deciding whenever something is due, as the room does. */
function wait(people: Members, from: number, to: number): readonly string[] {
  const all: string[] = []
  for (let now = from; now <= to; ) {
    all.push(...told(people.tick(instant(now), BEACON_IDLE_MS)))
    now = Math.max(now + 1, people.dueAt(BEACON_IDLE_MS) ?? to + 1)
  }
  return all
}

describe('someone', () => {
  test('joins once, and is here', () => {
    const people = open()
    expect(told(people.onBeacon(says(0), instant(0)))).toEqual(['someone joined'])
    expect(told(people.onBeacon(says(1), instant(1)))).toEqual([])
    expect([people.isHere(ALICE.author), people.count, people.here().length]).toEqual([true, 1, 1])
  })

  test('takes another name', () => {
    const people = open()
    people.onBeacon(says(0, { name: 'ann' }), instant(0))
    expect(told(people.onBeacon(says(1, { name: 'anna' }), instant(1)))).toEqual(['ann is now anna'])
    expect(people.get(ALICE.author)?.beacon.name).toBe('anna')
  })

  test('says goodbye, once, and may come back', () => {
    const people = open()
    people.onBeacon(says(0), instant(0))
    expect(told(people.onBeacon(says(1, { state: 'leaving' }), instant(1)))).toEqual(['someone left, quit'])
    expect(told(people.onBeacon(says(2, { state: 'leaving' }), instant(2)))).toEqual([])
    expect(told(people.onUnsubscribed(ALICE.author))).toEqual([])
    expect([people.isHere(ALICE.author), people.count]).toEqual([false, 0])
    expect(told(people.onBeacon(says(3), instant(3)))).toEqual(['someone joined'])
  })

  test('leaves the topic without a beacon', () => {
    const people = open()
    people.onBeacon(says(0), instant(0))
    expect(told(people.onUnsubscribed(ALICE.author))).toEqual(['someone left, quit'])
    expect(told(people.onUnsubscribed(BOB.author))).toEqual([])
  })

  test('who only says goodbye was never here', () => {
    const people = open()
    expect(told(people.onBeacon(says(0, { state: 'leaving' }), instant(0)))).toEqual([])
    expect(people.count).toBe(0)
  })
})

describe('a connection', () => {
  test('that breaks and stays broken means that the person is lost, at the time set and once', () => {
    const people = open()
    people.onLinked(ALICE.author, instant(0))
    people.onBeacon(says(0), instant(0))
    expect(wait(people, 0, 100_000)).toEqual([])
    people.onUnlinked(ALICE.author, instant(100_000))
    expect(wait(people, 100_000, 100_000 + LOST_AFTER_MS - 1)).toEqual([])
    expect(wait(people, 100_000 + LOST_AFTER_MS, 500_000)).toEqual(['someone left, lost'])
    expect(people.count).toBe(0)
  })

  test('that breaks and heals shows nothing', () => {
    const people = open()
    people.onLinked(ALICE.author, instant(0))
    people.onBeacon(says(0), instant(0))
    people.onUnlinked(ALICE.author, instant(1_000))
    people.onLinked(ALICE.author, instant(1_000 + LOST_AFTER_MS - 1))
    expect(wait(people, 1_000, 500_000)).toEqual([])
    expect(told(people.onBeacon(says(500_000), instant(500_000)))).toEqual([])
  })

  test('that breaks while the person is heard through others shows nothing until they fall silent too', () => {
    const people = open()
    people.onLinked(ALICE.author, instant(0))
    people.onBeacon(says(0), instant(0))
    people.onUnlinked(ALICE.author, instant(1_000))
    expect(told(people.onBeacon(says(5_000), instant(5_000)))).toEqual([])
    expect(wait(people, 5_000, 5_000 + INDIRECT_MS - 1)).toEqual([])
    expect(wait(people, 5_000 + INDIRECT_MS, 500_000)).toEqual(['someone left, lost'])
  })

  test('that breaks loses nobody who connects again in time, whatever is spoken on that', () => {
    const people = open()
    people.onLinked(ALICE.author, instant(0))
    people.onBeacon(says(0), instant(0))
    people.onUnlinked(ALICE.author, instant(1_000))
    people.onReached(ALICE.author, instant(5_000))
    expect(wait(people, 5_000, 1_000 + LOST_AFTER_MS)).toEqual([])
    people.onUnlinked(ALICE.author, instant(20_000))
    expect(wait(people, 20_000, 20_000 + LOST_AFTER_MS)).toEqual(['someone left, lost'])
  })

  test.each([
    ['agrees', 0],
    ['is ahead', 60_000],
  ])(
    'that breaks loses nobody who writes on, which is told by when it was written: a clock that %s',
    (_, ahead) => {
      const people = open()
      people.onLinked(ALICE.author, instant(0))
      people.onBeacon(says(ahead), instant(0))
      people.onUnlinked(ALICE.author, instant(1_000))
      people.onWrote(ALICE.author, EPOCH + ahead + 2_000, instant(5_000))
      expect(wait(people, 5_000, 1_000 + LOST_AFTER_MS)).toEqual([])
      people.onUnlinked(ALICE.author, instant(20_000))
      // it comes late, by way of others, from before the break
      people.onWrote(ALICE.author, EPOCH + ahead + 19_999, instant(25_000))
      expect(wait(people, 25_000, 20_000 + LOST_AFTER_MS)).toEqual(['someone left, lost'])
    },
  )

  test('that comes back after the person was lost shows it when it says so', () => {
    const people = open()
    people.onLinked(ALICE.author, instant(0))
    people.onBeacon(says(0), instant(0))
    people.onUnlinked(ALICE.author, instant(0))
    expect(wait(people, 0, LOST_AFTER_MS)).toEqual(['someone left, lost'])
    people.onLinked(ALICE.author, instant(20_000))
    expect([people.count, wait(people, 20_000, 50_000)]).toEqual([0, []])
    expect(told(people.onBeacon(says(20_001), instant(20_001)))).toEqual(['someone joined'])
    expect(people.get(ALICE.author)?.link).toBe('direct')
  })

  test('that breaks after a goodbye loses nobody', () => {
    const people = open()
    people.onLinked(ALICE.author, instant(0))
    people.onBeacon(says(0), instant(0))
    people.onBeacon(says(1, { state: 'leaving' }), instant(1))
    people.onUnlinked(ALICE.author, instant(2))
    expect(wait(people, 2, 500_000)).toEqual([])
  })
})

describe('someone heard of through others', () => {
  test('is here as long as beacons come', () => {
    const people = open()
    people.onBeacon(says(0), instant(0))
    for (let now = 0; now < 10 * INDIRECT_MS; now += BEACON_IDLE_MS) {
      expect(wait(people, now, now + BEACON_IDLE_MS)).toEqual([])
      people.onBeacon(says(now + BEACON_IDLE_MS), instant(now + BEACON_IDLE_MS))
    }
    expect(people.isHere(ALICE.author)).toBe(true)
  })

  test('is lost when they stop', () => {
    const people = open()
    people.onBeacon(says(0), instant(0))
    expect(wait(people, 0, INDIRECT_MS - 1)).toEqual([])
    expect(wait(people, INDIRECT_MS, 2 * INDIRECT_MS)).toEqual(['someone left, lost'])
  })
})

describe('a beacon by gossip is news', () => {
  test('when it is newer than what is known, and not from far away in time', () => {
    const people = open()
    people.onBeacon(says(50), instant(50))
    const isNews = (ms: number, signer = ALICE) => people.isNewer(says(ms, {}, signer), LINK, instant(60))
    expect([isNews(49), isNews(50), isNews(51)]).toEqual([false, false, true])
    expect([isNews(-BEACON_FRESH_MS, BOB), isNews(2 * BEACON_FRESH_MS, BOB), isNews(0, BOB)]).toEqual([
      false,
      false,
      true,
    ])
  })

  test('whatever its clock says, from someone who is connected', () => {
    const people = open()
    people.onLinked(BOB.author, instant(0))
    expect(people.isNewer(says(-9 * BEACON_FRESH_MS, {}, BOB), LINK, instant(0))).toBe(true)
  })

  test('and a goodbye is never undone by what was said before it', () => {
    const people = open()
    people.onBeacon(says(10), instant(10))
    people.onBeacon(says(20, { state: 'leaving' }), instant(20))
    expect(people.isNewer(says(15), LINK, instant(25))).toBe(false)
  })
})

describe('a beacon that is handed over is what its author says now', () => {
  test('when nothing newer was heard since the link came up', () => {
    const people = open()
    people.onBeacon(says(1_000_000), instant(0))
    people.onLinked(ALICE.author, instant(10))
    // its clock was set back between two starts
    expect(people.isCurrent(says(500), instant(11))).toBe(true)
    people.onBeacon(says(500), instant(11))
    expect([499, 501].map(ms => people.isCurrent(says(ms), instant(12)))).toEqual([false, true])
  })

  test('and over a connection that replaced another one whose end was not noticed', () => {
    const people = open()
    people.onLinked(ALICE.author, instant(0))
    people.onBeacon(says(1_000_000), instant(1))
    people.onLinked(ALICE.author, instant(10))
    expect(people.isCurrent(says(500), instant(11))).toBe(true)
  })

  test('but not when it was overtaken on its way', () => {
    const people = open()
    people.onLinked(ALICE.author, instant(0))
    people.onBeacon(says(100, { name: 'new' }), instant(1))
    expect(people.isCurrent(says(99, { name: 'old' }), instant(2))).toBe(false)
    people.onBeacon(says(200, { state: 'leaving' }), instant(2))
    expect(people.isCurrent(says(150), instant(1 + OVERTAKEN_MS))).toBe(false)
  })
})

describe('a beacon of an earlier run, whose clock was ahead, that comes late by way of others', () => {
  /** She comes back with her clock set back, and then others tell that she left before. */
  function late(): Members {
    const people = open()
    people.onBeacon(says(1_000_000), instant(0))
    people.onLinked(ALICE.author, instant(10))
    people.onBeacon(says(500), instant(11))
    const goodbye = says(1_000_001, { state: 'leaving' })
    expect(people.isNewer(goodbye, LINK, instant(12))).toBe(true)
    expect(told(people.onBeacon(goodbye, instant(12)))).toEqual(['someone left, quit'])
    return people
  }

  test('is undone by what its author sends over its own link, once nothing it overtook can come any more', () => {
    const people = late()
    const isNews = (ms: number, from: PeerKey) => people.isNewer(says(ms), from, instant(ms))
    const [soon, later] = [11 + OVERTAKEN_MS, 12 + OVERTAKEN_MS]
    expect([isNews(soon, ALICE.author), isNews(later, LINK), isNews(later, ALICE.author)]).toEqual([
      false,
      false,
      true,
    ])
    expect(told(people.onBeacon(says(later), instant(later)))).toEqual(['someone joined'])
  })

  test('is undone by what its author hands over then', () => {
    const people = late()
    const [soon, later] = [11 + OVERTAKEN_MS, 12 + OVERTAKEN_MS]
    expect([soon, later].map(ms => people.isCurrent(says(ms), instant(ms)))).toEqual([false, true])
  })

  test('is not undone by one of its own that comes again, nor over a link that is gone', () => {
    const people = late()
    const at = instant(12 + OVERTAKEN_MS)
    expect(people.isNewer(says(1_000_001, { state: 'leaving' }), ALICE.author, at)).toBe(false)
    people.onUnlinked(ALICE.author, at)
    expect(people.isNewer(says(900), ALICE.author, at)).toBe(false)
  })
})

describe('a crowd', () => {
  const crowd = Array.from({ length: MEMBER_COUNT }, (_, index) => signerOf(`crowd ${index}`))

  function full(): Members {
    const people = open()
    for (const [index, signer] of crowd.entries()) people.onBeacon(says(index, {}, signer), instant(index))
    return people
  }

  test('is remembered up to a number, and one more does not join again and again', () => {
    const people = full()
    for (const ms of [5_000, 5_001]) {
      expect(told(people.onBeacon(says(ms), instant(ms)))).toEqual([])
      expect([people.count, people.get(ALICE.author)]).toEqual([MEMBER_COUNT, undefined])
    }
  })

  test('gives way to someone who is connected', () => {
    const people = full()
    people.onLinked(ALICE.author, instant(5_000))
    const changes = people.onBeacon(says(5_000, { name: 'alice' }), instant(5_000))
    expect(told(changes)).toEqual(['someone left, lost', 'alice joined'])
    expect(changes[0]?.member.key).toBe(crowd[0]?.author)
    expect([people.count, people.here().length]).toEqual([MEMBER_COUNT, MEMBER_COUNT])
  })

  test('forgets those who left before anyone else', () => {
    const people = full()
    people.onBeacon(says(5_000, { state: 'leaving' }, crowd[7]), instant(5_000))
    expect(told(people.onBeacon(says(5_001, { name: 'alice' }), instant(5_001)))).toEqual(['alice joined'])
    expect([people.count, people.get(crowd[7]?.author ?? ALICE.author)]).toEqual([MEMBER_COUNT, undefined])
  })

  test('is counted right through all of it', () => {
    const people = full()
    for (const signer of crowd.slice(0, 100)) people.onLinked(signer.author, instant(5_000))
    for (const signer of crowd.slice(0, 50)) people.onUnlinked(signer.author, instant(6_000))
    wait(people, 6_000, 40_000)
    expect(people.count).toBe(people.here().length)
    wait(people, 40_000, 200_000)
    expect([people.count, people.here().length, people.linkedCount]).toEqual([50, 50, 50])
  })
})
