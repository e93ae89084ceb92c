/**
 * The virtual network under the gossip: who can be connected, which connections are up, and what becomes of the frames
 * on them. A connection is noticed by each side in its own time, and so is its end; where it ended silently that takes
 * long. A connection that replaces one whose end nobody noticed is heard of without that end, as with libp2p.
 */
import type { PeerKey } from '../../src/protocol/ids.ts'
import type { Dice } from './dice.ts'
import type { Weather } from './plan.ts'
import { Broken } from './trace.ts'

/** Whoever is on the network. */
export interface Station {
  readonly name: string
  readonly key: PeerKey
  /** What runs there now: a connection ends with it. */
  readonly session: object | undefined
  onLinked(peer: PeerKey): void
  onUnlinked(peer: PeerKey): void
  onFrame(from: Station, payload: Uint8Array): void
}

export interface WiresDeps {
  readonly later: (ms: number, act: () => void) => void
  readonly dice: (name: string) => Dice
}

interface End {
  readonly station: Station
  readonly session: object
  /** It knows that the other side is subscribed. */
  isLinked: boolean
}

interface Connection {
  readonly ends: readonly [End, End]
  isOpen: boolean
}

interface Pair {
  readonly stations: readonly [Station, Station]
  readonly dice: Dice
  /** Why there can't be a connection. */
  readonly obstacles: Set<'cut' | 'split' | 'expelled'>
  /** Whose frames don't arrive. */
  readonly deaf: Set<Station>
  /** Who was told of a connection and not yet of its end, and in which session. */
  readonly told: Map<Station, object>
  connection: Connection | undefined
  /** Attempts to connect, to forget those that were overtaken. */
  attempts: number
}

/** Both sides learn what the other is subscribed to within this time. */
const SUBSCRIBE_MS = 60
/** Connecting again takes up to this long. */
const REDIAL_MS = 3_000
/** A connection that died without a word is noticed after this long: the heartbeat's times. */
const NOTICE_MS = { clean: [0, 50], silent: [2_000, 20_000] } as const
/** How much later a frame comes that comes twice. */
const DUPLICATE_MS = 30_000

export class Wires {
  weather: Weather
  readonly #deps: WiresDeps
  readonly #pairs = new Map<string, Pair>()
  readonly #byStation = new Map<Station, Pair[]>()

  constructor(deps: WiresDeps, weather: Weather) {
    this.#deps = deps
    this.weather = weather
  }

  /** From now on these two can be connected. */
  join(a: Station, b: Station): void {
    if (this.#find(a, b) !== undefined) return
    const pair: Pair = {
      stations: [a, b],
      dice: this.#deps.dice(`wire ${a.name} ${b.name}`),
      obstacles: new Set(),
      deaf: new Set(),
      told: new Map(),
      connection: undefined,
      attempts: 0,
    }
    this.#pairs.set(nameOf(a, b), pair)
    for (const station of [a, b])
      this.#byStation.set(station, [...(this.#byStation.get(station) ?? []), pair])
    this.#connect(pair)
  }

  /** Something started at a station, or stopped: with a word, or without. */
  onSession(station: Station, how: 'clean' | 'silent'): void {
    for (const pair of this.#byStation.get(station) ?? []) {
      this.#drop(pair, how)
      this.#connect(pair)
    }
  }

  obstruct(a: Station, b: Station, obstacle: 'cut' | 'split' | 'expelled', how: 'clean' | 'silent'): void {
    const pair = this.#find(a, b)
    if (pair === undefined) return
    pair.obstacles.add(obstacle)
    this.#drop(pair, how)
  }

  clear(a: Station, b: Station, obstacle: 'cut' | 'split' | 'expelled'): void {
    const pair = this.#find(a, b)
    if (pair === undefined) return
    pair.obstacles.delete(obstacle)
    this.#connect(pair)
  }

  deafen(from: Station, to: Station, forMs: number): void {
    const pair = this.#find(from, to)
    if (pair === undefined) return
    pair.deaf.add(from)
    this.#deps.later(forMs, () => pair.deaf.delete(from))
  }

  /** No more obstacles, except between those who expelled each other. */
  calm(weather: Weather): void {
    this.weather = weather
    for (const pair of this.#pairs.values()) {
      pair.deaf.clear()
      pair.obstacles.delete('cut')
      pair.obstacles.delete('split')
      this.#connect(pair)
    }
  }

  /** The connection that is up between two, if there is one. */
  connectionOf(a: Station, b: Station): object | undefined {
    const connection = this.#find(a, b)?.connection
    return connection?.isOpen === true ? connection : undefined
  }

  /** How a message gets from one to the other now: not at all, into the void, or after some milliseconds. */
  path(from: Station, to: Station): 'none' | 'void' | number {
    const pair = this.#find(from, to)
    if (pair?.connection?.isOpen !== true) return 'none'
    return pair.deaf.has(from) ? 'void' : this.#delay(pair)
  }

  /** Whoever a station is connected to and knows to be subscribed. */
  neighbours(station: Station): readonly Station[] {
    return (this.#byStation.get(station) ?? []).flatMap(pair => {
      const end = pair.connection?.ends.find(one => one.station === station)
      return pair.connection?.isOpen === true && end?.isLinked === true ? other(pair, station) : []
    })
  }

  /** Sends a frame to everyone connected, but not back to where it came from. */
  spread(from: Station, payload: Uint8Array, origin?: Station): void {
    for (const to of this.neighbours(from)) if (to !== origin) this.send(from, to, payload)
  }

  send(from: Station, to: Station, payload: Uint8Array): void {
    const pair = this.#find(from, to)
    const connection = pair?.connection
    if (pair === undefined || connection?.isOpen !== true || pair.deaf.has(from)) return
    if (pair.dice.chance(this.weather.loss)) return
    const arrive = (): void => {
      if (connection.isOpen && pair.connection === connection) to.onFrame(from, payload)
    }
    this.#deps.later(this.#delay(pair), arrive)
    if (pair.dice.chance(this.weather.duplicates)) this.#deps.later(pair.dice.next() * DUPLICATE_MS, arrive)
  }

  #delay({ dice }: Pair): number {
    return this.weather.delayMs + dice.skewed(0, this.weather.jitterMs)
  }

  #connect(pair: Pair): void {
    if (!this.#isPossible(pair) || pair.connection?.isOpen === true) return
    const attempt = ++pair.attempts
    this.#deps.later(pair.dice.skewed(1, REDIAL_MS), () => {
      if (attempt === pair.attempts && this.#isPossible(pair)) this.#open(pair)
    })
  }

  #isPossible({ stations: [a, b], obstacles }: Pair): boolean {
    return a.session !== undefined && b.session !== undefined && obstacles.size === 0
  }

  #open(pair: Pair): void {
    const [a, b] = pair.stations
    const connection: Connection = { ends: [endOf(a), endOf(b)], isOpen: true }
    pair.connection = connection
    for (const end of connection.ends) {
      this.#deps.later(pair.dice.next() * SUBSCRIBE_MS, () => {
        if (!connection.isOpen || pair.connection !== connection) return
        end.isLinked = true
        pair.told.set(end.station, end.session)
        end.station.onLinked(other(pair, end.station).key)
      })
    }
  }

  #drop(pair: Pair, how: 'clean' | 'silent'): void {
    const { connection } = pair
    pair.attempts++
    if (connection?.isOpen !== true) return
    connection.isOpen = false
    const [low, high] = NOTICE_MS[how]
    for (const end of connection.ends) {
      this.#deps.later(low + pair.dice.next() * (high - low), () => {
        if (pair.connection?.isOpen === true || pair.told.get(end.station) !== end.session) return
        pair.told.delete(end.station)
        if (end.station.session === end.session) end.station.onUnlinked(other(pair, end.station).key)
      })
    }
  }

  #find(a: Station, b: Station): Pair | undefined {
    return this.#pairs.get(nameOf(a, b))
  }
}

function endOf(station: Station): End {
  const { session } = station
  if (session === undefined) throw new Broken('the simulator', `${station.name} is off`)
  return { station, session, isLinked: false }
}

function other({ stations: [a, b] }: Pair, one: Station): Station {
  return one === a ? b : a
}

function nameOf(a: Station, b: Station): string {
  return [a.name, b.name].sort().join(' ')
}
