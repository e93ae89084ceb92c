/**
 * Publishes this peer's beacon, the signed presence message with its name, addresses and acknowledgements,
 * and decides when the next one is due.
 */
import type { Instant } from '../../common/clock.ts'
import type { Ack, Beacon } from '../../protocol/beacon.ts'
import { sealBeacon } from '../../protocol/beacon.ts'
import type { Crypto, Signer } from '../../protocol/crypto.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import { digestOf } from '../../protocol/frontier.ts'
import type { ChainId, RoomId } from '../../protocol/ids.ts'
import { chainId } from '../../protocol/ids.ts'
import { MAX_ADDRESS_BYTES, MAX_BEACON_ACKS, MAX_BEACON_ADDRESSES } from '../../protocol/limits.ts'
import type { Author } from '../messages/author.ts'
import type { Chains } from '../messages/chains.ts'
import {
  ACK_DELAY_MS,
  BEACON_GAP_PER_MEMBER_MS,
  BEACON_IDLE_MS,
  BEACON_IDLE_PER_MEMBER_MS,
} from '../policy.ts'
import type { Members } from './members.ts'

export interface BeaconPublisherDeps {
  readonly room: RoomId
  readonly chains: Chains
  readonly author: Author
  readonly members: Members
  readonly signer: Signer
  readonly crypto: Crypto
  readonly random: () => number
}

export class BeaconPublisher {
  readonly #deps: BeaconPublisherDeps
  readonly #timer: BeaconTimer
  readonly #unacknowledged = new Set<ChainId>()
  /** What this turn's beacons acknowledge. */
  readonly #acknowledged = new Set<ChainId>()
  #name: string
  #addresses: readonly string[] = []
  #state: Beacon['state'] = 'here'
  #stamp = 0
  #digest: string | undefined

  constructor(deps: BeaconPublisherDeps, name: string) {
    this.#deps = deps
    this.#timer = new BeaconTimer(deps.random)
    this.#name = name
  }

  get name(): string {
    return this.#name
  }

  /** Digest of the own frontier. */
  get digest(): string {
    this.#digest ??= digestOf(this.#deps.chains.sorted, this.#deps.crypto)
    return this.#digest
  }

  get dueAt(): number {
    return this.#timer.dueAt
  }

  rename(name: string, now: Instant, people: number): void {
    this.#name = name
    this.announceSoon(now, people)
  }

  setAddresses(addresses: readonly string[], now: Instant, people: number): void {
    const fitting = addresses.filter(address => address.length <= 2 * MAX_ADDRESS_BYTES)
    this.#addresses = fitting.slice(0, MAX_BEACON_ADDRESSES)
    this.announceSoon(now, people)
  }

  /** There is something new to announce. */
  announceSoon(now: Instant, people: number): void {
    this.#timer.announceSoon(now, people)
  }

  /**
   * An own beacon returns. One with a later stamp is of an earlier run, before the clock was set back: for whoever
   * knows it, what this peer publishes now is old, and it may even be a goodbye. So the next beacon has a later stamp
   * than that, and is published soon.
   */
  onOwnBeacon({ stamp }: Beacon, now: Instant, people: number): void {
    if (stamp <= this.#stamp) return
    this.#stamp = stamp
    this.announceSoon(now, people)
  }

  /** A message was appended: the digest changed, and someone may wait for a receipt. */
  onMessage(envelope: Envelope): void {
    this.#digest = undefined
    const { author, log } = envelope
    if (author !== this.#deps.signer.author) this.#unacknowledged.add(chainId(author, log))
  }

  /** A turn begins: earlier beacons are published. */
  beginTurn(): void {
    this.#acknowledged.clear()
  }

  /** The log went back to its last commit, and this turn's beacons were not published. */
  reload(): void {
    this.#digest = undefined
    for (const chain of this.#acknowledged) this.#unacknowledged.add(chain)
    this.#acknowledged.clear()
  }

  /** From now on every beacon says goodbye. */
  leave(): void {
    this.#state = 'leaving'
  }

  /** A beacon for one partner, outside the regular pace. */
  beaconFor(now: Instant): Uint8Array {
    return this.#seal([], now)
  }

  /** The beacon for everyone, with the acknowledgements that are due. */
  announce(now: Instant, people: number): Uint8Array {
    this.#timer.onSent(now, people)
    const acks = this.#takeAcks()
    if (this.#unacknowledged.size > 0) this.announceSoon(now, people)
    return this.#seal(acks, now)
  }

  #seal(acks: readonly Ack[], now: Instant): Uint8Array {
    const { room, author, signer, members } = this.#deps
    this.#stamp = Math.max(this.#stamp + 1, now.wall)
    const beacon: Beacon = {
      room,
      author: signer.author,
      log: author.logId,
      stamp: this.#stamp,
      state: this.#state,
      name: this.#name,
      length: author.length,
      links: members.linkedCount,
      digest: this.digest,
      acks,
      addresses: this.#addresses,
    }
    return sealBeacon(beacon, signer)
  }

  #takeAcks(): readonly Ack[] {
    const acks: Ack[] = []
    for (const id of this.#unacknowledged) {
      if (acks.length === MAX_BEACON_ACKS) break
      this.#unacknowledged.delete(id)
      this.#acknowledged.add(id)
      const chain = this.#deps.chains.all.get(id)
      const head = chain?.heads[0]
      if (chain === undefined || head === undefined || chain.forkedAt !== undefined) continue
      acks.push({ author: chain.author, log: chain.log, seq: head.seq })
    }
    return acks
  }
}

// The timer of beacons. An idle beacon goes out at a slow pace; an acknowledgement brings the next one
// forward, but never closer to the last one than the room's size allows, so that all beacons of a room
// together stay at a constant rate.

/** Time between idle beacons when `people` others are here, in milliseconds. */
export function idleBeaconGapMs(people: number): number {
  return Math.max(BEACON_IDLE_MS, people * BEACON_IDLE_PER_MEMBER_MS)
}

export class BeaconTimer {
  readonly #random: () => number
  #sentAt = Number.NEGATIVE_INFINITY
  #due = Number.NEGATIVE_INFINITY

  /** `random` is uniform in [0, 1); it keeps the beacons of many peers from coinciding. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** Steady time of the next beacon; initially, at once. */
  get dueAt(): number {
    return this.#due
  }

  /** There is something to announce. */
  announceSoon(now: Instant, people: number): void {
    const gap = BEACON_GAP_PER_MEMBER_MS * Math.max(1, people)
    const jittered = gap * (0.75 + this.#random() / 2)
    this.#due = Math.min(this.#due, Math.max(now.steady + ACK_DELAY_MS, this.#sentAt + jittered))
  }

  /** A beacon was published. */
  onSent(now: Instant, people: number): void {
    this.#sentAt = now.steady
    this.#due = now.steady + idleBeaconGapMs(people) * (0.75 + this.#random() / 4)
  }
}
