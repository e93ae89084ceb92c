/**
 * A network in memory with a clock of its own: links that come, break and lose frames, gossip that passes on what
 * is accepted, exchanges step by step. It performs what rooms ask for, as the application does, and knows nothing
 * of what is inside. Everything random comes from the seed.
 */
import { hash } from 'node:crypto'
import type { PeerKey } from '../../src/protocol/ids.ts'
import type { RoomEffect } from '../../src/room/events.ts'
import { exchangeSteps } from './core-exchange.ts'
import type { Host } from './core-member.ts'
import { Member } from './core-member.ts'
import { seeded } from './core-world.ts'

export interface NetworkOptions {
  readonly seed: number
  /** How likely a gossip frame is lost on a link, from 0 to 1. */
  readonly loss?: number
  /** How long a frame or a step of an exchange takes, milliseconds: from this to twice this. */
  readonly latencyMs?: number
}

/** Both sides learn of a link, and of what the other is subscribed to, within this time. */
const SUBSCRIBE_MS = 60

export class Network implements Host {
  readonly random: () => number
  readonly members: Member[] = []
  loss: number
  now = 0
  /** Payloads published, by whom and when. */
  readonly published: { readonly by: Member; readonly at: number; readonly bytes: number }[] = []
  /** Exchanges begun, and when. */
  readonly exchanged: { readonly at: number; readonly pair: string }[] = []
  readonly #latencyMs: number
  readonly #links = new Map<string, number>()
  readonly #running = new Map<string, 'once' | 'again'>()
  readonly #queue: { readonly at: number; readonly act: () => void }[] = []

  constructor(options: NetworkOptions) {
    this.random = seeded(options.seed)
    this.loss = options.loss ?? 0
    this.#latencyMs = options.latencyMs ?? 10
  }

  /** Someone with a room open and no link yet. */
  join(name: string, skewMs = 0): Member {
    const member = new Member(name, this, skewMs)
    this.members.push(member)
    member.tell({ kind: 'tick' })
    return member
  }

  /** Several who are all connected to each other. */
  crowd(names: readonly string[]): Member[] {
    const members = names.map(name => this.join(name))
    for (const [index, one] of members.entries())
      for (const other of members.slice(0, index)) this.link(one, other)
    return members
  }

  link(a: Member, b: Member): void {
    if (this.#links.has(pairOf(a, b))) return
    const number = this.#links.size + this.now
    this.#links.set(pairOf(a, b), number)
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      this.later(this.random() * SUBSCRIBE_MS, () => {
        if (this.#links.get(pairOf(a, b)) !== number) return
        one.linked.add(other)
        one.tell({ kind: 'linked', peer: other.key })
      })
    }
  }

  cut(a: Member, b: Member): void {
    if (!this.#links.delete(pairOf(a, b))) return
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      one.linked.delete(other)
      one.tell({ kind: 'unlinked', peer: other.key })
    }
  }

  isLinked(a: Member, b: Member): boolean {
    return this.#links.has(pairOf(a, b))
  }

  /** Does something after a while. */
  later(ms: number, act: () => void): void {
    const at = this.now + ms
    const index = this.#queue.findIndex(one => one.at > at)
    this.#queue.splice(index < 0 ? this.#queue.length : index, 0, { at, act })
  }

  /** Lets time pass, milliseconds: everything that is due happens in its order. */
  run(ms: number): void {
    const end = this.now + ms
    for (let steps = 0; ; steps++) {
      if (steps > 1_000_000) throw new Error('the network never comes to rest')
      const next = Math.min(this.#nextAt, ...this.members.map(one => one.dueAt))
      if (next > end) break
      this.now = Math.max(this.now, next)
      if (this.#nextAt <= this.now) this.#queue.shift()?.act()
      else this.#ring()
    }
    this.now = end
  }

  get #nextAt(): number {
    return this.#queue[0]?.at ?? Number.POSITIVE_INFINITY
  }

  #ring(): void {
    for (const member of this.members) if (member.dueAt <= this.now) member.tell({ kind: 'tick' })
  }

  perform(member: Member, effect: RoomEffect): void {
    switch (effect.kind) {
      case 'publish':
        this.published.push({ by: member, at: this.now, bytes: effect.payload.length })
        member.seen.add(digestOf(effect.payload))
        this.#send(member, effect.payload, undefined)
        break
      case 'sync':
        this.#exchange(member, effect.peer)
        break
      case 'expel':
        member.expelled.push(effect.peer)
        break
      case 'verdict':
      case 'located':
      case 'show':
        break
    }
  }

  /** To everyone who is known to be subscribed. */
  #send(from: Member, payload: Uint8Array, origin: Member | undefined): void {
    for (const to of from.linked) {
      if (to === origin || this.random() < this.loss) continue
      this.later(this.#latency(), () => {
        if (this.isLinked(from, to)) this.deliver(from, to, payload)
      })
    }
  }

  /** A payload comes over a link, and is passed on if it is accepted. */
  deliver(from: Member, to: Member, payload: Uint8Array): void {
    const digest = digestOf(payload)
    if (to.seen.has(digest)) return
    to.seen.add(digest)
    const verdict = to.tell({ kind: 'frame', from: from.key, payload })
    if (verdict === 'reject') to.rejected.push(from.key)
    if (verdict === 'accept') this.#send(to, payload, from)
  }

  /** One exchange between two at a time; one more if it was asked for meanwhile. */
  #exchange(from: Member, peer: PeerKey): void {
    const to = this.members.find(one => one.key === peer)
    if (to === undefined) throw new Error('an exchange with nobody')
    const pair = `${from.name} with ${to.name}`
    if (this.#running.has(pair)) {
      this.#running.set(pair, 'again')
      return
    }
    this.#running.set(pair, 'once')
    this.exchanged.push({ at: this.now, pair })
    const steps = exchangeSteps(from, to, () => from.now())
    const step = (): void => {
      const isCut = !this.isLinked(from, to)
      const isOver = (isCut ? steps.return() : steps.next()).done
      if (!isOver) this.later(this.#latency(), step)
      else if (this.#ended(pair) === 'again' && !isCut) this.#exchange(from, peer)
    }
    this.later(this.#latency(), step)
  }

  #ended(pair: string): 'once' | 'again' | undefined {
    const asked = this.#running.get(pair)
    this.#running.delete(pair)
    return asked
  }

  #latency(): number {
    return this.#latencyMs * (1 + this.random())
  }
}

function pairOf(a: Member, b: Member): string {
  return [a.name, b.name].sort().join(' and ')
}

function digestOf(payload: Uint8Array): string {
  return hash('sha256', payload, 'hex')
}
