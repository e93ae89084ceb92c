/**
 * Who brings which chain. A chain is fetched by one exchange at a time, so that a newcomer with thirty partners
 * receives its history once; who offers the same meanwhile is put off until that exchange ends, or shows that it isn't
 * worth waiting for. Then the chain is free, and with each time that this happens one more may fetch it at a time:
 * partners that claim to have everything and bring nothing don't hold it up for long, however many they are. Who brings
 * it slowly while others wait has it for a turn, and the next one goes on.
 */
import { dropOldest } from '../../common/rate-limit.ts'
import type { ChainId, PeerKey } from '../../protocol/ids.ts'
import { MAX_CHAINS } from '../../protocol/limits.ts'
import { PACE_BYTES, PACE_MESSAGES, PACE_MS, PEOPLE_COUNT, QUICK_BYTES, TURN_PACES } from '../policy.ts'

interface Running {
  readonly partner: PeerKey
  readonly chains: Set<ChainId>
  /** Who has the same. */
  readonly deferred: Set<PeerKey>
  /** Since when its pace is measured, and what came since. */
  since: number
  messages: number
  bytes: number
  /** How often it was slow in a row while others waited. */
  slow: number
  state: 'trusted' | 'given up'
}

export class ChainAssignment {
  readonly #running = new Map<number, Running>()
  readonly #holders = new Map<ChainId, Set<number>>()
  /** How often a chain wasn't brought though others offered it. */
  readonly #contested = new Map<ChainId, number>()
  readonly #queue = new WaitingPartners()
  #steady = 0

  begin(exchange: number, partner: PeerKey, steady: number): void {
    this.#steady = steady
    const fresh = { since: steady, messages: 0, bytes: 0, slow: 0, state: 'trusted' } as const
    this.#running.set(exchange, { partner, chains: new Set(), deferred: new Set(), ...fresh })
  }

  /** True if this exchange is to bring the chain; otherwise its partner is asked again when those end that do. */
  take(exchange: number, chain: ChainId): boolean {
    const running = this.#running.get(exchange)
    const holders = this.#holders.get(chain) ?? new Set()
    if (running === undefined || holders.has(exchange)) return false
    if (!this.#queue.admits(chain, running.partner, this.#steady)) return false
    if (holders.size > (this.#contested.get(chain) ?? 0)) {
      for (const holder of holders) this.#running.get(holder)?.deferred.add(running.partner)
      return false
    }
    this.#holders.set(chain, holders.add(exchange))
    running.chains.add(chain)
    for (const peer of this.#queue.take(chain)) running.deferred.add(peer)
    return true
  }

  /** An exchange brought something new. */
  onBrought(exchange: number, messages: number, bytes: number): void {
    const running = this.#running.get(exchange)
    if (running === undefined) return
    running.messages += messages
    running.bytes += bytes
  }

  /** The chains that an exchange is to bring. */
  of(exchange: number): readonly ChainId[] {
    return [...(this.#running.get(exchange)?.chains ?? [])]
  }

  /** An exchange is over, and didn't bring what it should have of the chains `missed`. Returns who was put off for it. */
  end(exchange: number, missed: ReadonlySet<ChainId>): readonly PeerKey[] {
    const running = this.#running.get(exchange)
    if (running === undefined) return []
    this.#running.delete(exchange)
    for (const chain of running.chains) if (!missed.has(chain)) this.#contested.delete(chain)
    // it said what it has just now: at once again it would say the same, for ever if that never fits
    running.deferred.delete(running.partner)
    return this.#release(exchange, running, missed)
  }

  /** Gives up what comes too slowly. Returns who was put off for it. */
  giveUp(steady: number): readonly PeerKey[] {
    const asked = new Set<PeerKey>(this.#queue.due(steady))
    for (const [exchange, running] of this.#running) {
      if (running.chains.size === 0 || steady < running.since + PACE_MS) continue
      const pace = paceOf(running)
      if (pace === 'good') {
        Object.assign(running, { since: steady, messages: 0, bytes: 0, slow: slowAgain(running) })
        continue
      }
      if (pace === 'over') this.#queue.open(running.chains, running.partner, running.deferred, steady)
      running.state = 'given up'
      const missed = new Set(pace === 'over' ? [] : running.chains)
      for (const peer of this.#release(exchange, running, missed)) asked.add(peer)
    }
    return [...asked]
  }

  /** Steady time at which `giveUp` may have something. */
  dueAt(): number | undefined {
    const dues = [...this.#running.values()].flatMap(({ chains, since }) =>
      chains.size > 0 ? since + PACE_MS : [],
    )
    const first = Math.min(this.#queue.dueAt(), ...dues)
    return first === Number.POSITIVE_INFINITY ? undefined : first
  }

  isGivenUp(exchange: number): boolean {
    return this.#running.get(exchange)?.state === 'given up'
  }

  /** True while anything is to be brought. */
  get isFetching(): boolean {
    return this.#holders.size > 0
  }

  /** True while an exchange with this partner runs. */
  isBusy(partner: PeerKey): boolean {
    return this.#running.values().some(running => running.partner === partner)
  }

  #release(
    exchange: number,
    { chains, deferred }: Running,
    missed: ReadonlySet<ChainId>,
  ): readonly PeerKey[] {
    for (const chain of chains) {
      const holders = this.#holders.get(chain)
      holders?.delete(exchange)
      if (holders?.size === 0) this.#holders.delete(chain)
      if (deferred.size > 0 && missed.has(chain)) this.#contest(chain)
    }
    const asked = [...deferred]
    chains.clear()
    deferred.clear()
    return asked
  }

  #contest(chain: ChainId): void {
    const times = (this.#contested.get(chain) ?? 0) + 1
    this.#contested.delete(chain)
    this.#contested.set(chain, times)
    if (this.#contested.size > MAX_CHAINS) dropOldest(this.#contested)
  }
}

/** Whether to let it go on: it brings too little, or others wait and its turn is over. */
function paceOf(running: Running): 'good' | 'too slow' | 'over' {
  const { messages, bytes, deferred } = running
  const isTooSlow = deferred.size === 0 ? messages === 0 : messages < PACE_MESSAGES && bytes < PACE_BYTES
  if (isTooSlow) return 'too slow'
  return slowAgain(running) < TURN_PACES ? 'good' : 'over'
}

/** How often in a row others waited while it wasn't quick. */
function slowAgain({ deferred, bytes, slow }: Running): number {
  return deferred.size > 0 && bytes < QUICK_BYTES ? slow + 1 : 0
}

// Whose turn it is to bring a chain after somebody who was slow had his: of those who waited the ones that had the
// fewest turns so far come first, for a while. So many slow partners are in nobody's way for longer than one turn each.

/** Who may bring some chains until then, and who else came meanwhile. */
interface Line {
  readonly first: ReadonlySet<PeerKey>
  readonly until: number
  readonly others: Set<PeerKey>
}

class WaitingPartners {
  readonly #lines = new Map<ChainId, Line>()
  /** How many turns somebody had that he didn't finish. */
  readonly #turns = new Map<PeerKey, number>()

  /** Somebody's turn with these chains is over, and others wait for them. */
  open(chains: Iterable<ChainId>, partner: PeerKey, waiting: ReadonlySet<PeerKey>, steady: number): void {
    const turns = this.#turnsOf(partner) + 1
    this.#turns.delete(partner)
    this.#turns.set(partner, turns)
    if (this.#turns.size > PEOPLE_COUNT) dropOldest(this.#turns)
    const fewest = Math.min(...[...waiting].map(peer => this.#turnsOf(peer)))
    const first = new Set([...waiting].filter(peer => this.#turnsOf(peer) === fewest))
    const line: Line = { first, until: steady + PACE_MS, others: new Set() }
    for (const chain of chains) this.#lines.set(chain, line)
    while (this.#lines.size > MAX_CHAINS) dropOldest(this.#lines)
  }

  /** True if somebody may bring the chain now; otherwise he is remembered. */
  admits(chain: ChainId, partner: PeerKey, steady: number): boolean {
    const line = this.#lines.get(chain)
    if (line === undefined || steady >= line.until || line.first.has(partner)) return true
    line.others.add(partner)
    return false
  }

  /** The chain is being brought. Returns who else came for it. */
  take(chain: ChainId): Iterable<PeerKey> {
    const line = this.#lines.get(chain)
    this.#lines.delete(chain)
    return line?.others ?? []
  }

  /** Who else came for chains that nobody took whose turn it was. */
  due(steady: number): readonly PeerKey[] {
    const peers = new Set<PeerKey>()
    for (const [chain, { until, others }] of this.#lines) {
      if (steady < until) continue
      this.#lines.delete(chain)
      for (const peer of others) peers.add(peer)
    }
    return [...peers]
  }

  /** Steady time at which `due` may have something; infinite if nobody waits. */
  dueAt(): number {
    let first = Number.POSITIVE_INFINITY
    for (const { until } of this.#lines.values()) first = Math.min(first, until)
    return first
  }

  #turnsOf(peer: PeerKey): number {
    return this.#turns.get(peer) ?? 0
  }
}
