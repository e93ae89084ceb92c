/**
 * Who is in the room, and how that is known. A beacon says that someone is here or leaving; a broken connection
 * says neither: the person is lost only when it did not come back in time, and nothing was heard of it by way
 * of others.
 */

import type { Instant } from '../../common/clock.ts'
import type { Beacon } from '../../protocol/beacon.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { BEACON_FRESH_MS, BEACONS_MISSED, PEOPLE_COUNT } from '../policy.ts'

export interface Member {
  readonly key: PeerKey
  readonly presence: 'here' | 'quit' | 'lost'
  /** `direct`: connected; `broken`: was, a moment ago; `indirect`: heard of through others. */
  readonly link: 'direct' | 'broken' | 'indirect'
  /** The newest that it said of itself. */
  readonly beacon: Beacon
  /** Steady time of that, of the last sign of life, and of the break if the link is broken. */
  readonly beaconAt: number
  readonly heardAt: number
  readonly brokenAt: number
  /** What its own clock must have shown at the break, milliseconds since the epoch: what it wrote later shows that it lives. */
  readonly brokenTs: number
}

export type MemberChange =
  | { readonly kind: 'joined'; readonly person: Member }
  | { readonly kind: 'renamed'; readonly person: Member; readonly was: string }
  | { readonly kind: 'left'; readonly person: Member; readonly reason: 'quit' | 'lost' }

export interface MembersConfig {
  /** How long a broken connection may take to come back. */
  readonly lostAfterMs: number
}

export class Members {
  readonly #config: MembersConfig
  readonly #people = new Map<PeerKey, Member>()
  /** Who is connected, and the stamp of the newest beacon that was known of it when the link came up. */
  readonly #linked = new Map<PeerKey, number>()
  #count = 0

  constructor(config: MembersConfig) {
    this.#config = config
  }

  get(key: PeerKey): Member | undefined {
    return this.#people.get(key)
  }

  isHere(key: PeerKey): boolean {
    return this.#people.get(key)?.presence === 'here'
  }

  /** Everyone who is connected. */
  get linked(): Iterable<PeerKey> {
    return this.#linked.keys()
  }

  isLinked(key: PeerKey): boolean {
    return this.#linked.has(key)
  }

  /** Everyone who is here, by key. */
  here(): readonly Member[] {
    const here = [...this.#people.values()].filter(person => person.presence === 'here')
    return here.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** How many others are here. */
  get count(): number {
    return this.#count
  }

  /** How many of those who are here are directly connected. */
  get linkedCount(): number {
    let count = 0
    for (const key of this.#linked.keys()) if (this.isHere(key)) count++
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

  /**
   * True if this beacon, which its author handed over, is what the author says now. Older ones count too, because a
   * clock may have been set back, unless a newer one was heard since the link came up: then it was only overtaken.
   */
  isCurrent(beacon: Beacon): boolean {
    const known = this.#people.get(beacon.author)?.beacon.stamp
    return known === undefined || beacon.stamp > known || this.#linked.get(beacon.author) === known
  }

  /** Takes in an authentic beacon that is news, or that its author handed over. */
  onBeacon(beacon: Beacon, now: Instant): readonly MemberChange[] {
    const known = this.#people.get(beacon.author)
    const wasHere = known?.presence === 'here'
    const presence = beacon.state === 'here' ? 'here' : 'quit'
    const link = this.#linked.has(beacon.author) ? 'direct' : known?.link === 'broken' ? 'broken' : 'indirect'
    const at = { beaconAt: now.steady, heardAt: now.steady }
    const { brokenAt = 0, brokenTs = 0 } = known ?? {}
    const person: Member = { key: beacon.author, presence, link, beacon, ...at, brokenAt, brokenTs }
    const made = this.#makeRoom(person)
    if (made.kind === 'none') return []
    this.#put(person)
    if (presence === 'quit') return wasHere ? [{ kind: 'left', person, reason: 'quit' }] : []
    if (!wasHere) return [...made.changes, { kind: 'joined', person }]
    return known.beacon.name === beacon.name ? [] : [{ kind: 'renamed', person, was: known.beacon.name }]
  }

  /** A connection on which the room is spoken came up. */
  onLinked(key: PeerKey, now: Instant): void {
    // again if it is another one, before the end of the last one was noticed: its clock may have been set back meanwhile
    this.#linked.set(key, this.#people.get(key)?.beacon.stamp ?? -1)
    this.#update(key, { link: 'direct', heardAt: now.steady })
  }

  /** The last such connection is gone. */
  onUnlinked(key: PeerKey, now: Instant): void {
    this.#linked.delete(key)
    const link = this.isHere(key) ? 'broken' : 'indirect'
    const { beacon, beaconAt } = this.#people.get(key) ?? {}
    // its clock may be ahead; where it is behind, it takes a moment longer until what it writes counts
    const itsClock = beacon === undefined ? 0 : beacon.stamp + now.steady - (beaconAt ?? 0)
    this.#update(key, { link, brokenAt: now.steady, brokenTs: Math.max(now.wall, itsClock) })
  }

  /** A connection came up, with its key proved. Whether the room is spoken on it shows later. */
  onReached(key: PeerKey, now: Instant): void {
    if (this.#people.get(key)?.link === 'broken') this.#update(key, { heardAt: now.steady })
  }

  /** A message that it wrote was taken in. It may be an old one. */
  onWrote(key: PeerKey, ts: number, now: Instant): void {
    const person = this.#people.get(key)
    if (person?.link === 'broken' && ts > person.brokenTs) this.#update(key, { heardAt: now.steady })
  }

  /** It said goodbye in another way than by a beacon: it left the topic while the connection lives. */
  onUnsubscribed(key: PeerKey): readonly MemberChange[] {
    return this.#leave(key, 'quit')
  }

  /** Decides about those whose time is over. `idleMs` is the pace of beacons in a room of this size. */
  tick(now: Instant, idleMs: number): readonly MemberChange[] {
    return this.#overdue(now.steady, idleMs).flatMap(person => {
      const heardSince = person.link === 'broken' && person.heardAt > person.brokenAt
      if (!heardSince) return this.#leave(person.key, 'lost')
      this.#update(person.key, { link: 'indirect' })
      return []
    })
  }

  /** Steady time at which `tick` may have something to decide. */
  dueAt(idleMs: number): number | undefined {
    let first = Number.POSITIVE_INFINITY
    for (const person of this.#people.values()) first = Math.min(first, this.#deadline(person, idleMs))
    return first === Number.POSITIVE_INFINITY ? undefined : first
  }

  #overdue(steady: number, idleMs: number): readonly Member[] {
    const overdue: Member[] = []
    for (const person of this.#people.values()) {
      if (this.#deadline(person, idleMs) <= steady) overdue.push(person)
    }
    return overdue.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** When a person counts as lost, if nothing is heard; never while it is connected, or gone. */
  #deadline(person: Member, idleMs: number): number {
    if (person.presence !== 'here') return Number.POSITIVE_INFINITY
    switch (person.link) {
      case 'direct':
        return Number.POSITIVE_INFINITY
      case 'broken':
        return person.brokenAt + this.#config.lostAfterMs
      case 'indirect':
        return person.heardAt + idleMs * BEACONS_MISSED
    }
  }

  #leave(key: PeerKey, reason: 'quit' | 'lost'): readonly MemberChange[] {
    if (!this.isHere(key)) return []
    const person = this.#update(key, { presence: reason })
    return person === undefined ? [] : [{ kind: 'left', person, reason }]
  }

  #update(key: PeerKey, change: Partial<Member>): Member | undefined {
    const known = this.#people.get(key)
    if (known === undefined) return undefined
    const person = { ...known, ...change }
    this.#put(person)
    return person
  }

  #put(person: Member): void {
    this.#forget(person.key)
    this.#people.set(person.key, person)
    if (person.presence === 'here') this.#count++
  }

  #forget(key: PeerKey): void {
    if (this.isHere(key)) this.#count--
    this.#people.delete(key)
  }

  /**
   * A bounded number of people is remembered. Those who are gone make room first; for someone who is connected,
   * so does whoever of the others was heard least recently. A stranger heard of through others finds none.
   */
  #makeRoom(person: Member): Room {
    if (this.#people.has(person.key) || this.#people.size < PEOPLE_COUNT) return MADE
    let oldest: Member | undefined
    for (const other of this.#people.values()) {
      if (other.presence !== 'here') {
        this.#forget(other.key)
        return MADE
      }
      if (other.link === 'indirect' && (oldest === undefined || other.heardAt < oldest.heardAt))
        oldest = other
    }
    if (person.link !== 'direct' || oldest === undefined) return { kind: 'none' }
    this.#forget(oldest.key)
    return {
      kind: 'made',
      changes: [{ kind: 'left', person: { ...oldest, presence: 'lost' }, reason: 'lost' }],
    }
  }
}

type Room = { readonly kind: 'made'; readonly changes: readonly MemberChange[] } | { readonly kind: 'none' }

const MADE: Room = { kind: 'made', changes: [] }
