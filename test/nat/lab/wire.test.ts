import { expect, test } from 'vitest'
import { seeded } from '../../support/core-world.ts'
import { SEED } from '../../support/seed.ts'
import type { Conditions } from './wire.ts'
import { PERFECT, Wire } from './wire.ts'

const IP = 0x0800
const ARP = 0x0806
const EVERYBODY = 'ff:ff:ff:ff:ff:ff'
const ADDRESSES = { ann: '02:00:00:00:00:01', ben: '02:00:00:00:00:02', cat: '02:00:00:00:00:03' }
type Name = keyof typeof ADDRESSES

/** Three who have been heard of. */
function plugged(conditions: Partial<Conditions> = {}): Wire {
  const wire = new Wire(seeded(SEED))
  const names = Object.keys(ADDRESSES) as Name[]
  for (const name of names) wire.plug(name)
  for (const name of names) wire.take(name, frame(name, EVERYBODY), 0)
  wire.due(0)
  wire.set({ ...PERFECT, ...conditions })
  return wire
}

function frame(from: Name, to: string, { type = IP, mark = 0 } = {}): Uint8Array {
  const bytes = (address: string) => address.split(':').map(byte => Number.parseInt(byte, 16))
  return Uint8Array.from([...bytes(to), ...bytes(ADDRESSES[from]), type >> 8, type & 0xff, mark])
}

const whereTo = (wire: Wire, nowMs: number) => wire.due(nowMs).map(({ to }) => to)

test('a frame goes to whom it is for, once that one was heard; before that, and to everybody, to all others', () => {
  const wire = plugged()
  wire.take('ann', frame('ann', ADDRESSES.ben), 1)
  expect(whereTo(wire, 1)).toEqual(['ben'])
  wire.take('ann', frame('ann', '02:00:00:00:00:09'), 1)
  wire.take('cat', frame('cat', EVERYBODY), 1)
  expect(whereTo(wire, 1)).toEqual(['ben', 'cat', 'ann', 'ben'])
})

test('every frame takes its time, and they keep their order whatever the jitter', () => {
  const wire = plugged({ delayMs: 40, jitterMs: 30 })
  for (let mark = 0; mark < 100; mark++) wire.take('ann', frame('ann', ADDRESSES.ben, { mark }), mark)
  expect(wire.due(39.9)).toEqual([])
  expect(wire.nextMs).toBeGreaterThanOrEqual(40)
  const all = wire.due(1_000)
  expect(all.map(({ frame: bytes }) => bytes.at(-1))).toEqual(Array.from({ length: 100 }, (_, mark) => mark))
  expect(wire.nextMs).toBeUndefined()
})

test('of IP as many are lost as were asked for, of address resolution none', () => {
  const wire = plugged({ lossPercent: 30 })
  for (let count = 0; count < 10_000; count++) wire.take('ann', frame('ann', ADDRESSES.ben), 1)
  expect(wire.due(1).length / 10_000).toBeCloseTo(0.7, 1)
  for (let count = 0; count < 100; count++) wire.take('ann', frame('ann', EVERYBODY, { type: ARP }), 1)
  expect(wire.due(1)).toHaveLength(200)
})

test('a cut parts two groups in both directions, and nobody else', () => {
  const wire = plugged({ cuts: [[['ann'], ['ben']]] })
  wire.take('ann', frame('ann', ADDRESSES.ben), 1)
  wire.take('ben', frame('ben', ADDRESSES.ann), 1)
  wire.take('ann', frame('ann', EVERYBODY), 1)
  wire.take('cat', frame('cat', ADDRESSES.ben), 1)
  expect(whereTo(wire, 1)).toEqual(['cat', 'ben'])
})

test('what is no frame, and a flood, harm nothing', () => {
  const wire = plugged({ delayMs: 10 })
  wire.take('ann', new Uint8Array(13), 1)
  for (let count = 0; count < 30_000; count++) wire.take('ann', frame('ann', ADDRESSES.ben), 1)
  expect(wire.due(11)).toHaveLength(20_000)
})
