/**
 * One simulated world: its machines, villains and network, and the clock that moves them. It carries out the steps of
 * a plan; whether what comes of it is right is said by the witness while it happens, and at its end by verdict.ts.
 */
import { hash } from 'node:crypto'
import type { PeerKey } from '../../src/protocol/ids.ts'
import { Agenda } from './agenda.ts'
import { Dice } from './dice.ts'
import type { Partner } from './exchanges.ts'
import { Exchanges } from './exchanges.ts'
import type { Keys } from './keys.ts'
import type { Life } from './life.ts'
import type { Surroundings } from './life-options.ts'
import { Machine } from './machine.ts'
import type { Plan, Who } from './plan.ts'
import { checkStandings } from './standings.ts'
import { perform } from './steps.ts'
import { Broken, Trace } from './trace.ts'
import { Villain } from './villain.ts'
import type { Station } from './wires.ts'
import { Wires } from './wires.ts'
import { Witness } from './witness.ts'

/** Someone who was expelled isn't spoken to for so long. */
const EXPELLED_MS = 600_000
/** So much may be lost in calm weather. */
const CALM_LOSS = 0.1
/** Things that happen in one run, after which it will never end. */
const MAX_HAPPENINGS = 3_000_000

export class World implements Surroundings {
  readonly plan: Plan
  readonly keys: Keys
  readonly witness: Witness
  readonly trace: Trace
  readonly machines: readonly Machine[]
  readonly villains: readonly Villain[]
  readonly wires: Wires
  readonly exchanges: Exchanges
  now = 0
  readonly #forgets: Dice
  readonly #agenda = new Agenda()
  #happened = 0

  constructor(plan: Plan, keys: Keys, tracing: 'kept' | 'off') {
    this.plan = plan
    this.keys = keys
    this.witness = new Witness(plan.villains > 0 ? 'bad' : 'good')
    this.#forgets = this.dice('what gossip forgets')
    this.trace = new Trace(tracing, () => this.now)
    const later = (ms: number, act: () => void): void => this.later(ms, act)
    this.wires = new Wires({ later, dice: name => this.dice(name) }, plan.weather)
    this.exchanges = new Exchanges({
      wires: this.wires,
      now: () => this.now,
      later,
      partner: key => this.#partner(key),
    })
    this.machines = plan.machines.map(machine => this.#machine(machine))
    this.villains = Array.from({ length: plan.villains }, (_, number) => this.#newVillain(`villain${number}`))
    this.#wire()
    for (const step of plan.steps) this.#agenda.add(step.at, () => perform(this, step))
  }

  dice(name: string): Dice {
    return new Dice(this.plan.seed, name)
  }

  /** The machine with this number. */
  at(who: Who): Machine {
    const machine = this.machines[who]
    if (machine === undefined) throw new Broken('the simulator', `there is no machine ${who}`)
    return machine
  }

  /** Those that will be there at the end. */
  get alive(): readonly Machine[] {
    return this.machines.filter(machine => machine.state !== 'gone')
  }

  later(ms: number, act: () => void): void {
    this.#agenda.add(this.now + ms, act)
  }

  /** Lets time pass until then: everything that is due happens in its order. */
  run(until: number): void {
    while (this.#agenda.nextAt <= until) {
      this.now = this.#agenda.nextAt
      if (++this.#happened > MAX_HAPPENINGS) throw new Broken('comes to rest', 'the world never does')
      this.#agenda.take()?.()
    }
    this.now = until
  }

  /** Nothing bad happens from now on, and everybody comes back who ever does. */
  calm(): void {
    this.trace.note('world', () => 'calm')
    const { loss, delayMs } = this.plan.weather
    this.wires.calm({
      loss: Math.min(loss, CALM_LOSS),
      duplicates: 0,
      delayMs: Math.min(delayMs, 100),
      jitterMs: 20,
    })
    this.exchanges.calm()
    for (const villain of this.villains) villain.isQuiet = true
    const { alive } = this
    for (const { name, life } of alive) if (life !== undefined) checkStandings(name, life, this.witness)
    for (const [index, one] of alive.entries())
      for (const other of alive.slice(0, index)) this.wires.join(one, other)
    for (const machine of alive) {
      machine.disk.refuses = 'nothing'
      machine.life?.resume()
      if (machine.life !== undefined) machine.life.doom = undefined
      machine.start()
    }
  }

  publish(from: Life, payload: Uint8Array): void {
    from.seen.add(digestOf(payload))
    this.wires.spread(this.#stationOf(from), payload)
  }

  requestSync(from: Life, peer: PeerKey): void {
    this.exchanges.request({ kind: 'honest', station: this.#stationOf(from), life: from }, peer)
  }

  expel(from: Life, peer: PeerKey, reason: string): void {
    if (this.witness.isHonest(peer))
      throw new Broken('blames only the guilty', `${from.name} expels for ${reason}`)
    const [one, other] = [this.#stationOf(from), this.#station(peer)]
    if (other === undefined) return
    this.wires.obstruct(one, other, 'expelled', 'clean')
    this.later(EXPELLED_MS, () => this.wires.clear(one, other, 'expelled'))
  }

  /** A frame comes over a connection; it is passed on if it is accepted. */
  #onFrame(to: Machine, life: Life, from: Station, payload: Uint8Array): void {
    const digest = digestOf(payload)
    // gossipsub forgets after a while what it has seen
    if (life.seen.has(digest) && !this.#forgets.chance(FORGOTTEN)) return
    life.seen.add(digest)
    const verdict = life.tell({ kind: 'frame', from: from.key, payload })
    if (verdict === 'reject' && this.witness.isHonest(from.key))
      throw new Broken('blames only the guilty', `${to.name} rejects what ${from.name} sent`)
    if (verdict === 'accept' && !life.isOver) this.wires.spread(to, payload, from)
  }

  #machine(plan: Plan['machines'][number]): Machine {
    return new Machine(plan, {
      world: this,
      signer: this.keys.signerOf(plan.name),
      dice: name => this.dice(name),
      onFrame: (to, life, from, payload) => this.#onFrame(to, life, from, payload),
      onSession: (machine, how) => this.wires.onSession(machine, how),
    })
  }

  #newVillain(name: string): Villain {
    const { keys } = this
    const villain: Villain = new Villain(name, {
      keys,
      dice: this.dice(name),
      now: () => this.now,
      send: (to, payload) => this.wires.send(villain, to, payload),
      exchange: (from, victim) =>
        this.exchanges.request({ kind: 'villain', station: from, villain: from }, victim),
    })
    return villain
  }

  #wire(): void {
    for (const [who, { begins }] of this.plan.machines.entries())
      if (begins === 'at once') this.at(who).start()
    for (const [a, b] of this.plan.links) this.wires.join(this.at(a), this.at(b))
    for (const villain of this.villains)
      for (const machine of this.machines) this.wires.join(villain, machine)
  }

  #partner(key: PeerKey): Partner | undefined {
    const station = this.#station(key)
    const life = station instanceof Machine ? station.life : undefined
    if (life !== undefined && station !== undefined) return { kind: 'honest', station, life }
    return station instanceof Villain ? { kind: 'villain', station, villain: station } : undefined
  }

  #station(key: PeerKey): Machine | Villain | undefined {
    return [...this.machines, ...this.villains].find(one => one.key === key)
  }

  #stationOf(life: Life): Machine {
    const machine = this.machines.find(one => one.key === life.key)
    if (machine === undefined) throw new Broken('the simulator', `${life.name} is nobody`)
    return machine
  }
}

/** How often a frame that was seen is taken for a new one. */
const FORGOTTEN = 0.05

function digestOf(payload: Uint8Array): string {
  return hash('sha256', payload, 'hex')
}
