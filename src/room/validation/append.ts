/**
 * Appends proved messages to their chains, followed by the pending ones that waited for them, or makes them
 * pending themselves.
 */

import type { Instant } from '../../common/clock.ts'
import type { Crypto } from '../../protocol/crypto.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import { isAuthentic } from '../../protocol/envelope.ts'
import { chainIdOf } from '../../protocol/frontier.ts'
import type { ChainId, MessageId } from '../../protocol/ids.ts'
import { chainId } from '../../protocol/ids.ts'
import { MAX_FUTURE_MS } from '../../protocol/limits.ts'
import type { Entry, RoomLog } from '../log.ts'
import type { Chains } from '../messages/chains.ts'
import { PendingMessages } from './pending-messages.ts'
import { endsOf, entriesOf } from './records.ts'
import type { Findings } from './verdicts.ts'
import { noFindings, skip } from './verdicts.ts'

export interface AppenderDeps {
  readonly log: RoomLog
  readonly chains: Chains
  readonly crypto: Crypto
  /** The place at which a chain may start, or continue after a gap, because nobody has what precedes. */
  readonly mayBeginAt: (chain: ChainId) => number | undefined
}

/** How a message arrived: only a sync may start a chain in its middle, because only a sync requested it. */
export interface Arrival {
  readonly via: 'gossip' | 'sync'
  readonly now: Instant
}

/** What became of a message: appended, pending, or what is wrong with it. */
type Placement = { readonly kind: 'here' | 'apart' } | { readonly kind: 'wrong'; readonly reason: string }

export class Appender {
  readonly #deps: AppenderDeps
  readonly pending: PendingMessages

  constructor(deps: AppenderDeps) {
    this.#deps = deps
    this.pending = new PendingMessages(deps.log)
  }

  /** Appends messages of one chain whose ends were checked. Returns what is wrong with them, or undefined. */
  appendRun(
    fresh: readonly Envelope[],
    ends: ReadonlySet<Envelope>,
    way: Arrival,
    found: Findings,
  ): string | undefined {
    let wrong: string | undefined
    for (const entry of this.#holdFuture(fresh, ends, way.now, found)) {
      wrong = this.append(entry, way, found)
      if (wrong !== undefined) break
    }
    const [first] = fresh
    if (first !== undefined) this.checkEnd(first, found)
    return wrong
  }

  /**
   * Inserts messages before a chain's base, if they lead there, and then the pending ones that waited for
   * them.
   */
  insertBefore(entries: readonly Entry[], way: Arrival, found: Findings): void {
    for (const envelope of this.#deps.chains.insertBefore(entries)) {
      this.pending.drop(envelope.id)
      found.messages.push(envelope)
      for (const entry of this.#takeWaitingFor(envelope.id, way.now)) this.append(entry, way, found)
    }
  }

  /**
   * Appends a proved message or makes it pending, and then those that waited for it. Returns what is wrong
   * with it.
   */
  append(entry: Entry, way: Arrival, found: Findings): string | undefined {
    const queue = [entry]
    for (const next of queue) {
      const put = this.#placeOne(next, way, found)
      // what waits for a pending message stays as it is: it may be stored, and shown
      if (put.kind === 'here') queue.push(...this.#takeWaitingFor(next.envelope.id, way.now))
      // what is wrong with a pending message is not the fault of the peer that brought its predecessor
      else if (put.kind === 'wrong' && next === entry) return put.reason
    }
    return undefined
  }

  /**
   * Takes out the messages that waited for this one. What is ahead of the clock, which was set back
   * meanwhile, stays.
   */
  #takeWaitingFor(id: MessageId, now: Instant): readonly Entry[] {
    const entries = this.pending.takeWaitingFor(id)
    const isAhead = ({ envelope }: Entry): boolean => envelope.ts > now.wall + MAX_FUTURE_MS
    for (const entry of entries) if (isAhead(entry)) this.pending.holdForTime([entry])
    return entries.filter(entry => !isAhead(entry))
  }

  /** To be called once a batch is appended: see `Chains.settle`. */
  checkEnd({ author, log }: Envelope, found: Findings): void {
    const { chains, crypto } = this.#deps
    const gone = new Set(chains.checkEnd(author, log, envelope => isAuthentic(envelope, crypto)))
    if (gone.size === 0) return
    found.messages = found.messages.filter(({ id }) => !gone.has(id))
    skip(found, 'surplus')
  }

  /** Appends messages whose time has come. */
  appendDue(now: Instant): readonly Envelope[] {
    const found = noFindings()
    const due = this.pending.takeDue(now.wall)
    for (const entry of due) this.append(entry, { via: 'sync', now }, found)
    // not before all are appended: the later ones prove the earlier ones
    const chains = new Map(due.map(({ envelope }) => [chainIdOf(envelope), envelope]))
    for (const envelope of chains.values()) this.checkEnd(envelope, found)
    return found.messages
  }

  /** Holds back what is ahead of the clock; returns the rest. */
  #holdFuture(
    all: readonly Envelope[],
    ends: ReadonlySet<Envelope>,
    now: Instant,
    found: Findings,
  ): readonly Entry[] {
    const horizon = now.wall + MAX_FUTURE_MS
    const ahead = all.filter(envelope => envelope.ts > horizon)
    if (ahead.length === 0) return entriesOf(all, ends)
    skip(found, 'future')
    found.pending.push(...ahead)
    this.pending.holdForTime(this.#checkAlone(ahead, ends))
    const inTime = all.filter(envelope => envelope.ts <= horizon)
    return this.#checkAlone(inTime, ends)
  }

  /**
   * Handles messages without those that prove them: their own end has to. If it can't, they wait until all
   * arrive together again. That is no reason to reject, because for a faster clock they are together now.
   */
  #checkAlone(part: readonly Envelope[], checked: ReadonlySet<Envelope>): readonly Entry[] {
    const ends = endsOf(part)
    const [first, ...more] = [...ends].filter(end => !checked.has(end))
    const isProved = first === undefined || (more.length === 0 && isAuthentic(first, this.#deps.crypto))
    return isProved ? entriesOf(part, ends) : []
  }

  #placeOne({ envelope, proof }: Entry, { via, now }: Arrival, found: Findings): Placement {
    const { chains, mayBeginAt } = this.#deps
    const root = via === 'sync' ? mayBeginAt(chainId(envelope.author, envelope.log)) : undefined
    const fit = chains.fit(envelope, root)
    switch (fit.kind) {
      case 'next':
      case 'root':
        chains.add(envelope, proof, fit.kind)
        // a chain that starts here after all, and this message waited for its start
        this.pending.drop(envelope.id)
        found.messages.push(envelope)
        return { kind: 'here' }
      case 'gap':
        this.pending.holdForPredecessor({ envelope, proof }, now.steady)
        found.pending.push(envelope)
        this.#recordGap(envelope, fit.missing, found)
        skip(found, 'gap')
        return { kind: 'apart' }
      case 'wrong':
        return fit
      case 'surplus':
        skip(found, 'surplus')
        return { kind: 'apart' }
      case 'known':
        // it arrived twice: what had waited for it was appended with it
        if (proof === 'signature') chains.addSignature(envelope)
        return { kind: 'here' }
    }
  }

  #recordGap({ author, log, seq }: Envelope, missing: MessageId, found: Findings): void {
    const chain = chainId(author, log)
    // nobody can bring back what was pruned here
    const isGone = seq <= (this.#deps.chains.get(author, log)?.base ?? 0)
    if (isGone || this.pending.has(missing)) return
    found.missing.push(missing)
    if (this.#deps.log.at(chain, seq - 1).length > 0) found.forkedBelow.push(chain)
  }
}
