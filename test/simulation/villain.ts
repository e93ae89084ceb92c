/**
 * Someone who is connected like everybody, has keys of his own, hears everything and does whatever may hurt: what he
 * does is named in the plan, and its details come from his own dice. He can't forge signatures, and that is all.
 */
import { decodeFrame, encodeFrame } from '../../src/protocol/frame.ts'
import type { PeerKey } from '../../src/protocol/ids.ts'
import { message } from '../support/core-chain.ts'
import { OTHER_ROOM } from '../support/core-world.ts'
import { meddling } from './hostile-amendments.ts'
import type { WordsDeps } from './hostile-words.ts'
import { HostileWords } from './hostile-words.ts'
import type { Life } from './life.ts'
import type { Deed } from './plan.ts'
import type { Station } from './wires.ts'

export interface VillainDeps extends WordsDeps {
  readonly send: (to: Station, payload: Uint8Array) => void
  readonly exchange: (from: Villain, victim: PeerKey) => void
}

/** What he remembers of what others said, to say it again. */
const HEARD = 200
const FLOOD = 60
const STRANGERS = 40
/** Together they are more than may wait. */
const ORPHAN_FRAMES = 70
/** Of no exchange. */
const NO_EXCHANGE = 0

export class Villain extends HostileWords implements Station {
  readonly session = {}
  /** From now on it says nothing more. */
  isQuiet = false
  readonly #deps: VillainDeps

  constructor(name: string, deps: VillainDeps) {
    super(name, deps)
    this.#deps = deps
  }

  get key(): PeerKey {
    return this.signer.author
  }

  onLinked(): void {}
  onUnlinked(): void {}

  onFrame(_from: Station, payload: Uint8Array): void {
    this.heard.push(...(decodeFrame(payload) ?? []))
    this.heard.splice(0, Math.max(0, this.heard.length - HEARD))
  }

  /** Does it to these. */
  act(deed: Deed, victims: readonly (Station & { readonly life: Life | undefined })[]): void {
    const some = deed === 'orphans' ? victims.slice(0, 1) : victims
    const payloads = this.#payloads(deed)
    for (const victim of some) {
      const order = deed === 'contradict' || deed === 'meddle' ? this.dice.shuffled(payloads) : payloads
      for (const payload of order) this.#deps.send(victim, payload)
    }
    if (deed === 'exchange') for (const victim of victims) this.#deps.exchange(this, victim.key)
    if (deed === 'segment') {
      const wires = this.wires()
      for (const { life } of victims)
        life?.whenRunning(() => life.tell({ kind: 'segment', from: this.key, exchange: NO_EXCHANGE, wires }))
    }
  }

  /** Messages that may hang together, or not; as a sync partner would send them. */
  wires(): readonly Uint8Array[] {
    const payload = this.#make(
      this.dice.pick(['speak', 'replay', 'fork', 'unprove', 'trap', 'forge', 'wrong room']),
    )
    return payload === undefined ? [this.junk()] : (decodeFrame(payload) ?? [])
  }

  #payloads(deed: Deed): Uint8Array[] {
    switch (deed) {
      case 'flood':
        return Array.from({ length: FLOOD }, () =>
          this.dice.chance(0.5) ? this.junk() : encodeFrame(this.replay()),
        )
      case 'strangers':
        return Array.from({ length: STRANGERS }, () => encodeFrame([this.stranger().wire]))
      case 'contradict':
        return this.contradictions().map(one => encodeFrame([one.wire]))
      case 'meddle':
        return [[this.speak(this.signer).wire], ...meddling(this)].map(wires => encodeFrame(wires))
      case 'orphans':
        return Array.from({ length: ORPHAN_FRAMES }, () => encodeFrame(this.orphans()))
      default: {
        const payload = this.#make(deed)
        return payload === undefined ? [] : [payload]
      }
    }
  }

  #make(deed: Deed): Uint8Array | undefined {
    switch (deed) {
      case 'speak':
        return encodeFrame([this.speak().wire])
      case 'replay':
        return encodeFrame([this.speak().wire, ...this.replay()])
      case 'fork':
        return encodeFrame(this.fork().map(one => one.wire))
      case 'unprove':
        return encodeFrame(this.unproved().map(one => one.wire))
      case 'trap':
        return encodeFrame([this.trap().wire])
      case 'misdate':
        return encodeFrame([this.misdated().wire])
      case 'forge':
        return encodeFrame([this.forged()])
      case 'invent':
        return encodeFrame([this.invented().wire])
      case 'wrong room':
        return encodeFrame([message(this.signer, { room: OTHER_ROOM, ts: this.wall() }).wire])
      case 'garbage':
        return this.junk()
      default:
        return undefined
    }
  }
}
