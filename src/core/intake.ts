/**
 * The intake: where bytes from other peers become messages of the room, or don't. The cheapest checks come
 * first, so that a flood costs little: size, link rate, form and room, what is known already, author rate,
 * strangers, and only then a signature. Its verdicts keep one law: *reject* only what every honest peer would
 * reject from the same bytes; whatever depends on local state or the clock is *ignore*.
 */
import type { Beacon } from './beacon.ts'
import { isAuthenticBeacon } from './beacon.ts'
import type { Chains } from './chains.ts'
import type { Instant } from './clock.ts'
import type { Crypto } from './crypto.ts'
import type { Envelope } from './envelope.ts'
import { isAuthentic } from './envelope.ts'
import { decodeFrame } from './frame.ts'
import type { MessageId, PeerKey, RoomId } from './ids.ts'
import { chainId } from './ids.ts'
import type { Findings, Intaken } from './intaken.ts'
import { judged, leave, noFindings, refusal } from './intaken.ts'
import { MAX_FUTURE_MS, MAX_HEADS } from './limits.ts'
import type { Entry, RoomLog } from './log.ts'
import type { People } from './people.ts'
import {
  AUTHOR_QUOTA_BYTES,
  AUTHOR_RATE,
  FLOOD_RATE,
  LINK_RATE,
  NEWCOMER_RATE,
  NEWCOMER_SYNC_RATE,
  RATE_KEYS,
  ROOM_QUOTA_BYTES,
} from './policy.ts'
import { Rate, RateTable } from './rate.ts'
import type { Run, SignedBeacon } from './record.ts'
import { endsOf, entriesOf, readBeacon, readRecords } from './record.ts'
import { Waiting } from './waiting.ts'

export interface IntakeDeps {
  readonly room: RoomId
  readonly log: RoomLog
  readonly chains: Chains
  readonly crypto: Crypto
  readonly people: People
}

type Source = { readonly now: Instant } & (
  | { readonly via: 'gossip'; readonly from: PeerKey }
  | { readonly via: 'sync' }
)

export class Intake {
  readonly #deps: IntakeDeps
  readonly #waiting = new Waiting()
  readonly #floods = new RateTable<PeerKey>(FLOOD_RATE, RATE_KEYS)
  readonly #links = new RateTable<PeerKey>(LINK_RATE, RATE_KEYS)
  readonly #authors = new RateTable<PeerKey>(AUTHOR_RATE, RATE_KEYS)
  readonly #newcomers = { gossip: new Rate(NEWCOMER_RATE), sync: new Rate(NEWCOMER_SYNC_RATE) }

  constructor(deps: IntakeDeps) {
    this.#deps = deps
  }

  /** Messages held back, for the tests of the bounds. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** A gossip payload that came over the link to `from`. */
  frame(payload: Uint8Array, from: PeerKey, now: Instant): Intaken {
    if (!this.#floods.take(from, now.steady)) return refusal('ignore', 'flood')
    if (!this.#links.take(from, now.steady)) return refusal('ignore', 'link-rate')
    const wires = decodeFrame(payload)
    if (wires === undefined) return refusal('reject', 'not a frame')
    return this.#records(wires, { via: 'gossip', from, now })
  }

  /** One part of a sync, which is of one chain: the same checks, without the rates of gossip. */
  segment(wires: readonly Uint8Array[], now: Instant): Intaken {
    return this.#records(wires, { via: 'sync', now })
  }

  /** A beacon that its author handed over itself. Undefined if it isn't its own, or isn't authentic. */
  handedBeacon(wire: Uint8Array, from: PeerKey): Beacon | undefined {
    const record = readBeacon(wire, this.#deps.room)
    if (record.kind !== 'beacon' || record.beacon.author !== from) return undefined
    return isAuthenticBeacon(record.beacon, wire, this.#deps.crypto) ? record.beacon : undefined
  }

  /** Takes in what had to wait for its time. */
  due(now: Instant): readonly Envelope[] {
    const found = noFindings()
    for (const entry of this.#waiting.takeDue(now.wall)) {
      this.#place(entry, found)
      this.#settle(entry.envelope, found)
    }
    return found.messages
  }

  /** When `due` has something, by the wall clock. */
  dueAt(): number | undefined {
    return this.#waiting.dueAt()
  }

  /** True if nothing more of this author is taken in: then there is no use in asking for it. */
  isFull(author: PeerKey): boolean {
    const { log, chains } = this.#deps
    return log.bytesOf(author) >= AUTHOR_QUOTA_BYTES || chains.bytes >= ROOM_QUOTA_BYTES
  }

  #records(wires: readonly Uint8Array[], source: Source): Intaken {
    const records = readRecords(wires, this.#deps.room, this.#deps.crypto)
    if (records.kind === 'malformed') return refusal('reject', records.reason)
    if (source.via === 'sync' && records.runs.length > 1) return refusal('reject', 'more than one chain')
    const found = noFindings()
    if (records.unknown > 0) leave(found, 'of a later version')
    for (const run of records.runs) {
      const wrong = this.#run(run, source, found)
      if (wrong !== undefined) return { ...found, verdict: 'reject', reason: wrong }
    }
    for (const signed of records.beacons) {
      const wrong = this.#beacon(signed, source, found)
      if (wrong !== undefined) return { ...found, verdict: 'reject', reason: wrong }
    }
    return judged(found, source.via)
  }

  /** Returns why the whole frame must be rejected, or undefined. */
  #run(run: Run, source: Source, found: Findings): string | undefined {
    const { log } = this.#deps
    const fresh = run.filter(envelope => !log.has(envelope.id))
    const ends = endsOf(fresh)
    // what another one proved once may stand here alone
    const isProved = [...endsOf(run)].every(end => ends.has(end) || log.get(end.id)?.proof === 'signature')
    if (!isProved) leave(found, 'unproved')
    const [first] = fresh
    if (first === undefined) return undefined
    if (this.isFull(first.author)) return leave(found, 'quota')
    if (source.via === 'sync' && ends.size > MAX_HEADS) return 'more branches than are kept'
    const refused = this.#refusal(first.author, ends.size, source, found)
    if (refused !== undefined) return leave(found, refused)
    for (const end of ends) if (!isAuthentic(end, this.#deps.crypto)) return 'bad signature'
    for (const entry of this.#inTime(fresh, ends, source.now, found)) {
      const wrong = this.#place(entry, found)
      if (wrong !== undefined) return wrong
    }
    this.#settle(first, found)
    return undefined
  }

  /** Holds back what is ahead of the clock; the rest is returned. */
  #inTime(
    all: readonly Envelope[],
    ends: ReadonlySet<Envelope>,
    now: Instant,
    found: Findings,
  ): readonly Entry[] {
    const horizon = now.wall + MAX_FUTURE_MS
    const ahead = all.filter(envelope => envelope.ts > horizon)
    if (ahead.length === 0) return entriesOf(all, ends)
    leave(found, 'future')
    this.#waiting.holdForTime(this.#apart(ahead, ends))
    const inTime = all.filter(envelope => envelope.ts <= horizon)
    return this.#apart(inTime, ends)
  }

  /**
   * Some messages without those that prove them: their own end has to do it. If it can't, they have to wait until
   * all come together again; that is nothing to reject, since for a faster clock they are together now.
   */
  #apart(part: readonly Envelope[], checked: ReadonlySet<Envelope>): readonly Entry[] {
    const ends = endsOf(part)
    const [first, ...more] = [...ends].filter(end => !checked.has(end))
    const isProved = first === undefined || (more.length === 0 && isAuthentic(first, this.#deps.crypto))
    return isProved ? entriesOf(part, ends) : []
  }

  /** Why something of this author isn't looked at now, though nothing is wrong with it. */
  #refusal(author: PeerKey, checks: number, source: Source, found: Findings): string | undefined {
    const { chains, people } = this.#deps
    const { steady } = source.now
    if (source.via === 'gossip') {
      for (let check = 0; check < checks; check++) {
        // a frame is one event on its link; of what takes more than one signature to check, each further one is too
        if (found.checks++ > 0 && !this.#links.take(source.from, steady)) return 'link-rate'
        if (!this.#authors.take(author, steady)) return 'author-rate'
      }
    }
    const isNewcomer = !chains.knows(author) && !people.isHere(author)
    return isNewcomer && !this.#newcomers[source.via].take(steady) ? 'newcomer-rate' : undefined
  }

  /** Puts a proved message where it belongs, and after it those that waited for it. Returns what is wrong with it. */
  #place(entry: Entry, found: Findings): string | undefined {
    const queue = [entry]
    for (const next of queue) {
      const wrong = this.#put(next, found)
      if (wrong === undefined) queue.push(...this.#waiting.takeAfter(next.envelope.id))
      // what is wrong with one that waited is not the fault of whoever brought its predecessor
      else if (next === entry) return wrong
    }
    return undefined
  }

  #put(entry: Entry, found: Findings): string | undefined {
    const { envelope, proof } = entry
    const fit = this.#deps.chains.fit(envelope)
    switch (fit.kind) {
      case 'next':
        this.#deps.chains.add(envelope, proof)
        found.messages.push(envelope)
        return undefined
      case 'gap':
        this.#waiting.holdForPredecessor(entry, fit.missing)
        this.#noteGap(envelope, fit.missing, found)
        return leave(found, 'gap')
      case 'wrong':
        return fit.reason
      case 'surplus':
        return leave(found, 'surplus')
      case 'known':
        return undefined
    }
  }

  #noteGap({ author, log, seq }: Envelope, missing: MessageId, found: Findings): void {
    if (this.#waiting.has(missing)) return
    const chain = chainId(author, log)
    found.missing.push(missing)
    if (this.#deps.log.at(chain, seq - 1).length > 0) found.parted.push(chain)
  }

  #settle({ author, log }: Envelope, found: Findings): void {
    const { chains, crypto } = this.#deps
    const gone = new Set(chains.settle(author, log, envelope => isAuthentic(envelope, crypto)))
    if (gone.size === 0) return
    found.messages = found.messages.filter(({ id }) => !gone.has(id))
    leave(found, 'surplus')
  }

  #beacon(signed: SignedBeacon, source: Source, found: Findings): string | undefined {
    const { beacon, wire } = signed
    const isNews = source.via === 'gossip' && this.#deps.people.isNews(beacon, source.now)
    if (!isNews) return leave(found, 'old beacon')
    const refused = this.#refusal(beacon.author, 1, source, found)
    if (refused !== undefined) return leave(found, refused)
    if (!isAuthenticBeacon(beacon, wire, this.#deps.crypto)) return 'bad signature'
    found.beacons.push(beacon)
    return undefined
  }
}
