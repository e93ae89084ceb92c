import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { expect, test } from 'vitest'
import { ByteQueue } from '../../../src/network/streams/message-stream.ts'
import { SEED } from '../../support/seed.ts'

test('gives out what was put in, in order, whatever the pieces', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ push: fc.uint8Array({ maxLength: 9_000 }) }),
      fc.record({ push: fc.array(fc.uint8Array({ maxLength: 9 })) }),
      fc.record({ take: fc.nat(20_000), skip: fc.nat(4) }),
    ),
  )
  fc.assert(
    fc.property(steps, all => {
      const queue = new ByteQueue()
      let model = Buffer.alloc(0)
      for (const step of all) {
        if ('push' in step) {
          queue.push(step.push instanceof Uint8Array ? step.push : new Uint8ArrayList(...step.push))
          model = Buffer.concat([model, ...(step.push instanceof Uint8Array ? [step.push] : step.push)])
        } else {
          const count = Math.min(step.take, queue.length)
          const skip = Math.min(step.skip, count)
          expect(Buffer.compare(queue.take(count, skip), model.subarray(skip, count))).toBe(0)
          model = model.subarray(count)
        }
        expect([queue.length, queue.at(0), queue.at(model.length)]).toEqual([
          model.length,
          model[0],
          undefined,
        ])
      }
    }),
    { seed: SEED },
  )
})

test('reads the longest message, which came byte by byte, like any other', () => {
  const queue = new ByteQueue()
  const bytes = 393_216
  for (let count = 0; count < bytes; count++) queue.push(new Uint8Array([count & 0xff]))
  expect(queue.take(bytes).at(-1)).toBe((bytes - 1) & 0xff)
  expect(queue.length).toBe(0)
})

test('keeps what it gave out apart from what comes later', () => {
  const queue = new ByteQueue()
  queue.push(new Uint8Array([1, 2, 3]))
  const first = queue.take(2)
  queue.push(new Uint8Array(100_000))
  expect([[...first], queue.at(0)]).toEqual([[1, 2], 3])
})
