/** A log beside the simplest one there could be: an array. Part of the contract in room-log.contract.ts. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Envelope } from '../../../src/protocol/envelope.ts'
import { compare } from '../../../src/protocol/envelope.ts'
import type { ChainId, MessageId } from '../../../src/protocol/ids.ts'
import { chainId } from '../../../src/protocol/ids.ts'
import type { Proof, RoomLog } from '../../../src/room/log.ts'
import { message, next } from '../../support/core-chain.ts'
import { logIdOf, signerOf } from '../../support/core-world.ts'
import { SEED } from '../../support/seed.ts'

const ALICE = signerOf('alice')
const HERS = chainId(ALICE.author, logIdOf(1))
const PLENTY = { count: 10_000, bytes: 10_000_000 }

/** Random appends and removals beside an array of entries. */
export function agreesWithModel(open: () => RoomLog): void {
  const step = fc.record({
    pick: fc.nat(),
    act: fc.constantFrom('append', 'append', 'append', 'remove'),
    jump: fc.nat(3),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const log = open()
      const model = new Map<MessageId, Envelope>()
      for (const { pick, act, jump } of steps) {
        const held = [...model.values()]
        const at = held[pick % Math.max(1, held.length)]
        if (act === 'append')
          add(log, model, at === undefined || jump === 0 ? undefined : at, model.size + jump)
        else if (at !== undefined && !held.some(one => one.prev === at.id)) {
          log.remove(at.id)
          model.delete(at.id)
        }
      }
      compareWith(log, [...model.values()])
    }),
    { seed: SEED, numRuns: 60 },
  )
}

function add(
  log: RoomLog,
  model: Map<MessageId, Envelope>,
  parent: Envelope | undefined,
  number: number,
): void {
  const text = `number ${number} of ${model.size}`
  const made = parent === undefined ? message(ALICE, { text, ts: number }) : next(parent, ALICE, { text })
  if (model.has(made.id)) return
  append(log, [made])
  model.set(made.id, made)
}

function compareWith(log: RoomLog, held: readonly Envelope[]): void {
  const sorted = held.toSorted(compare).map(one => one.id)
  expect(log.latest(1_000).map(entry => entry.envelope.id)).toEqual(sorted)
  expect(log.bytesOf(ALICE.author)).toBe(held.reduce((sum, one) => sum + one.wire.length, 0))
  expect(log.length(HERS)).toBe(Math.max(0, ...held.map(one => one.seq + 1)))
  const expected = Array.from({ length: log.length(HERS) }, (_, seq) => placeOf(held, seq)).flat()
  expect(idsOf(log, HERS)).toEqual(expected)
  expect(log.range(HERS, 0, PLENTY).map(piece => piece.id)).toEqual(expected)
}

function placeOf(held: readonly Envelope[], seq: number): MessageId[] {
  return held.flatMap(one => (one.seq === seq ? one.id : [])).sort()
}

function idsOf(log: RoomLog, id: ChainId): MessageId[] {
  const places = Array.from({ length: log.length(id) }, (_, seq) => log.at(id, seq))
  return places.flat().map(entry => entry.envelope.id)
}

/** Appends messages, all with one proof. */
export function append(log: RoomLog, envelopes: readonly Envelope[], proof: Proof = 'signature'): void {
  for (const envelope of envelopes) log.append({ envelope, proof })
}
