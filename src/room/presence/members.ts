/**
 * The members of a room, and how their presence is known. A beacon says that a member is here or leaving. A
 * broken connection says neither: the member is lost only if it doesn't come back in time and nothing is
 * heard of it through others.
 */

import type { Instant } from '../../common/clock.ts'
import type { Beacon } from '../../protocol/beacon.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { BEACON_FRESH_MS, BEACONS_MISSED, MEMBER_COUNT, OVERTAKEN_MS } from '../policy.ts'

export interface Member {
  readonly key: PeerKey
  readonly presence: 'here' | 'quit' | 'lost'
  /** `direct`: connected; `broken`: connected until a moment ago; `indirect`: heard of through others. */
  readonly link: 'direct' | 'broken' | 'indirect'
  /** Its newest beacon. */
  readonly beacon: Beacon
  /** Steady time of that beacon, of the last sign of life, and of the break if the link is broken. */
  readonly beaconAt: number
  readonly heardAt: number
  readonly brokenAt: number
  /**
   * What its own clock showed at the break, milliseconds since the epoch: a later message of it shows that it
   * lives.
   */
  readonly brokenTs: number
}

export type MemberChange =
  | { readonly kind: 'joined'; readonly member: Member }
  | { readonly kind: 'renamed'; readonly member: Member; readonly formerName: string }
  | { readonly kind: 'left'; readonly member: Member; readonly reason: 'quit' | 'lost' }

export interface MembersConfig {
  /** How long a broken connection may take to return. */
  readonly lostAfterMs: number
}

export class Members {
  readonly #config: MembersConfig
  readonly #members = new Map<PeerKey, Member>()
  /** Who is connected, with the stamp of the newest beacon known when the link came up. */
  readonly #linked = new Map<PeerKey, number>()
  #count = 0

  constructor(config: MembersConfig) {
    this.#config = config
  }

  get(key: PeerKey): Member | undefined {
    return this.#members.get(key)
  }

  isHere(key: PeerKey): boolean {
    return this.#members.get(key)?.presence === 'here'
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
    const here = [...this.#members.values()].filter(person => person.presence === 'here')
    return here.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** How many others are here. */
  get count(): number {
    return this.#count
  }

  /** How many of the members here are directly connected. */
  get linkedCount(): number {
    let count = 0
    for (const key of this.#linked.keys()) if (this.isHere(key)) count++
    return count
  }

  /**
   * True if this author is known to be connected to everyone here, so that its messages need no forwarding.
   */
  reachesAll(author: PeerKey): boolean {
    const person = this.#members.get(author)
    return person !== undefined && person.beacon.links >= this.count
  }

  /** True if this beacon, received by gossip from the peer `from`, is newer than what is known and not a replay. */
  isNewer({ author, stamp }: Beacon, from: PeerKey, now: Instant): boolean {
    const known = this.#members.get(author)
    const isLinked = this.#linked.has(author)
    if (known === undefined || stamp > known.beacon.stamp)
      return isLinked || Math.abs(stamp - now.wall) < BEACON_FRESH_MS
    return isLinked && from === author && stamp < known.beacon.stamp && isLongKnown(known, now)
  }

  /**
   * True if this beacon, which its author handed over, is the author's current one. An older one counts, too,
   * because a clock may have been set back, unless a newer one was heard a moment ago, since the link came up:
   * then it was merely overtaken.
   */
  isCurrent({ author, stamp }: Beacon, now: Instant): boolean {
    const known = this.#members.get(author)
    if (known === undefined || stamp > known.beacon.stamp) return true
    return this.#linked.get(author) === known.beacon.stamp || isLongKnown(known, now)
  }

  /** Accepts an authentic beacon that is new, or that its author handed over. */
  onBeacon(beacon: Beacon, now: Instant): readonly MemberChange[] {
    const known = this.#members.get(beacon.author)
    const wasHere = known?.presence === 'here'
    const presence = beacon.state === 'here' ? 'here' : 'quit'
    const link = this.#linked.has(beacon.author) ? 'direct' : known?.link === 'broken' ? 'broken' : 'indirect'
    const at = { beaconAt: now.steady, heardAt: now.steady }
    const { brokenAt = 0, brokenTs = 0 } = known ?? {}
    const member: Member = { key: beacon.author, presence, link, beacon, ...at, brokenAt, brokenTs }
    const made = this.#makeRoom(member)
    if (made.kind === 'none') return []
    this.#put(member)
    if (presence === 'quit') return wasHere ? [{ kind: 'left', member, reason: 'quit' }] : []
    if (!wasHere) return [...made.changes, { kind: 'joined', member }]
    return known.beacon.name === beacon.name
      ? []
      : [{ kind: 'renamed', member, formerName: known.beacon.name }]
  }

  /** A link came up. */
  onLinked(key: PeerKey, now: Instant): void {
    // again if this link replaces one whose end wasn't noticed: the peer's clock may have been set back
    // meanwhile
    this.#linked.set(key, this.#members.get(key)?.beacon.stamp ?? -1)
    this.#update(key, { link: 'direct', heardAt: now.steady })
  }

  /** The last link to this peer is gone. */
  onUnlinked(key: PeerKey, now: Instant): void {
    this.#linked.delete(key)
    const link = this.isHere(key) ? 'broken' : 'indirect'
    const { beacon, beaconAt } = this.#members.get(key) ?? {}
    // its clock may be ahead; if it is behind, its messages count a moment later
    const itsClock = beacon === undefined ? 0 : beacon.stamp + now.steady - (beaconAt ?? 0)
    this.#update(key, { link, brokenAt: now.steady, brokenTs: Math.max(now.wall, itsClock) })
  }

  /** A connection came up, with its key proved. Whether the peer is in the room shows later. */
  onReached(key: PeerKey, now: Instant): void {
    if (this.#members.get(key)?.link === 'broken') this.#update(key, { heardAt: now.steady })
  }

  /** A message of this peer was accepted. It may be an old one. */
  onWrote(key: PeerKey, ts: number, now: Instant): void {
    const person = this.#members.get(key)
    if (person?.link === 'broken' && ts > person.brokenTs) this.#update(key, { heardAt: now.steady })
  }

  /** The peer left the topic while its connection lives, which is another way to say goodbye. */
  onUnsubscribed(key: PeerKey): readonly MemberChange[] {
    return this.#remove(key, 'quit')
  }

  /** Decides about members whose time is up. `idleMs` is the pace of beacons in a room of this size. */
  tick(now: Instant, idleMs: number): readonly MemberChange[] {
    return this.#overdue(now.steady, idleMs).flatMap(person => {
      const heardSince = person.link === 'broken' && person.heardAt > person.brokenAt
      if (!heardSince) return this.#remove(person.key, 'lost')
      this.#update(person.key, { link: 'indirect' })
      return []
    })
  }

  /** Steady time at which `tick` may have something to decide. */
  dueAt(idleMs: number): number | undefined {
    let first = Number.POSITIVE_INFINITY
    for (const person of this.#members.values()) first = Math.min(first, this.#deadline(person, idleMs))
    return first === Number.POSITIVE_INFINITY ? undefined : first
  }

  #overdue(steady: number, idleMs: number): readonly Member[] {
    const overdue: Member[] = []
    for (const person of this.#members.values()) {
      if (this.#deadline(person, idleMs) <= steady) overdue.push(person)
    }
    return overdue.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** When a member counts as lost if nothing is heard; never while it is connected, or once it is gone. */
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

  #remove(key: PeerKey, reason: 'quit' | 'lost'): readonly MemberChange[] {
    if (!this.isHere(key)) return []
    const member = this.#update(key, { presence: reason })
    return member === undefined ? [] : [{ kind: 'left', member, reason }]
  }

  #update(key: PeerKey, change: Partial<Member>): Member | undefined {
    const known = this.#members.get(key)
    if (known === undefined) return undefined
    const person = { ...known, ...change }
    this.#put(person)
    return person
  }

  #put(person: Member): void {
    this.#forget(person.key)
    this.#members.set(person.key, person)
    if (person.presence === 'here') this.#count++
  }

  #forget(key: PeerKey): void {
    if (this.isHere(key)) this.#count--
    this.#members.delete(key)
  }

  /**
   * Makes room in the bounded table. Members who are gone are evicted first; for a connected one, also the
   * one heard least recently. A stranger heard of only through others evicts nobody.
   */
  #makeRoom(person: Member): Vacancy {
    if (this.#members.has(person.key) || this.#members.size < MEMBER_COUNT) return NO_EVICTION
    let oldest: Member | undefined
    for (const other of this.#members.values()) {
      if (other.presence !== 'here') {
        this.#forget(other.key)
        return NO_EVICTION
      }
      if (other.link === 'indirect' && (oldest === undefined || other.heardAt < oldest.heardAt))
        oldest = other
    }
    if (person.link !== 'direct' || oldest === undefined) return { kind: 'none' }
    this.#forget(oldest.key)
    return {
      kind: 'made',
      changes: [{ kind: 'left', member: { ...oldest, presence: 'lost' }, reason: 'lost' }],
    }
  }
}

type Vacancy =
  | { readonly kind: 'made'; readonly changes: readonly MemberChange[] }
  | { readonly kind: 'none' }

const NO_EVICTION: Vacancy = { kind: 'made', changes: [] }

/**
 * True if the newest beacon of a member arrived so long ago that it overtook nothing that arrives now. If its author
 * itself sends one with an older stamp, that one is newer: the known one is of an earlier run and arrived late, and
 * the clock was set back between the two.
 */
function isLongKnown({ beaconAt }: Member, { steady }: Instant): boolean {
  return steady >= beaconAt + OVERTAKEN_MS
}
