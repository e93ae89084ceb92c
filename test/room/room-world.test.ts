import { describe, expect, test } from 'vitest'
import { compare } from '../../src/protocol/envelope.ts'
import type { Member } from '../support/core-member.ts'
import { Network } from '../support/core-network.ts'
import { LOST_AFTER_MS } from '../support/core-peer.ts'
import { pick } from '../support/core-world.ts'
import { SEED } from '../support/seed.ts'

const WORLDS = Number(process.env['WORLDS'] ?? 4)
const STEPS = 80
const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']

/** What happens in a world that is not kind: everything that can, at random. */
class World {
  readonly network: Network
  readonly said: string[] = []
  readonly members: Member[]
  readonly #random: () => number
  #newcomers = 0

  constructor(seed: number) {
    this.network = new Network({ seed, loss: (seed % 4) * 0.15, latencyMs: 5 + (seed % 7) * 10 })
    this.#random = this.network.random
    const skews = [0, 0, 40_000, -40_000, 500, -500]
    this.members = NAMES.map((name, index) => this.network.join(name, skews[index]))
  }

  step(): void {
    const [one, other] = [pick(this.members, this.#random), pick(this.members, this.#random)]
    const dice = this.#random()
    if (dice < 0.5) this.#say(one)
    else if (dice < 0.7 && one !== other) this.network.link(one, other)
    else if (dice < 0.85 && one !== other) this.network.cut(one, other)
    else if (dice < 0.9) one.tell({ kind: 'rename', name: `${one.name} ${this.said.length}` })
    else if (dice < 0.93) this.#swap(one)
    this.network.run(this.#random() ** 3 * 2_000)
  }

  /** Peace: everyone is connected to everyone, and has time. */
  heal(): void {
    for (const one of this.members)
      for (const other of this.members) if (one !== other) this.network.link(one, other)
    this.network.run(90_000 + LOST_AFTER_MS)
  }

  #say(member: Member): void {
    const text = `${member.name} says ${this.said.length}`
    this.said.push(text)
    member.say(text)
  }

  /** One goes and another comes. Only one who said nothing goes: what only the dead knew is lost in any world. */
  #swap(member: Member): void {
    if (member.room.latest(1).length > 0 || this.members.length < 4) return
    if (this.#random() < 0.5) member.leave()
    else member.kill()
    this.members.splice(this.members.indexOf(member), 1, this.network.join(`new ${this.#newcomers++}`))
  }
}

function check(world: World, seed: number): void {
  const { members, said } = world
  for (const member of members) {
    const who = `WORLD=${seed} ${member.name}`
    expect(member.texts.toSorted(), who).toEqual(said.toSorted())
    expect(member.held, who).toEqual(members[0]?.held)
    expect([member.rejected, member.expelled], who).toEqual([[], []])
    const here = member.room.members.map(person => person.key)
    const others = members.flatMap(other => (other === member ? [] : other.key))
    expect(here.toSorted(), who).toEqual(others.toSorted())
    checkPlaces(member, who)
    checkComings(member, who)
    checkReceipts(member, members.length - 1, who)
    checkClock(member, who)
  }
}

/** A line is late exactly if it sorts before one above it. */
function checkPlaces(member: Member, who: string): void {
  const lines = member.shown.flatMap(notice => (notice.kind === 'message' ? notice : []))
  let last = lines[0]?.envelope
  for (const { envelope, place } of lines.slice(1)) {
    const isLate = last !== undefined && compare(envelope, last) < 0
    expect(place, who).toBe(isLate ? 'late' : 'newest')
    if (!isLate) last = envelope
  }
}

/** Nobody joins who is here, or leaves who isn't. */
function checkComings(member: Member, who: string): void {
  const here = new Set<string>()
  for (const notice of member.shown) {
    if (notice.kind !== 'joined' && notice.kind !== 'left' && notice.kind !== 'renamed') continue
    const { key } = notice.member
    expect(here.has(key), `${who} ${notice.kind}`).toBe(notice.kind !== 'joined')
    if (notice.kind === 'joined') here.add(key)
    if (notice.kind === 'left') here.delete(key)
  }
}

/** Everyone's receipt came, once. */
function checkReceipts(member: Member, others: number, who: string): void {
  const receipts = member.shown.flatMap(one => (one.kind === 'delivered' ? `${one.id} ${one.peer}` : []))
  expect(new Set(receipts).size, who).toBe(receipts.length)
  const own = member.log.latest(10_000).filter(entry => entry.envelope.author === member.key)
  expect(receipts.length, who).toBeGreaterThanOrEqual(own.length * others)
  expect(member.room.undelivered, who).toBe(0)
}

/** What one says comes after all that one had seen. */
function checkClock(member: Member, who: string): void {
  let highest = 0
  for (const notice of member.shown) {
    if (notice.kind !== 'message') continue
    const { envelope } = notice
    if (envelope.author === member.key && notice.via === 'live')
      expect(envelope.ts, who).toBeGreaterThan(highest)
    highest = Math.max(highest, envelope.ts)
  }
}

describe(`worlds in which links come and go (SEED=${SEED})`, () => {
  test('end with everyone holding and showing everything once, and knowing who is here', () => {
    for (let seed = SEED; seed < SEED + WORLDS; seed++) {
      const world = new World(seed)
      for (let step = 0; step < STEPS; step++) world.step()
      world.heal()
      check(world, seed)
    }
  })

  test('come to rest', () => {
    const world = new World(SEED)
    for (let step = 0; step < STEPS; step++) world.step()
    world.heal()
    world.network.loss = 0
    world.network.run(120_000)
    const before = world.network.exchanged.length
    world.network.run(600_000)
    expect(world.network.exchanged.length).toBe(before)
  })
})
