/**
 * Pending messages: authentic messages that can't be appended yet, because their predecessor is missing or
 * their timestamp is ahead of the clock. Bounded, with the oldest evicted first; the sync delivers evicted
 * ones again. A message whose predecessor doesn't arrive soon is stored in the log and shown, because perhaps
 * nobody else has it any more.
 */
import type { Instant } from '../../common/clock.ts'
import { amendmentIn } from '../../protocol/content.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import type { MessageId } from '../../protocol/ids.ts'
import { MAX_FUTURE_MS } from '../../protocol/limits.ts'
import type { Entry, RoomLog } from '../log.ts'
import type { AmendmentIndex } from '../messages/amendments.ts'
import { indexOf } from '../messages/amendments.ts'
import { FUTURE_COUNT, PENDING_BYTES, PENDING_COUNT, PENDING_PATIENCE_MS } from '../policy.ts'

/** Messages whose time comes together, because the later ones prove the earlier ones. */
interface FutureMessages {
  readonly entries: readonly Entry[]
  /** Their latest timestamp. */
  readonly ts: number
}

export class PendingMessages {
  readonly #log: RoomLog
  readonly #byId = new Map<MessageId, Entry>()
  /** Those that aren't stored yet, and the steady time since when they wait. */
  readonly #unstored = new Map<MessageId, number>()
  readonly #byPrev = new IdGroups()
  /** Pending amendments, by the message that they amend. */
  readonly #byRef = new IdGroups()
  /** By the last message's id. */
  readonly #future = new Map<MessageId, FutureMessages>()
  #bytes = 0
  #futureCount = 0

  constructor(log: RoomLog) {
    this.#log = log
    this.reload()
  }

  /** Loads stored pending messages from the log, which may have gone back to its last commit. */
  reload(): void {
    for (const map of [this.#byId, this.#byPrev, this.#byRef, this.#unstored]) map.clear()
    this.#bytes = 0
    for (const entry of this.#log.allPending()) this.#add(entry)
  }

  /** How many messages are held back. */
  get size(): number {
    return this.#byId.size + this.#futureCount
  }

  /** Bytes of those without a predecessor. */
  get bytes(): number {
    return this.#bytes
  }

  /** True if this message waits for its predecessor. */
  has(id: MessageId): boolean {
    return this.#byId.has(id)
  }

  /** True if this message, and those that arrived with it before it, wait for their time. */
  isFuture(id: MessageId): boolean {
    return this.#future.has(id)
  }

  /** Messages that wait for their predecessors. */
  get all(): readonly Entry[] {
    return [...this.#byId.values()]
  }

  /** A stored pending message. */
  stored(id: MessageId): Envelope | undefined {
    return this.#unstored.has(id) ? undefined : this.#byId.get(id)?.envelope
  }

  /** Stored pending messages that amend others. */
  get amendments(): AmendmentIndex {
    const amending = (ref: MessageId) => this.#byRef.of(ref).flatMap(id => this.stored(id) ?? [])
    return {
      isAmended: ref => amending(ref).length > 0,
      amendmentsOf: wanted => indexOf(amending(wanted.ref)).amendmentsOf(wanted),
    }
  }

  /** Holds a message until its predecessor is appended. */
  holdForPredecessor(entry: Entry, steady: number): void {
    const known = this.#byId.get(entry.envelope.id)
    if (known !== undefined) {
      if (known.proof !== entry.proof && entry.proof === 'signature') this.#replace(entry)
      return
    }
    this.#add(entry)
    this.#unstored.set(entry.envelope.id, steady)
    while (this.#byId.size > PENDING_COUNT || this.#bytes > PENDING_BYTES) this.#dropOldest()
  }

  /**
   * Stores what has waited long enough and what is `urgent`, and returns it to be shown. What is ahead of the
   * clock, which was set back meanwhile, is dropped: the sync delivers it when its time has come.
   */
  storeDue({ steady, wall }: Instant, urgent: ReadonlySet<MessageId> = new Set()): readonly Envelope[] {
    const put: Envelope[] = []
    for (const [id, since] of this.#unstored) {
      if (since + PENDING_PATIENCE_MS > steady && !urgent.has(id)) continue
      const entry = this.#byId.get(id)
      if (entry === undefined || entry.envelope.ts > wall + MAX_FUTURE_MS) {
        this.#remove(id)
        continue
      }
      this.#unstored.delete(id)
      this.#log.storePending(entry)
      put.push(entry.envelope)
    }
    return put
  }

  /** Steady time at which something is to be stored. */
  storeDueAt(): number | undefined {
    for (const since of this.#unstored.values()) return since + PENDING_PATIENCE_MS
    return undefined
  }

  /** Holds messages of one chain until the wall clock comes within the tolerance of the latest timestamp. */
  holdForTime(entries: readonly Entry[]): void {
    const last = entries.at(-1)?.envelope.id
    if (last === undefined || entries.length > FUTURE_COUNT || this.#future.has(last)) return
    this.#future.set(last, { entries, ts: Math.max(...entries.map(({ envelope }) => envelope.ts)) })
    this.#futureCount += entries.length
    for (const [id, oldest] of this.#future) {
      if (this.#futureCount <= FUTURE_COUNT) return
      this.#future.delete(id)
      this.#futureCount -= oldest.entries.length
    }
  }

  /** Takes out the messages that waited for this one. */
  takeWaitingFor(id: MessageId): readonly Entry[] {
    return this.#byPrev.of(id).flatMap(waiting => this.#remove(waiting) ?? [])
  }

  /** Removes a message that was appended without its predecessor; no effect if it isn't pending. */
  drop(id: MessageId): void {
    this.#remove(id)
  }

  /** Removes and returns the messages whose time has come, by timestamp. */
  takeDue(wall: number): readonly Entry[] {
    const due = [...this.#future].filter(([, { ts }]) => ts <= wall + MAX_FUTURE_MS)
    for (const [id, { entries }] of due) {
      this.#future.delete(id)
      this.#futureCount -= entries.length
    }
    return due.flatMap(([, { entries }]) => entries).sort((a, b) => a.envelope.ts - b.envelope.ts)
  }

  /** Wall time at which `takeDue` has work; undefined if nothing waits for its time. */
  dueAt(): number | undefined {
    if (this.#future.size === 0) return undefined
    return Math.min(...[...this.#future.values()].map(({ ts }) => ts)) - MAX_FUTURE_MS
  }

  #add(entry: Entry): void {
    const { id, prev, wire } = entry.envelope
    if (prev === null) return
    this.#byId.set(id, entry)
    this.#bytes += wire.length
    this.#byPrev.add(prev, id)
    const ref = amendmentIn(entry.envelope)?.ref
    if (ref !== undefined) this.#byRef.add(ref, id)
  }

  /** The same message, of which the own signature was checked as well. */
  #replace(entry: Entry): void {
    const { id } = entry.envelope
    this.#byId.set(id, entry)
    if (this.#unstored.has(id)) return
    this.#log.dropPending(id)
    this.#log.storePending(entry)
  }

  #remove(id: MessageId): Entry | undefined {
    const entry = this.#byId.get(id)
    if (entry === undefined) return undefined
    const { prev, wire } = entry.envelope
    this.#byId.delete(id)
    if (!this.#unstored.delete(id)) this.#log.dropPending(id)
    this.#bytes -= wire.length
    if (prev !== null) this.#byPrev.remove(prev, id)
    const ref = amendmentIn(entry.envelope)?.ref
    if (ref !== undefined) this.#byRef.remove(ref, id)
    return entry
  }

  #dropOldest(): void {
    for (const id of this.#byId.keys()) {
      this.#remove(id)
      return
    }
  }
}

// Message ids grouped by another message's id.

class IdGroups {
  readonly #groups = new Map<MessageId, Set<MessageId>>()

  /** In insertion order. */
  of(name: MessageId): readonly MessageId[] {
    return [...(this.#groups.get(name) ?? [])]
  }

  add(name: MessageId, id: MessageId): void {
    const group = this.#groups.get(name)
    if (group === undefined) this.#groups.set(name, new Set([id]))
    else group.add(id)
  }

  remove(name: MessageId, id: MessageId): void {
    const group = this.#groups.get(name)
    group?.delete(id)
    if (group?.size === 0) this.#groups.delete(name)
  }

  clear(): void {
    this.#groups.clear()
  }
}
