/**
 * The exchanges that rooms ask for, and those that villains begin: one at a time from one machine to another, and one
 * more if it was asked for meanwhile, as src/network/sync/sync-service.ts has it. Some are slow, some are cut off on purpose.
 */

import { RateTable } from '../../src/common/rate-limit.ts'
import type { PeerKey } from '../../src/protocol/ids.ts'
import type { Side } from './exchange-run.ts'
import { ExchangeRun, honestTalker } from './exchange-run.ts'
import { HostileTalker } from './hostile-talker.ts'
import type { Life } from './life.ts'
import type { Villain } from './villain.ts'
import type { Station, Wires } from './wires.ts'

/** How often one partner may begin an exchange, and of how many that is remembered: src/network/sync/sync-service.ts. */
const PARTNER_RATE = { perSecond: 2, burst: 32 }
const PARTNERS = 64

/** An exchange that began. */
interface Begun {
  readonly kind: 'among friends' | 'with a villain'
  readonly between: string
}

/** Who can take part. */
export type Partner = { readonly station: Station } & (
  | { readonly kind: 'honest'; readonly life: Life }
  | { readonly kind: 'villain'; readonly villain: Villain }
)

export interface ExchangesDeps {
  readonly wires: Wires
  readonly now: () => number
  readonly later: (ms: number, act: () => void) => void
  /** Who has this key; undefined if nothing runs there. */
  readonly partner: (key: PeerKey) => Partner | undefined
}

export class Exchanges {
  readonly begun: Begun[] = []
  readonly #deps: ExchangesDeps
  readonly #running = new Map<string, 'once' | 'again'>()
  readonly #cuts = new Map<Station, number>()
  readonly #slow = new Map<Station, number>()
  readonly #rates = new Map<object, RateTable<PeerKey>>()

  constructor(deps: ExchangesDeps) {
    this.#deps = deps
  }

  /** The next exchange of this station breaks off after some messages. */
  cutNext(station: Station, after: number): void {
    this.#cuts.set(station, after)
  }

  slowDown(station: Station, stepMs: number, forMs: number): void {
    this.#slow.set(station, stepMs)
    this.#deps.later(forMs, () => this.#slow.delete(station))
  }

  calm(): void {
    this.#cuts.clear()
    this.#slow.clear()
  }

  /** Begins an exchange with whoever has this key. */
  request(from: Partner, peer: PeerKey): void {
    const to = this.#deps.partner(peer)
    const name = `${from.station.name} with ${to?.station.name ?? peer}`
    if (this.#running.has(name)) {
      this.#running.set(name, 'again')
      return
    }
    const connection = to && this.#deps.wires.connectionOf(from.station, to.station)
    if (to === undefined || connection === undefined) {
      this.#unopened(from, peer)
      return
    }
    this.#running.set(name, 'once')
    const isHostile = [from, to].some(partner => partner.kind === 'villain')
    this.begun.push({ kind: isHostile ? 'with a villain' : 'among friends', between: name })
    this.#run(from, to, connection, () => {
      const isWanted = this.#running.get(name) === 'again' && !isOver(from)
      this.#running.delete(name)
      if (isWanted) this.request(from, peer)
    })
  }

  #run(from: Partner, to: Partner, connection: object, onEnd: () => void): void {
    const { now, later, wires } = this.#deps
    const isRefused = to.kind === 'honest' && !this.#ratesOf(to.life).take(from.station.key, now())
    new ExchangeRun([sideOf(from, to, 'begins'), sideOf(to, from, 'answers')], {
      now,
      later,
      delay: (one, other) => this.#delay(one, other),
      path: (one, other) => {
        const isSame = wires.connectionOf(one, other) === connection
        if (!isSame || isOver(from) || isOver(to)) return 'none'
        return wires.path(one, other) === 'void' ? 'void' : 'open'
      },
      cutAfter: isRefused ? 0 : this.#cutOf([from.station, to.station]),
      onEnd,
    })
  }

  /** There is no connection for it any more. */
  #unopened(from: Partner, peer: PeerKey): void {
    if (from.kind === 'villain') return
    const talker = honestTalker(from.life, peer, 'begins')
    this.#deps.later(0, () => {
      from.life.whenRunning(() => talker.end({ reason: 'not connected', blame: 'nobody' }))
    })
  }

  #cutOf(stations: readonly Station[]): number {
    for (const station of stations) {
      const after = this.#cuts.get(station)
      if (after === undefined) continue
      this.#cuts.delete(station)
      return after
    }
    return Number.POSITIVE_INFINITY
  }

  #delay(from: Station, to: Station): number {
    const path = this.#deps.wires.path(from, to)
    const slow = Math.max(this.#slow.get(from) ?? 0, this.#slow.get(to) ?? 0)
    return slow + (typeof path === 'number' ? path : 0)
  }

  #ratesOf(life: Life): RateTable<PeerKey> {
    const known = this.#rates.get(life) ?? new RateTable<PeerKey>(PARTNER_RATE, PARTNERS)
    this.#rates.set(life, known)
    return known
  }
}

function sideOf(mine: Partner, theirs: Partner, role: 'begins' | 'answers'): Side {
  const { station } = mine
  if (mine.kind === 'honest') {
    return { station, life: mine.life, talker: honestTalker(mine.life, theirs.station.key, role) }
  }
  const talker = new HostileTalker(mine.villain, role)
  return { station, life: undefined, talker }
}

function isOver(partner: Partner): boolean {
  return partner.kind === 'honest' && partner.life.isOver
}
