import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { Semaphore } from '../../../src/network/sync/sync-service.ts'
import type { PeerKey } from '../../../src/protocol/ids.ts'

const KEEP_MS = 1_000
const [ANN, BEN, CAT] = ['ann', 'ben', 'cat'].map(name => name as PeerKey) as [PeerKey, PeerKey, PeerKey]

function seatsOf(count: number) {
  const clock = { at: 0 }
  return { clock, seats: new Semaphore(count, KEEP_MS, () => clock.at) }
}

describe('seats', () => {
  test('are taken until all are, and given back', () => {
    const { seats } = seatsOf(2)
    const [one, two, three] = [seats.take(ANN), seats.take(ANN), seats.take(BEN)]
    expect([one?.signal.aborted, two?.signal.aborted, three]).toEqual([false, false, undefined])
    one?.[Symbol.dispose]()
    expect(seats.take(BEN)).toBeDefined()
    seats[Symbol.dispose]()
  })

  test('are freed, the oldest first, once they were kept long enough and somebody wants one', () => {
    const { seats, clock } = seatsOf(2)
    const one = seats.take(ANN)
    clock.at = 10
    const two = seats.take(BEN)
    clock.at = KEEP_MS
    expect([one, two].map(seat => seat?.signal.aborted)).toEqual([false, false])
    expect(seats.take(CAT)).toBeUndefined()
    expect([one, two].map(seat => seat?.signal.aborted)).toEqual([true, false])
    expect(seats.take(CAT)).toBeDefined()
  })

  test('are freed in their time without being asked for again', async () => {
    const seats = new Semaphore(1, 20, () => performance.now())
    const one = seats.take(ANN)
    expect(seats.take(BEN)).toBeUndefined()
    if (one !== undefined && !one.signal.aborted) await once(one.signal, 'abort')
    expect(seats.take(BEN)).toBeDefined()
  })

  test('are taken over from whoever has the most, or else from nobody', () => {
    const { seats } = seatsOf(4)
    const [first, second, third] = [ANN, BEN, BEN].map(peer => seats.takeOver(peer))
    seats.takeOver(CAT)
    expect(seats.takeOver(CAT)).toBeUndefined()
    const fresh = 'dan' as PeerKey
    expect(seats.takeOver(fresh)).toBeDefined()
    expect([first, second, third].map(seat => seat?.signal.aborted)).toEqual([false, true, false])
    expect(seats.takeOver(fresh)).toBeUndefined()
  })

  test('are taken over from whoever had one for long', () => {
    const { seats, clock } = seatsOf(1)
    const one = seats.takeOver(ANN)
    clock.at = KEEP_MS - 1
    expect(seats.takeOver(BEN)).toBeUndefined()
    clock.at = KEEP_MS
    expect(seats.takeOver(BEN)).toBeDefined()
    expect(one?.signal.aborted).toBe(true)
    one?.[Symbol.dispose]()
    expect(seats.take(CAT)).toBeUndefined()
  })

  test('are all freed at the end', () => {
    const { seats } = seatsOf(3)
    const all = [ANN, BEN, CAT].map(peer => seats.take(peer))
    seats[Symbol.dispose]()
    expect(all.every(seat => seat?.signal.aborted)).toBe(true)
  })
})
