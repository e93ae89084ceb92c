/** Someone who does everything that a connected peer with keys of his own can do to a room. */
import type { Signer } from '../../src/protocol/crypto.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { decodeFrame, encodeFrame } from '../../src/protocol/frame.ts'
import { MAX_FUTURE_MS } from '../../src/protocol/limits.ts'
import { chain, message, next, unsigned } from './core-chain.ts'
import type { Member } from './core-member.ts'
import type { Network } from './core-network.ts'
import { EPOCH, logIdOf, pick, signerOf } from './core-world.ts'

export class Villain {
  readonly #network: Network
  readonly #self: Member
  readonly #signers: readonly Signer[]
  readonly #own: Envelope[] = []
  readonly #heard: Uint8Array[] = []

  /** `self` is his connection to everyone: a member that itself says nothing. */
  constructor(network: Network, self: Member) {
    this.#network = network
    this.#self = self
    this.#signers = Array.from({ length: 5 }, (_, index) => signerOf(`villain ${index}`))
  }

  /** One evil deed, to one of these or to some. */
  act(victims: readonly Member[]): void {
    const { random } = this.#network
    const some = victims.filter(() => random() < 0.5)
    const deed = pick(DEEDS, random)
    this.listen(victims)
    const payload = this[deed]()
    if (payload === undefined) return
    if (random() < 0.3) for (const victim of some) this.#sync(victim, payload)
    else for (const victim of some) this.#network.deliver(this.#self, victim, payload)
  }

  /** Keeps what others publish, to say it again. */
  listen(victims: readonly Member[]): void {
    for (const victim of victims) {
      const last = victim.effects.findLast(effect => effect.kind === 'publish')
      if (last?.kind === 'publish') this.#heard.push(...(decodeFrame(last.payload) ?? []))
    }
    this.#heard.splice(0, Math.max(0, this.#heard.length - 200))
  }

  /** Says again what others said, mixed with something new of his. */
  replay(): Uint8Array {
    const { random } = this.#network
    const old = Array.from(
      { length: 3 },
      () => this.#heard[Math.floor(random() * this.#heard.length)] ?? new Uint8Array(9),
    )
    return encodeFrame([this.#speak().wire, ...old])
  }

  /** A message of his own, in a chain that branches anywhere. */
  fork(): Uint8Array {
    const { random } = this.#network
    const parent = this.#own[Math.floor(random() * this.#own.length)]
    const signer = this.#signers.find(one => one.author === parent?.author)
    if (parent === undefined || signer === undefined) return encodeFrame([this.#speak().wire])
    const branch = chain(signer, 1 + Math.floor(random() * 8), { parent, text: `branch ${random()}` })
    this.#own.push(...branch)
    return encodeFrame(branch.map(one => one.wire))
  }

  /** A message without a signature, which the next one proves; or which nothing does. */
  unprove(): Uint8Array {
    const { random } = this.#network
    const signer = pick(this.#signers, random)
    const parent = this.#own.findLast(one => one.author === signer.author)
    const text = `unproved ${random()}`
    const bad = unsigned(parent === undefined ? message(signer, { text }) : next(parent, signer, { text }))
    const good = next(bad, signer)
    this.#own.push(bad, good)
    return encodeFrame(random() < 0.7 ? [bad.wire, good.wire] : [this.#speak().wire, bad.wire])
  }

  /** A message that claims to stand on what an honest author will be heard to say. */
  trap(): Uint8Array | undefined {
    const { random } = this.#network
    const honest = this.#network.members.flatMap(member => member.log.latest(1).map(entry => entry.envelope))
    if (honest.length === 0) return undefined
    const { id, seq, ts } = pick(honest, random)
    return encodeFrame([message(pick(this.#signers, random), { seq: seq + 1, prev: id, ts: ts + 1 }).wire])
  }

  /** Times far ahead, at the edge of the tolerance, and long ago. */
  misdate(): Uint8Array {
    const { random, now } = this.#network
    const times = [
      1,
      EPOCH * 2,
      EPOCH + now + MAX_FUTURE_MS,
      EPOCH + now + MAX_FUTURE_MS + 500,
      Number.MAX_SAFE_INTEGER,
    ]
    const ts = Math.floor(pick(times, random))
    return encodeFrame([
      message(pick(this.#signers, random), { ts, log: this.#log(), text: `${random()}` }).wire,
    ])
  }

  /** Someone else's words, changed. */
  forge(): Uint8Array {
    const { random } = this.#network
    const wire = this.#heard[Math.floor(random() * this.#heard.length)]?.slice() ?? new Uint8Array(80)
    const at = Math.floor(random() * wire.length)
    wire[at] = (wire[at] ?? 0) ^ 1
    return encodeFrame([wire])
  }

  /** Claims to have seen what there is not. */
  invent(): Uint8Array {
    const deps = [this.#network.random().toString(16).slice(2).padEnd(64, '0') as Envelope['id']]
    return encodeFrame([message(pick(this.#signers, this.#network.random), { log: this.#log(), deps }).wire])
  }

  /** A burst of anything. */
  flood(): Uint8Array {
    const { random } = this.#network
    for (const member of this.#network.members.slice(0, 2)) {
      for (let count = 0; count < 40; count++) {
        const junk = Uint8Array.from({ length: 20 }, () => Math.floor(random() * 256))
        this.#network.deliver(this.#self, member, random() < 0.5 ? junk : this.replay())
      }
    }
    return this.replay()
  }

  #speak(): Envelope {
    const { random } = this.#network
    const said = message(pick(this.#signers, random), { log: this.#log(), text: `${random()}` })
    this.#own.push(said)
    return said
  }

  #log() {
    return logIdOf(Math.floor(this.#network.random() * 10))
  }

  #sync(victim: Member, payload: Uint8Array): void {
    victim.tell({ kind: 'segment', from: this.#self.key, exchange: 0, wires: decodeFrame(payload) ?? [] })
  }
}

const DEEDS = [
  'replay',
  'fork',
  'fork',
  'unprove',
  'unprove',
  'trap',
  'misdate',
  'forge',
  'invent',
  'flood',
] as const
