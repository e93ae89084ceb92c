import { describe, expect, test } from 'vitest'
import { MAX_WANTS } from '../../../src/protocol/sync-message.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { chain, message } from '../../support/core-chain.ts'
import { logIdOf, OTHER_ROOM, ROOM, signerOf } from '../../support/core-world.ts'
import { SYNC, SyncStage } from './sync-kit.ts'

describe('two rooms on two nodes', () => {
  test('exchange what each of them has, and then have nothing to exchange', async () => {
    await using stage = new SyncStage()
    const [ann, ben] = [await stage.member('ann'), await stage.member('ben')]
    await stage.connect(ann, ben)
    ann.give(chain(ALICE, 700))
    ben.give(chain(BOB, 300))
    expect(await ann.exchange(ben)).toEqual({ kind: 'complete', received: 300, sent: 700, unfulfilled: [] })
    expect(await ben.ended(1)).toEqual([{ kind: 'complete', received: 700, sent: 300, unfulfilled: [] }])
    expect(ann.held).toEqual(ben.held)
    expect(await ben.exchange(ann)).toMatchObject({ kind: 'complete', received: 0, sent: 0 })
  })

  test('exchange thousands of chains, small messages together', async () => {
    await using stage = new SyncStage()
    const [ann, ben] = [await stage.member('ann'), await stage.member('ben')]
    await stage.connect(ann, ben)
    const all = Array.from({ length: MAX_WANTS + 200 }, (_, number) =>
      message(signerOf(number % 7), { log: logIdOf(number) }),
    )
    ann.give(all)
    expect(await ben.exchange(ann)).toMatchObject({ kind: 'complete', unfulfilled: [] })
    expect(ben.digest).toBe(ann.digest)
    ann.give([message(BOB)])
    ben.give([message(ALICE)])
    expect(await ben.exchange(ann)).toMatchObject({ kind: 'complete', received: 1, sent: 1 })
    await ann.ended(2)
    expect(ben.digest).toBe(ann.digest)
  })

  test('leave no stream open', async () => {
    await using stage = new SyncStage()
    const [ann, ben] = [await stage.member('ann'), await stage.member('ben')]
    await stage.connect(ann, ben)
    ann.give(chain(ALICE, 3))
    for (let round = 0; round < 20; round++) await ben.exchange(ann)
    await ann.ended(20)
    const streams = [ann, ben].flatMap(({ node }) => node.getConnections()).flatMap(({ streams }) => streams)
    expect(
      streams.filter(({ protocol, status }) => protocol === SYNC && status === 'open').length,
    ).toBeLessThan(3)
  })

  test('do one exchange at a time, and another one for what was asked meanwhile', async () => {
    await using stage = new SyncStage()
    const [ann, ben] = [await stage.member('ann'), await stage.member('ben')]
    await stage.connect(ann, ben)
    for (let times = 0; times < 9; times++) ann.sync.request(ROOM, ben.key)
    await ben.ended(2)
    await ann.exchange(ben)
    expect(ann.outcomes.length).toBe(3)
  })

  test('fail when they are not connected, or not in the same room', async () => {
    await using stage = new SyncStage()
    const [ann, ben] = [await stage.member('ann'), await stage.member('ben')]
    expect(await ann.exchange(ben)).toMatchObject({ kind: 'failed', blame: 'nobody' })
    await stage.connect(ann, ben)
    ann.sync.request(OTHER_ROOM, ben.key)
    expect(await ann.exchange(ben)).toMatchObject({ kind: 'complete' })
    expect(ann.outcomes.length).toBe(2)
  })

  test('end their exchanges when one of them stops', async () => {
    await using stage = new SyncStage()
    const [ann, ben] = [await stage.member('ann'), await stage.member('ben')]
    await stage.connect(ann, ben)
    ann.give(chain(ALICE, 5_000))
    ben.sync.request(ROOM, ann.key)
    await ann.node.stop()
    expect(await ben.ended(1)).toMatchObject([{ kind: 'failed', blame: 'nobody' }])
  })
})
