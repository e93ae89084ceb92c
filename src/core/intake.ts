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
import { MAX_FUTURE_MS } from './limits.ts'
import type { Entry, Proof, RoomLog } from './log.ts'
import type { People } from './people.ts'
import { AUTHOR_QUOTA_BYTES, AUTHOR_RATE, LINK_RATE, NEWCOMER_RATE, RATE_KEYS } from './policy.ts'
import { Rate, RateTable } from './rate.ts'
import type { Run, SignedBeacon } from './record.ts'
import { readBeacon, readRecords } from './record.ts'
import { Waiting } from './waiting.ts'

export interface IntakeDeps {
  readonly room: RoomId
  readonly log: RoomLog
  readonly chains: Chains
  readonly crypto: Crypto
  readonly people: People
}

/** What became of a frame or a part of a sync. */
export interface Intaken {
  readonly verdict: 'accept' | 'ignore' | 'reject'
  /** Why, for a log line and for the tests; empty when accepted. */
  readonly reason: string
  /** Messages that are now in the log, in the order in which they went in. */
  readonly messages: readonly Envelope[]
  readonly beacons: readonly Beacon[]
  /** Predecessors that aren't here. */
  readonly missing: readonly MessageId[]
}

/** What is found while the records of one frame are gone through. */
interface Findings {
  readonly messages: Envelope[]
  readonly beacons: Beacon[]
  readonly missing: MessageId[]
  ignored: string
}

type Source = 'gossip' | 'sync'

export class Intake {
  readonly #deps: IntakeDeps
  readonly #waiting = new Waiting()
  readonly #links = new RateTable<PeerKey>(LINK_RATE, RATE_KEYS)
  readonly #authors = new RateTable<PeerKey>(AUTHOR_RATE, RATE_KEYS)
  readonly #newcomers = new Rate(NEWCOMER_RATE)

  constructor(deps: IntakeDeps) {
    this.#deps = deps
  }

  /** Messages held back, for the tests of the bounds. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** A gossip payload that came over the link to `from`. */
  frame(payload: Uint8Array, from: PeerKey, now: Instant): Intaken {
    if (!this.#links.take(from, now.steady)) return refusal('ignore', 'link-rate')
    const wires = decodeFrame(payload)
    return wires === undefined ? refusal('reject', 'not a frame') : this.#records(wires, 'gossip', now)
  }

  /** One part of a sync: the same checks, without the rates of gossip. */
  segment(wires: readonly Uint8Array[], now: Instant): Intaken {
    return this.#records(wires, 'sync', now)
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
    for (const entry of this.#waiting.takeDue(now.wall)) this.#place(entry, found)
    return found.messages
  }

  /** When `due` has something, by the wall clock. */
  dueAt(): number | undefined {
    return this.#waiting.dueAt()
  }

  #records(wires: readonly Uint8Array[], source: Source, now: Instant): Intaken {
    const records = readRecords(wires, this.#deps.room, this.#deps.crypto)
    if (records.kind === 'malformed') return refusal('reject', records.reason)
    const found = noFindings()
    for (const run of records.runs) {
      const wrong = this.#run(run, source, now, found)
      if (wrong !== undefined) return { ...found, verdict: 'reject', reason: wrong }
    }
    for (const signed of records.beacons) {
      const wrong = this.#beacon(signed, now, found)
      if (wrong !== undefined) return { ...found, verdict: 'reject', reason: wrong }
    }
    const useful = found.messages.length + found.beacons.length > 0
    return { ...found, verdict: useful ? 'accept' : 'ignore', reason: useful ? '' : found.ignored }
  }

  /** Returns why the whole frame must be rejected, or undefined. */
  #run(run: Run, source: Source, now: Instant, found: Findings): string | undefined {
    const fresh = run.filter(envelope => !this.#deps.log.has(envelope.id))
    const [first] = fresh
    const last = fresh.at(-1)
    if (first === undefined || last === undefined) return ignore(found, 'known')
    const refused = this.#refusal(fresh, source, now)
    if (refused !== undefined) return ignore(found, refused)
    // a run that reaches into the future is taken apart, and so each of its messages needs its own proof
    if (last.ts > now.wall + MAX_FUTURE_MS) return this.#scattered(fresh, now, found)
    if (!isAuthentic(last, this.#deps.crypto)) return 'bad signature'
    for (const envelope of fresh) {
      const wrong = this.#place({ envelope, proof: envelope === last ? 'signature' : 'successor' }, found)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }

  #scattered(run: readonly Envelope[], now: Instant, found: Findings): string | undefined {
    for (const envelope of run) {
      if (!isAuthentic(envelope, this.#deps.crypto)) return 'bad signature'
      const entry = { envelope, proof: 'signature' satisfies Proof } as const
      if (envelope.ts > now.wall + MAX_FUTURE_MS) {
        this.#waiting.holdForTime(entry)
        found.ignored = 'future'
        continue
      }
      const wrong = this.#place(entry, found)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }

  /** Why a run isn't looked at now, though nothing is wrong with it. */
  #refusal(run: readonly Envelope[], source: Source, now: Instant): string | undefined {
    const author = run[0]?.author
    if (author === undefined) return 'empty'
    if (source === 'gossip' && !this.#authors.take(author, now.steady)) return 'author-rate'
    if (!this.#deps.chains.knows(author) && !this.#admits(author, now)) return 'newcomer-rate'
    const bytes = run.reduce((sum, envelope) => sum + envelope.wire.length, 0)
    if (this.#deps.log.bytesOf(author) + bytes > AUTHOR_QUOTA_BYTES) return 'author-quota'
    return undefined
  }

  /** Strangers share one allowance. */
  #admits(author: PeerKey, now: Instant): boolean {
    return this.#deps.people.isHere(author) || this.#newcomers.take(now.steady)
  }

  /** Puts a proved message where it belongs, and after it those that waited for it. */
  #place(entry: Entry, found: Findings): string | undefined {
    const queue = [entry]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { envelope, proof } = next
      const fit = this.#deps.chains.fit(envelope)
      switch (fit.kind) {
        case 'next':
          this.#deps.chains.add(envelope, proof)
          found.messages.push(envelope)
          queue.push(...this.#waiting.takeAfter(envelope.id))
          break
        case 'gap':
          this.#waiting.holdForPredecessor(next, fit.missing)
          if (!this.#waiting.has(fit.missing)) found.missing.push(fit.missing)
          found.ignored = 'gap'
          break
        case 'wrong':
          return fit.reason
        case 'known':
        case 'surplus':
          found.ignored = fit.kind
          break
      }
    }
    return undefined
  }

  #beacon(signed: SignedBeacon, now: Instant, found: Findings): string | undefined {
    const { beacon, wire } = signed
    if (!this.#deps.people.isNews(beacon, now)) return ignore(found, 'old beacon')
    if (!this.#deps.chains.knows(beacon.author) && !this.#admits(beacon.author, now))
      return ignore(found, 'newcomer-rate')
    if (!isAuthenticBeacon(beacon, wire, this.#deps.crypto)) return 'bad signature'
    found.beacons.push(beacon)
    return undefined
  }
}

function noFindings(): Findings {
  return { messages: [], beacons: [], missing: [], ignored: 'nothing new' }
}

function ignore(found: Findings, why: string): undefined {
  found.ignored = why
  return undefined
}

function refusal(verdict: 'ignore' | 'reject', reason: string): Intaken {
  return { verdict, reason, messages: [], beacons: [], missing: [] }
}
