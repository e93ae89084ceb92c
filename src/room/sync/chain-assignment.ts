/**
 * Chain assignment: which session fetches which chain. One session at a time fetches a chain, so a newcomer
 * with thirty partners receives its history once; other partners that offer it wait until that session ends
 * or proves too slow. Then the chain is free, and each time this happens one more session may fetch it in
 * parallel, so partners that claim everything and send nothing don't block it for long, however many they
 * are. A slow session keeps a chain for one turn while others wait, and the next one continues.
 */
import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainId, PeerKey } from '../../protocol/ids.ts'
import { MAX_CHAINS } from '../../protocol/limits.ts'
import {
  FAST_TRANSFER_BYTES,
  MEMBER_COUNT,
  MIN_TRANSFER_BYTES,
  MIN_TRANSFER_MESSAGES,
  SLOW_TURN_CHECKS,
  TRANSFER_CHECK_MS,
} from '../policy.ts'

interface RunningSession {
  readonly partner: PeerKey
  readonly chains: Set<ChainId>
  /** Partners that offer the same. */
  readonly deferred: Set<PeerKey>
  /** Start of the current measurement, and what arrived since. */
  since: number
  messages: number
  bytes: number
  /** How many turns in a row it was slow while others waited. */
  slow: number
  state: 'trusted' | 'given up'
}

export class ChainAssignment {
  readonly #running = new Map<number, RunningSession>()
  readonly #holders = new Map<ChainId, Set<number>>()
  /** How often a chain wasn't delivered although others offered it. */
  readonly #contested = new Map<ChainId, number>()
  readonly #waitingPartners = new WaitingPartners()
  #steady = 0

  onSessionStart(exchange: number, partner: PeerKey, steady: number): void {
    this.#steady = steady
    const fresh = { since: steady, messages: 0, bytes: 0, slow: 0, state: 'trusted' } as const
    this.#running.set(exchange, { partner, chains: new Set(), deferred: new Set(), ...fresh })
  }

  /**
   * True if this session is to fetch the chain; otherwise its partner is asked again when the assigned
   * sessions end.
   */
  assign(exchange: number, chain: ChainId): boolean {
    const running = this.#running.get(exchange)
    const holders = this.#holders.get(chain) ?? new Set()
    if (running === undefined || holders.has(exchange)) return false
    if (!this.#waitingPartners.admits(chain, running.partner, this.#steady)) return false
    if (holders.size > (this.#contested.get(chain) ?? 0)) {
      for (const holder of holders) this.#running.get(holder)?.deferred.add(running.partner)
      return false
    }
    this.#holders.set(chain, holders.add(exchange))
    running.chains.add(chain)
    for (const peer of this.#waitingPartners.take(chain)) running.deferred.add(peer)
    return true
  }

  /** A session delivered something new. */
  onReceived(exchange: number, messages: number, bytes: number): void {
    const running = this.#running.get(exchange)
    if (running === undefined) return
    running.messages += messages
    running.bytes += bytes
  }

  /** The chains assigned to a session. */
  chainsOf(exchange: number): readonly ChainId[] {
    return [...(this.#running.get(exchange)?.chains ?? [])]
  }

  /** A session ended without delivering the chains `missed`. Returns the partners that waited for it. */
  onSessionEnd(exchange: number, missed: ReadonlySet<ChainId>): readonly PeerKey[] {
    const running = this.#running.get(exchange)
    if (running === undefined) return []
    this.#running.delete(exchange)
    for (const chain of running.chains) if (!missed.has(chain)) this.#contested.delete(chain)
    // its partner just said what it has; asking again at once would repeat that for ever if it never fits
    running.deferred.delete(running.partner)
    return this.#release(exchange, running, missed)
  }

  /** Reassigns chains that arrive too slowly. Returns the partners that waited for them. */
  reassignSlow(steady: number): readonly PeerKey[] {
    const asked = new Set<PeerKey>(this.#waitingPartners.due(steady))
    for (const [exchange, running] of this.#running) {
      if (running.chains.size === 0 || steady < running.since + TRANSFER_CHECK_MS) continue
      const pace = speedOf(running)
      if (pace === 'good') {
        Object.assign(running, { since: steady, messages: 0, bytes: 0, slow: slowTurns(running) })
        continue
      }
      if (pace === 'over')
        this.#waitingPartners.openLine(running.chains, running.partner, running.deferred, steady)
      running.state = 'given up'
      const missed = new Set(pace === 'over' ? [] : running.chains)
      for (const peer of this.#release(exchange, running, missed)) asked.add(peer)
    }
    return [...asked]
  }

  /** Steady time at which `giveUp` may have work. */
  dueAt(): number | undefined {
    const dues = [...this.#running.values()].flatMap(({ chains, since }) =>
      chains.size > 0 ? since + TRANSFER_CHECK_MS : [],
    )
    const first = Math.min(this.#waitingPartners.dueAt(), ...dues)
    return first === Number.POSITIVE_INFINITY ? undefined : first
  }

  isReassigned(exchange: number): boolean {
    return this.#running.get(exchange)?.state === 'given up'
  }

  /** True while anything is being fetched. */
  get isFetching(): boolean {
    return this.#holders.size > 0
  }

  /** True while a session with this partner runs. */
  isBusy(partner: PeerKey): boolean {
    return this.#running.values().some(running => running.partner === partner)
  }

  #release(
    exchange: number,
    { chains, deferred }: RunningSession,
    missed: ReadonlySet<ChainId>,
  ): readonly PeerKey[] {
    for (const chain of chains) {
      const holders = this.#holders.get(chain)
      holders?.delete(exchange)
      if (holders?.size === 0) this.#holders.delete(chain)
      if (deferred.size > 0 && missed.has(chain)) this.#countContested(chain)
    }
    const asked = [...deferred]
    chains.clear()
    deferred.clear()
    return asked
  }

  #countContested(chain: ChainId): void {
    const times = (this.#contested.get(chain) ?? 0) + 1
    this.#contested.delete(chain)
    this.#contested.set(chain, times)
    if (this.#contested.size > MAX_CHAINS) dropOldest(this.#contested)
  }
}

/** Whether a session may continue: it delivers too little, or others wait and its turn is over. */
function speedOf(running: RunningSession): 'good' | 'too slow' | 'over' {
  const { messages, bytes, deferred } = running
  const isTooSlow =
    deferred.size === 0 ? messages === 0 : messages < MIN_TRANSFER_MESSAGES && bytes < MIN_TRANSFER_BYTES
  if (isTooSlow) return 'too slow'
  return slowTurns(running) < SLOW_TURN_CHECKS ? 'good' : 'over'
}

/** How many turns in a row others waited while it was slow. */
function slowTurns({ deferred, bytes, slow }: RunningSession): number {
  return deferred.size > 0 && bytes < FAST_TRANSFER_BYTES ? slow + 1 : 0
}

// Whose turn it is after a slow partner: of those who waited, the ones with the fewest turns so far come
// first, for a while. So many slow partners delay a chain by one turn each at most.

interface WaitingLine {
  readonly preferred: ReadonlySet<PeerKey>
  readonly until: number
  readonly others: Set<PeerKey>
}

class WaitingPartners {
  readonly #lines = new Map<ChainId, WaitingLine>()
  /** How many unfinished turns a partner had. */
  readonly #turns = new Map<PeerKey, number>()

  /** A partner's turn with these chains is over, and others wait for them. */
  openLine(chains: Iterable<ChainId>, partner: PeerKey, waiting: ReadonlySet<PeerKey>, steady: number): void {
    const turns = this.#turnsOf(partner) + 1
    this.#turns.delete(partner)
    this.#turns.set(partner, turns)
    if (this.#turns.size > MEMBER_COUNT) dropOldest(this.#turns)
    const fewest = Math.min(...[...waiting].map(peer => this.#turnsOf(peer)))
    const preferred = new Set([...waiting].filter(peer => this.#turnsOf(peer) === fewest))
    const line: WaitingLine = { preferred, until: steady + TRANSFER_CHECK_MS, others: new Set() }
    for (const chain of chains) this.#lines.set(chain, line)
    while (this.#lines.size > MAX_CHAINS) dropOldest(this.#lines)
  }

  /** True if the partner may fetch the chain now; otherwise it is remembered. */
  admits(chain: ChainId, partner: PeerKey, steady: number): boolean {
    const line = this.#lines.get(chain)
    if (line === undefined || steady >= line.until || line.preferred.has(partner)) return true
    line.others.add(partner)
    return false
  }

  /** The chain is being fetched. Returns the other partners that waited for it. */
  take(chain: ChainId): Iterable<PeerKey> {
    const line = this.#lines.get(chain)
    this.#lines.delete(chain)
    return line?.others ?? []
  }

  /** Partners that waited for chains which nobody took in turn. */
  due(steady: number): readonly PeerKey[] {
    const peers = new Set<PeerKey>()
    for (const [chain, { until, others }] of this.#lines) {
      if (steady < until) continue
      this.#lines.delete(chain)
      for (const peer of others) peers.add(peer)
    }
    return [...peers]
  }

  /** Steady time at which `due` may have work; infinite if nobody waits. */
  dueAt(): number {
    let first = Number.POSITIVE_INFINITY
    for (const { until } of this.#lines.values()) first = Math.min(first, until)
    return first
  }

  #turnsOf(peer: PeerKey): number {
    return this.#turns.get(peer) ?? 0
  }
}
