/** What a villain says: messages of every hostile shape, made of what he wrote and heard. All have valid signatures of his keys, or none. */
import type { Signer } from '../../src/protocol/crypto.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { MAX_FUTURE_MS } from '../../src/protocol/limits.ts'
import { chain, message, next, unsigned } from '../support/core-chain.ts'
import { EPOCH, logIdOf } from '../support/core-world.ts'
import type { Dice } from './dice.ts'
import type { Keys } from './keys.ts'

/** Keys and chains of his own that he writes again and again. */
const SIGNERS = 4
const LOGS = 6
const ORPHANS = 8
const CONTRADICTIONS = 7
const ORPHAN_LENGTH = 7_900

export interface WordsDeps {
  readonly keys: Keys
  readonly dice: Dice
  readonly now: () => number
}

export class HostileWords {
  readonly name: string
  /** The key that he is connected with. */
  readonly signer: Signer
  readonly own: Envelope[] = []
  /** When all that he wrote was written, if it were true. */
  readonly times: number[] = []
  readonly heard: Uint8Array[] = []
  readonly dice: Dice
  readonly keys: Keys
  readonly #now: () => number
  readonly #signers: readonly Signer[]

  constructor(name: string, { keys, dice, now }: WordsDeps) {
    this.name = name
    this.dice = dice
    this.keys = keys
    this.#now = now
    this.signer = keys.signerOf(name)
    this.#signers = [
      this.signer,
      ...Array.from({ length: SIGNERS }, (_, index) => keys.signerOf(`${name}'s ${index}`)),
    ]
  }

  /** A message in one of his chains, which begins it or, in effect, forks it. */
  speak(by?: Signer): Envelope {
    const log = logIdOf(this.dice.whole(0, LOGS - 1))
    const said = message(by ?? this.dice.pick(this.#signers), {
      log,
      text: `speech ${this.dice.next()}`,
      ts: this.wall(),
    })
    this.own.push(said)
    return said
  }

  /** Some of what others said. */
  replay(): Uint8Array[] {
    return this.heard.length === 0 ? [] : Array.from({ length: 3 }, () => this.dice.pick(this.heard))
  }

  /** A chain that branches anywhere. */
  fork(): Envelope[] {
    const parent = this.own.length === 0 ? this.speak() : this.dice.pick(this.own)
    const signer = this.#signers.find(one => one.author === parent.author) ?? this.signer
    const branch = chain(signer, this.dice.whole(1, 8), { parent, text: `branch ${this.dice.next()}` })
    this.own.push(...branch)
    return branch
  }

  /** A message without a signature, which the next one proves; or which nothing does. */
  unproved(): Envelope[] {
    const signer = this.dice.pick(this.#signers)
    const parent = this.own.findLast(one => one.author === signer.author)
    const text = `unproved ${this.dice.next()}`
    const bad = unsigned(parent === undefined ? message(signer, { text }) : next(parent, signer, { text }))
    const good = next(bad, signer)
    this.own.push(bad, good)
    return this.dice.chance(0.7) ? [bad, good] : [this.speak(), bad]
  }

  /** A message of his that claims to stand on somebody else's, or names that as its chain. */
  trap(): Envelope {
    const fields = {
      seq: this.dice.whole(1, 5),
      prev: this.#someId(),
      ts: this.wall(),
      text: `trap ${this.dice.next()}`,
    }
    return message(this.dice.pick(this.#signers), fields)
  }

  /** Times far ahead, at the edge of the tolerance, and long ago. */
  misdated(): Envelope {
    const now = this.wall()
    const times = [1, EPOCH * 2, now + MAX_FUTURE_MS, now + MAX_FUTURE_MS + 500, Number.MAX_SAFE_INTEGER]
    const log = logIdOf(100 + this.dice.whole(0, LOGS - 1))
    return message(this.dice.pick(this.#signers), {
      ts: this.#dated(this.dice.pick(times)),
      log,
      text: `misdated ${this.dice.next()}`,
    })
  }

  /** Someone else's words, changed. */
  forged(): Uint8Array {
    return this.changed(this.heard.length === 0 ? this.junk() : this.dice.pick(this.heard))
  }

  /** The same with one bit changed. */
  changed(original: Uint8Array): Uint8Array {
    const wire = original.slice()
    const at = this.dice.whole(0, wire.length - 1)
    wire[at] = (wire[at] ?? 0) ^ 1
    return wire
  }

  /** Claims to have seen what there is not. */
  invented(): Envelope {
    const log = logIdOf(200 + this.dice.whole(0, LOGS - 1))
    return message(this.dice.pick(this.#signers), {
      log,
      deps: [this.noId()],
      ts: this.wall(),
      text: `${this.dice.next()}`,
    })
  }

  /** More messages for one place than are kept. */
  contradictions(): Envelope[] {
    const log = logIdOf(400 + this.dice.whole(0, LOGS - 1))
    return Array.from({ length: CONTRADICTIONS }, () =>
      message(this.signer, { log, ts: this.wall(), text: `${this.dice.next()}` }),
    )
  }

  /** Large messages whose predecessors don't exist. */
  orphans(): Uint8Array[] {
    const log = logIdOf(300 + this.dice.whole(0, LOGS - 1))
    return Array.from({ length: ORPHANS }, () => {
      const text = `${this.dice.next()}`.padEnd(ORPHAN_LENGTH, '.')
      const place = { seq: this.dice.whole(1, 1_000), prev: this.noId() }
      return message(this.signer, { log, ...place, ts: this.wall(), text }).wire
    })
  }

  /** A message of a key that was never seen. */
  stranger(): Envelope {
    const signer = this.keys.signerOf(`${this.name}'s stranger ${this.dice.next()}`)
    return message(signer, { ts: this.wall(), text: 'who am I?' })
  }

  /** The id of no message. */
  noId(): Envelope['id'] {
    return this.keys.sha256(new TextEncoder().encode(`${this.dice.next()}`)) as Envelope['id']
  }

  #someId(): Envelope['id'] {
    const wire = this.heard.length === 0 ? undefined : this.dice.pick(this.heard)
    return wire === undefined ? this.noId() : (this.keys.sha256(wire) as Envelope['id'])
  }

  /** Anything. */
  junk(): Uint8Array {
    return Uint8Array.from({ length: this.dice.whole(1, 200) }, () => this.dice.whole(0, 255))
  }

  /** The right time. */
  wall(): number {
    return this.#dated(EPOCH + Math.floor(this.#now()))
  }

  #dated(ts: number): number {
    this.times.push(ts)
    return ts
  }
}
