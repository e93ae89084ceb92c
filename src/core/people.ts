/**
 * Who is in the room, and how that is known. A beacon says that someone is here or leaving; a broken connection
 * says neither: the person is lost only when it did not come back in time, and nothing was heard of it by way
 * of others.
 */
import type { Beacon } from './beacon.ts'
import type { Instant } from './clock.ts'
import type { PeerKey } from './ids.ts'
import { BEACON_FRESH_MS, BEACONS_MISSED, PEOPLE_COUNT } from './policy.ts'

export interface Person {
  readonly key: PeerKey
  readonly presence: 'here' | 'quit' | 'lost'
  /** `direct`: connected; `broken`: was, a moment ago; `indirect`: heard of through others. */
  readonly link: 'direct' | 'broken' | 'indirect'
  /** The newest that it said of itself. */
  readonly beacon: Beacon
  /** Steady time of the last sign of life, and of the break if the link is broken. */
  readonly heardAt: number
  readonly brokenAt: number
}

export type PeopleChange =
  | { readonly kind: 'joined'; readonly person: Person }
  | { readonly kind: 'renamed'; readonly person: Person; readonly was: string }
  | { readonly kind: 'left'; readonly person: Person; readonly reason: 'quit' | 'lost' }

export interface PeopleConfig {
  /** How long a broken connection may take to come back. */
  readonly lostAfterMs: number
}

export class People {
  readonly #config: PeopleConfig
  readonly #people = new Map<PeerKey, Person>()
  readonly #linked = new Set<PeerKey>()

  constructor(config: PeopleConfig) {
    this.#config = config
  }

  get(key: PeerKey): Person | undefined {
    return this.#people.get(key)
  }

  isHere(key: PeerKey): boolean {
    return this.#people.get(key)?.presence === 'here'
  }

  isLinked(key: PeerKey): boolean {
    return this.#linked.has(key)
  }

  /** Everyone who is here, by key. */
  here(): readonly Person[] {
    const here = [...this.#people.values()].filter(person => person.presence === 'here')
    return here.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** How many others are here. */
  get count(): number {
    let count = 0
    for (const person of this.#people.values()) if (person.presence === 'here') count++
    return count
  }

  /** How many of those who are here are directly connected. */
  get linkedCount(): number {
    let count = 0
    for (const key of this.#linked) if (this.isHere(key)) count++
    return count
  }

  /** True if everyone who is here is known to be connected to this author, and so hears it without help. */
  reachesAll(author: PeerKey): boolean {
    const person = this.#people.get(author)
    return person !== undefined && person.beacon.links >= this.count
  }

  /** True if this beacon, heard by gossip, is newer than what is known and not a replay from long ago. */
  isNews(beacon: Beacon, now: Instant): boolean {
    const known = this.#people.get(beacon.author)
    if (known !== undefined && beacon.stamp <= known.beacon.stamp) return false
    return this.#linked.has(beacon.author) || Math.abs(beacon.stamp - now.wall) < BEACON_FRESH_MS
  }

  /** Takes in an authentic beacon that is news, or that its author handed over. */
  onBeacon(beacon: Beacon, now: Instant): readonly PeopleChange[] {
    const known = this.#people.get(beacon.author)
    const wasHere = known?.presence === 'here'
    const presence = beacon.state === 'here' ? 'here' : 'quit'
    const link = this.#linked.has(beacon.author) ? 'direct' : known?.link === 'broken' ? 'broken' : 'indirect'
    const brokenAt = known?.brokenAt ?? 0
    const person: Person = { key: beacon.author, presence, link, beacon, heardAt: now.steady, brokenAt }
    this.#set(person)
    if (presence === 'quit') return wasHere ? [{ kind: 'left', person, reason: 'quit' }] : []
    if (!wasHere) return [{ kind: 'joined', person }]
    return known.beacon.name === beacon.name ? [] : [{ kind: 'renamed', person, was: known.beacon.name }]
  }

  /** A connection on which the room is spoken came up. */
  onLinked(key: PeerKey, now: Instant): void {
    this.#linked.add(key)
    this.#update(key, { link: 'direct', heardAt: now.steady })
  }

  /** The last such connection is gone. */
  onUnlinked(key: PeerKey, now: Instant): void {
    this.#linked.delete(key)
    const link = this.isHere(key) ? 'broken' : 'indirect'
    this.#update(key, { link, brokenAt: now.steady })
  }

  /** It said goodbye in another way than by a beacon: it left the topic while the connection lives. */
  onUnsubscribed(key: PeerKey): readonly PeopleChange[] {
    return this.#leave(key, 'quit')
  }

  /** Decides about those whose time is over. `idleMs` is the pace of beacons in a room of this size. */
  tick(now: Instant, idleMs: number): readonly PeopleChange[] {
    return this.here().flatMap(person => {
      const deadline = this.#deadline(person, idleMs)
      if (deadline === undefined || now.steady < deadline) return []
      const heardSince = person.link === 'broken' && person.heardAt > person.brokenAt
      if (!heardSince) return this.#leave(person.key, 'lost')
      this.#update(person.key, { link: 'indirect' })
      return []
    })
  }

  /** Steady time at which `tick` may have something to decide. */
  dueAt(idleMs: number): number | undefined {
    const deadlines = this.here().flatMap(person => this.#deadline(person, idleMs) ?? [])
    return deadlines.length === 0 ? undefined : Math.min(...deadlines)
  }

  #deadline(person: Person, idleMs: number): number | undefined {
    switch (person.link) {
      case 'direct':
        return undefined
      case 'broken':
        return person.brokenAt + this.#config.lostAfterMs
      case 'indirect':
        return person.heardAt + idleMs * BEACONS_MISSED
    }
  }

  #leave(key: PeerKey, reason: 'quit' | 'lost'): readonly PeopleChange[] {
    if (!this.isHere(key)) return []
    const person = this.#update(key, { presence: reason })
    return person === undefined ? [] : [{ kind: 'left', person, reason }]
  }

  #update(key: PeerKey, change: Partial<Person>): Person | undefined {
    const known = this.#people.get(key)
    if (known === undefined) return undefined
    const person = { ...known, ...change }
    this.#people.set(key, person)
    return person
  }

  /** Remembers a bounded number: those who are gone make room first, then a stranger finds none. */
  #set(person: Person): void {
    if (!this.#people.has(person.key) && this.#people.size >= PEOPLE_COUNT) this.#forgetGone()
    if (this.#people.has(person.key) || this.#people.size < PEOPLE_COUNT) this.#people.set(person.key, person)
  }

  #forgetGone(): void {
    for (const person of this.#people.values()) {
      if (person.presence === 'here') continue
      this.#people.delete(person.key)
      return
    }
  }
}
