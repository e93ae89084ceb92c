/**
 * The validator: decides whether bytes from other peers become messages of the room. The cheapest checks come
 * first, so that a flood costs little: size, rate of the link, form and room, duplicates, rate of the author,
 * newcomers, and only then a signature. Its verdicts follow one rule: *reject* only what every honest peer
 * would reject from the same bytes; whatever depends on local state or the clock is *ignore*.
 */

import type { Instant } from '../../common/clock.ts'
import { Rate, RateTable } from '../../common/rate-limit.ts'
import type { Beacon } from '../../protocol/beacon.ts'
import { isAuthenticBeacon } from '../../protocol/beacon.ts'
import type { Crypto } from '../../protocol/crypto.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import { isAuthentic } from '../../protocol/envelope.ts'
import { decodeFrame } from '../../protocol/frame.ts'
import type { MessageId, PeerKey, RoomId } from '../../protocol/ids.ts'
import { FORK_TAIL, MAX_FUTURE_MS, MAX_HEADS, MAX_TAIL } from '../../protocol/limits.ts'
import { MESSAGES_LIMIT } from '../../protocol/sync-message.ts'
import type { RoomLog } from '../log.ts'
import { fitsAfter } from '../messages/chain.ts'
import type { Chains } from '../messages/chains.ts'
import {
  AUTHOR_QUOTA_BYTES,
  AUTHOR_RATE,
  FLOOD_RATE,
  LINK_RATE,
  NEWCOMER_RATE,
  NEWCOMER_SYNC_RATE,
  RATE_KEYS,
  ROOM_QUOTA_BYTES,
} from '../policy.ts'
import type { Members } from '../presence/members.ts'
import type { Appender } from './append.ts'
import type { Run, SignedBeacon } from './records.ts'
import { endsOf, entriesOf, readBeacon, readRecords } from './records.ts'
import type { Findings, ValidationResult } from './verdicts.ts'
import { noFindings, refusal, resultOf, skip } from './verdicts.ts'

export interface ValidatorDeps {
  readonly room: RoomId
  readonly log: RoomLog
  readonly chains: Chains
  readonly crypto: Crypto
  readonly members: Members
  readonly appender: Appender
}

type RecordSource = { readonly now: Instant } & (
  | { readonly via: 'gossip'; readonly from: PeerKey }
  | { readonly via: 'sync' }
)

export class Validator {
  readonly #deps: ValidatorDeps
  readonly #floodRates = new RateTable<PeerKey>(FLOOD_RATE, RATE_KEYS)
  readonly #linkRates = new RateTable<PeerKey>(LINK_RATE, RATE_KEYS)
  readonly #authorRates = new RateTable<PeerKey>(AUTHOR_RATE, RATE_KEYS)
  readonly #newcomerRates = { gossip: new Rate(NEWCOMER_RATE), sync: new Rate(NEWCOMER_SYNC_RATE) }

  constructor(deps: ValidatorDeps) {
    this.#deps = deps
  }

  /** Validates a gossip payload that arrived over the link to `from`. */
  frame(payload: Uint8Array, from: PeerKey, now: Instant): ValidationResult {
    if (!this.#floodRates.take(from, now.steady)) return refusal('ignore', 'flood')
    if (!this.#linkRates.take(from, now.steady)) return refusal('ignore', 'link-rate')
    const wires = decodeFrame(payload)
    if (wires === undefined) return refusal('reject', 'not a frame')
    return this.#records(wires, { via: 'gossip', from, now })
  }

  /**
   * Validates one part of a sync, which belongs to one chain: the same checks, without the rates of gossip.
   */
  segment(wires: readonly Uint8Array[], now: Instant): ValidationResult {
    return this.#records(wires, { via: 'sync', now })
  }

  /**
   * Validates a part of a missing prefix, which ends with the predecessor of a chain's base. Each message is
   * named by the next one, and the last by the stored chain; it is checked nevertheless, so that the part can
   * be handed on alone.
   */
  earlier(wires: readonly Uint8Array[], now: Instant): ValidationResult {
    const { room, crypto, appender } = this.#deps
    const records = readRecords(wires, room, crypto)
    if (records.kind === 'malformed') return refusal('reject', records.reason)
    const [run, ...more] = records.runs
    if (run === undefined || more.length + records.beacons.length + records.unknown > 0)
      return refusal('reject', 'not a part of one chain')
    if (!isStraight(run)) return refusal('reject', 'they do not follow each other')
    if (isRunTooLong(run, 0)) return refusal('reject', 'more than can be handed on in one part')
    const [last = run[0]] = run.slice(-1)
    if (this.isQuotaReached(last.author)) return refusal('ignore', 'quota')
    if (!isAuthentic(last, crypto)) return refusal('ignore', 'unproved')
    const found = noFindings()
    appender.insertBefore(entriesOf(run, new Set([last])), { via: 'sync', now }, found)
    appender.checkEnd(last, found)
    return resultOf(found, 'sync')
  }

  /**
   * Validates the newest messages of a partner, of any chains, each proved by itself. What can't be appended
   * yet is stored as pending. A message that isn't authentic is no fault of the partner's: another message
   * may have proved it there.
   */
  tail(
    wires: readonly Uint8Array[],
    now: Instant,
  ): ValidationResult & { readonly early: readonly Envelope[] } {
    const records = readRecords(wires, this.#deps.room, this.#deps.crypto)
    if (records.kind === 'malformed') return { ...refusal('reject', records.reason), early: [] }
    if (wires.length > MAX_TAIL) return { ...refusal('reject', 'more than was asked for'), early: [] }
    const found = noFindings()
    const urgent = new Set<MessageId>()
    for (const envelope of records.runs.flat()) {
      if (this.#isNewest(envelope, now, found)) urgent.add(envelope.id)
    }
    return { ...resultOf(found, 'sync'), early: this.#deps.appender.pending.storeDue(now, urgent) }
  }

  /** Validates a beacon that its author handed over. Undefined if it is someone else's, or not authentic. */
  beaconFrom(wire: Uint8Array, from: PeerKey): Beacon | undefined {
    const record = readBeacon(wire, this.#deps.room)
    if (record.kind !== 'beacon' || record.beacon.author !== from) return undefined
    return isAuthenticBeacon(record.beacon, wire, this.#deps.crypto) ? record.beacon : undefined
  }

  /** True if no more of this author is accepted, so that requesting it is useless. */
  isQuotaReached(author: PeerKey): boolean {
    const { log, chains } = this.#deps
    return log.bytesOf(author) >= AUTHOR_QUOTA_BYTES || chains.bytes >= ROOM_QUOTA_BYTES
  }

  #records(wires: readonly Uint8Array[], source: RecordSource): ValidationResult {
    const records = readRecords(wires, this.#deps.room, this.#deps.crypto)
    if (records.kind === 'malformed') return refusal('reject', records.reason)
    if (source.via === 'sync' && records.runs.length > 1) return refusal('reject', 'more than one chain')
    const found = noFindings()
    if (records.unknown > 0) skip(found, 'of a later version')
    for (const run of records.runs) {
      const wrong = this.#run(run, source, found)
      if (wrong !== undefined) return { ...found, verdict: 'reject', reason: wrong }
    }
    for (const signed of records.beacons) {
      const wrong = this.#beacon(signed, source, found)
      if (wrong !== undefined) return { ...found, verdict: 'reject', reason: wrong }
    }
    return resultOf(found, source.via)
  }

  /** Returns why the whole frame must be rejected, or undefined. */
  #run(run: Run, source: RecordSource, found: Findings): string | undefined {
    const { log } = this.#deps
    const fresh = run.filter(envelope => !log.holds(envelope))
    const last = endsOf(run)
    // a stored message proves those before it: they were pruned here, and not elsewhere
    const ends = new Set(fresh.filter(envelope => last.has(envelope)))
    // a message that another one proved before may stand alone here
    const isProved = [...last].every(end => ends.has(end) || log.get(end.id)?.proof === 'signature')
    if (!isProved) skip(found, 'unproved')
    const [first] = fresh
    if (first === undefined) return undefined
    if (this.isQuotaReached(first.author)) return skip(found, 'quota')
    if (source.via === 'sync' && ends.size > MAX_HEADS) return 'more branches than are kept'
    if (source.via === 'sync' && isRunTooLong(run, FORK_TAIL)) return 'more than can be handed on in one part'
    const refused = this.#refusal(first.author, ends.size, source, found)
    if (refused !== undefined) return skip(found, refused)
    for (const end of ends) if (!isAuthentic(end, this.#deps.crypto)) return 'bad signature'
    return this.#deps.appender.appendRun(fresh, ends, source, found)
  }

  /** Why a message of this author isn't examined now, though nothing is wrong with it. */
  #refusal(author: PeerKey, checks: number, source: RecordSource, found: Findings): string | undefined {
    const { chains, members } = this.#deps
    const { steady } = source.now
    if (source.via === 'gossip') {
      for (let check = 0; check < checks; check++) {
        // a frame is one event on its link; each signature to check beyond the first is another one
        if (found.checks++ > 0 && !this.#linkRates.take(source.from, steady)) return 'link-rate'
        if (!this.#authorRates.take(author, steady)) return 'author-rate'
      }
    }
    const isNewcomer = !chains.knowsAuthor(author) && !members.isHere(author)
    return isNewcomer && !this.#newcomerRates[source.via].take(steady) ? 'newcomer-rate' : undefined
  }

  /** Appends one of the newest messages, or makes it pending. True if it is pending. */
  #isNewest(envelope: Envelope, now: Instant, found: Findings): boolean {
    const { log, crypto, appender } = this.#deps
    const source = { via: 'sync', now } as const
    if (log.holds(envelope) || envelope.ts > now.wall + MAX_FUTURE_MS || this.isQuotaReached(envelope.author))
      return false
    if (this.#refusal(envelope.author, 1, source, found) !== undefined) return false
    if (!isAuthentic(envelope, crypto)) return false
    const wrong = appender.append({ envelope, proof: 'signature' }, source, found)
    appender.checkEnd(envelope, found)
    return wrong === undefined && appender.pending.has(envelope.id)
  }

  #beacon(signed: SignedBeacon, source: RecordSource, found: Findings): string | undefined {
    const { beacon, wire } = signed
    const isNews = source.via === 'gossip' && this.#deps.members.isNewer(beacon, source.from, source.now)
    if (!isNews) return skip(found, 'old beacon')
    const refused = this.#refusal(beacon.author, 1, source, found)
    if (refused !== undefined) return skip(found, refused)
    if (!isAuthenticBeacon(beacon, wire, this.#deps.crypto)) return 'bad signature'
    found.beacons.push(beacon)
    return undefined
  }
}

/**
 * True for a run that is longer than anyone hands on, except for its last places, which may be a fork's. What
 * is proved together must be handed on together, and must fit into one message even with a fork.
 */
function isRunTooLong(run: Run, places: number): boolean {
  const end = (run.at(-1)?.seq ?? 0) - places
  let bytes = 0
  for (const { seq, wire } of run) if (seq < end) bytes += wire.length
  return bytes > MESSAGES_LIMIT.bytes
}

/** True if each message is the predecessor of the next. */
function isStraight(run: Run): boolean {
  return run.every((envelope, index) => {
    const before = run[index - 1]
    return (
      before === undefined || (envelope.prev === before.id && fitsAfter(envelope, before).kind === 'next')
    )
  })
}
