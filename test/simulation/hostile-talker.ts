/**
 * A villain's side of an exchange. Mostly it keeps the order of the protocol, so as to get far, and lies: it claims
 * what doesn't exist, asks for what it wasn't told of, and sends what is forged, forked, out of place, or without end.
 * Now and then it passes on what it heard, as an honest partner would, falls silent, or speaks out of turn.
 */
import type { Envelope } from '../../src/protocol/envelope.ts'
import { decodeEnvelope } from '../../src/protocol/envelope.ts'
import type { ChainHeads } from '../../src/protocol/frontier.ts'
import { chainKey } from '../../src/protocol/frontier.ts'
import type { SyncMessage } from '../../src/protocol/sync-message.ts'
import { decodeSync, encodeSync } from '../../src/protocol/sync-message.ts'
import { logIdOf, ROOM } from '../support/core-world.ts'
import type { Talker } from './exchange-run.ts'
import type { Villain } from './villain.ts'

/** Parts of an exchange that doesn't end by itself. */
const ENDLESS = 40

export class HostileTalker implements Talker {
  readonly #villain: Villain
  readonly #outgoing: Uint8Array[] = []
  /** What the victim holds, and what it was told. */
  readonly #theirs: ChainHeads[] = []
  #told: readonly ChainHeads[] = []
  #state: 'talking' | 'silent' | 'read' = 'talking'
  #hasGreeted = false

  constructor(villain: Villain, role: 'begins' | 'answers') {
    this.#villain = villain
    if (villain.isQuiet) this.#state = 'silent'
    else if (role === 'begins') this.#greet(villain.noId())
  }

  get isRead(): boolean {
    return this.#state === 'read'
  }

  next(): Uint8Array | undefined {
    return this.#outgoing.shift()
  }

  take(bytes: Uint8Array): undefined {
    const message = decodeSync(bytes)
    if (message === undefined || this.#state !== 'talking') return
    this.#digress()
    this.#answer(message)
  }

  end(): void {
    this.#outgoing.length = 0
  }

  /** Something that doesn't belong there. */
  #digress(): void {
    const { dice } = this.#villain
    if (dice.chance(0.03)) this.#outgoing.push(this.#villain.junk())
    if (dice.chance(0.03)) this.#state = 'silent'
    if (dice.chance(0.03)) this.#say(dice.pick([{ kind: 'end' }, { kind: 'messages', wires: [] }]))
  }

  #answer(message: SyncMessage): void {
    const { dice } = this.#villain
    switch (message.kind) {
      case 'hello':
        this.#onHello(message.digest)
        break
      case 'have':
        this.#theirs.push(...message.chains)
        if (message.part === 'last') this.#ask()
        break
      case 'want':
        if (message.part === 'last') this.#serve(message)
        break
      case 'end':
        if (dice.chance(0.8)) this.#state = 'read'
        break
      default:
        break
    }
  }

  #greet(digest: string): void {
    if (this.#hasGreeted) return
    this.#hasGreeted = true
    const { dice, heard } = this.#villain
    const beacon = heard.length === 0 ? this.#villain.junk() : dice.pick(heard)
    const chains = dice.pick([0, 5, 100, 100_000])
    const places = dice.whole(0, 2 ** 40)
    this.#say({ kind: 'hello', room: ROOM, beacon, digest, chains, places, lacks: dice.chance(0.2) })
  }

  #onHello(digest: string): void {
    const { dice } = this.#villain
    this.#greet(dice.chance(0.1) ? digest : this.#villain.noId())
  }

  /** Says what it claims to have, and what it wants. */
  #ask(): void {
    const { dice } = this.#villain
    const claims = this.#claims()
    this.#told = dice.chance(0.95) ? claims.toSorted((a, b) => (chainKey(a) < chainKey(b) ? -1 : 1)) : claims
    this.#say({ kind: 'have', chains: this.#told, part: 'last' })
    const indices = this.#theirs.flatMap((_, index) => (dice.chance(0.5) ? index : []))
    if (dice.chance(0.05)) indices.push(dice.whole(0, 100))
    const wants = indices.map(index => ({ index, seq: dice.pick([0, 1, 1_000, Number.MAX_SAFE_INTEGER]) }))
    const earlier = dice.chance(0.2) ? [this.#villain.noId(), ...this.#villain.own.map(one => one.id)] : []
    this.#say({
      kind: 'want',
      wants,
      part: 'last',
      tail: dice.pick([0, 0, 50]),
      earlier: earlier.slice(0, 9),
    })
  }

  /** Heads that don't exist, of chains of its own, of others and of the victim; and some that do. */
  #claims(): readonly ChainHeads[] {
    const { dice } = this.#villain
    const longer = this.#theirs.flatMap(chain => {
      const seq = (chain.heads.at(-1)?.seq ?? 0) + dice.whole(0, 1_000)
      return dice.chance(0.5) ? { ...chain, heads: [{ seq, id: this.#villain.noId() }], base: 0 } : []
    })
    const invented = Array.from({ length: dice.whole(0, 10) }, (_, index) => ({
      author: this.#villain.key,
      log: logIdOf(1_000 + index),
      heads: [{ seq: dice.whole(0, 2 ** 40), id: this.#villain.noId() }],
      base: 0,
    }))
    const own = new Map(
      this.#villain.own.map(({ author, log, seq, id }) => {
        const chain = { author, log, heads: [{ seq, id }], base: 0 }
        return [chainKey(chain), chain] as const
      }),
    )
    const cut = new Map((dice.chance(0.5) ? this.#cut() : []).map(chain => [chainKey(chain), chain]))
    const all = [...cut.values(), ...longer.filter(chain => !cut.has(chainKey(chain))), ...invented]
    const known = new Set(all.map(chainKey))
    return [...all, ...[...own.values()].filter(chain => !known.has(chainKey(chain)))].slice(0, 128)
  }

  /** Others' chains from what it heard of them on, as if what was before were gone. */
  #cut(): readonly ChainHeads[] {
    const { heard, keys } = this.#villain
    const chains = new Map<string, ChainHeads>()
    for (const { author, log, seq, id } of heard.flatMap(wire => decodeEnvelope(wire, keys) ?? [])) {
      const name = chainKey({ author, log })
      const known = chains.get(name)
      const isNext = known?.heads.at(-1)?.seq === seq - 1
      chains.set(name, { author, log, heads: [{ seq, id }], base: isNext ? known.base : seq })
    }
    return [...chains.values()].filter(chain => chain.author !== this.#villain.key)
  }

  /** What was asked for, or anything. */
  #serve({ wants, tail, earlier }: Extract<SyncMessage, { readonly kind: 'want' }>): void {
    const { dice } = this.#villain
    if (tail > 0) this.#say({ kind: 'tail', wires: this.#villain.wires().slice(0, tail) })
    const asked = wants.toSorted((a, b) => a.index - b.index)
    for (const { index, seq } of asked) {
      const chain = this.#told[index]
      if (chain === undefined) continue
      const wires = this.#chainFrom(chain, seq)
      if (wires.length > 0) this.#say({ kind: 'messages', wires })
    }
    if (earlier.length > 0) this.#say({ kind: 'earlier', wires: this.#villain.wires() })
    const surplus = dice.chance(0.3) ? dice.whole(1, ENDLESS) : 0
    for (let part = 0; part < surplus; part++) this.#say({ kind: 'messages', wires: this.#villain.wires() })
    if (dice.chance(0.9)) this.#say({ kind: 'end' })
  }

  /** What it has of a chain from a place on: as it is, or with one of them changed. */
  #chainFrom(chain: ChainHeads, from: number): readonly Uint8Array[] {
    const { dice, heard, own } = this.#villain
    const said = heard.flatMap(wire => decodeEnvelope(wire, this.#villain.keys) ?? [])
    const places = new Map<number, Envelope>()
    for (const envelope of [...said, ...own]) {
      if (chainKey(envelope) === chainKey(chain)) places.set(envelope.seq, envelope)
    }
    const wires: Uint8Array[] = []
    for (let seq = from; wires.length < 64; seq++) {
      const envelope = places.get(seq)
      if (envelope === undefined) break
      wires.push(envelope.wire)
    }
    return dice.chance(0.2) ? wires.map(wire => this.#villain.changed(wire)) : wires
  }

  #say(message: SyncMessage): void {
    this.#outgoing.push(encodeSync(message))
  }
}
