/** A disk that takes no more: what is in the log stays, and it goes on when there is room again. */
import { describe, expect, test } from 'vitest'
import { ParleyError } from '../../../../src/common/errors.ts'
import { chainId } from '../../../../src/protocol/ids.ts'
import { OTHER_ROOM, ROOM } from '../../../support/core-world.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { appendAll, LOG, opening, Scribe } from '../log-kit.ts'
import { logProcesses } from './log-process.ts'

const folder = temporaryFolder()
const start = logProcesses()
const FULL = expect.objectContaining({ code: 'disk-full', remedy: expect.stringContaining('space') })

/** Writes until it is refused, with so many messages a turn. What was committed, and what it was refused with. */
function fill(
  log: ReturnType<Awaited<ReturnType<typeof opening>>['store']['room']>,
  scribe: Scribe,
  perTurn: number,
) {
  const safe = []
  for (;;) {
    const turn = scribe.many(perTurn, () => 'x'.repeat(1_000))
    try {
      appendAll(log, turn)
      log.commit()
    } catch (error) {
      return { safe, lost: turn, error }
    }
    safe.push(...turn)
  }
}

describe('a full disk', () => {
  test.each([1, 7, 100])('loses nothing that was committed, with %d messages a turn', async perTurn => {
    const { store } = await opening(folder(), { maxBytes: 1_000_000 })
    const log = store.room(ROOM, 'tea')
    const ann = new Scribe('ann')
    const { safe, lost, error } = fill(log, ann, perTurn)
    expect(error).toBeInstanceOf(ParleyError)
    expect(error).toEqual(FULL)
    expect(() => store.commit()).toThrow(FULL)
    store.rollback()
    const chain = chainId(ann.author, LOG)
    expect([log.length(chain), log.latest(10_000).length]).toEqual([safe.length, safe.length])
    expect(lost.some(({ id }) => log.has(id))).toBe(false)
    store.close()
    const again = await opening(folder(), { maxBytes: 2_000_000 })
    const roomy = again.store.room(ROOM, 'tea')
    expect([again.notices, roomy.logId]).toEqual([[], log.logId])
    expect(roomy.latest(10_000).map(({ envelope }) => envelope.id)).toEqual(safe.map(({ id }) => id))
    appendAll(roomy, lost)
    again.store.close()
  })

  test('takes back what all rooms wrote in that turn, and takes smaller things at once', async () => {
    const { store } = await opening(folder(), { maxBytes: 1_000_000 })
    const [tea, milk] = [store.room(ROOM, 'tea'), store.room(OTHER_ROOM, 'milk')]
    store.commit()
    const bo = new Scribe('bo')
    appendAll(milk, [bo.said('hi', { room: OTHER_ROOM })])
    const ann = new Scribe('ann')
    const huge = ann.many(900, () => 'x'.repeat(1_000))
    expect(() => {
      appendAll(tea, huge)
      store.commit()
    }).toThrow(FULL)
    expect(() => milk.save({ author: bo.author, log: LOG, heads: [], base: 0, closedAt: 1 })).toThrow(FULL)
    store.rollback()
    expect([tea.latest(1), milk.latest(1), [...milk.chains()]]).toEqual([[], [], []])
    appendAll(tea, huge.slice(0, 10))
    expect(store.commit()).toBe('written')
    store.close()
  })

  test('still shows and searches what there is', async () => {
    const { store } = await opening(folder(), { maxBytes: 1_000_000, scanCount: 0 })
    const log = store.room(ROOM, 'tea')
    const ann = new Scribe('ann')
    const needle = ann.said('a needle')
    appendAll(log, [needle])
    fill(log, ann, 1)
    store.rollback()
    expect(() => {
      while (store.indexSome() === 'more');
    }).toThrow(FULL)
    expect(store.archive.read({ room: ROOM, limit: 5, words: 'needle' })).toEqual([needle])
    expect(log.latest(5).length).toBe(5)
    store.close()
  })
})

describe('a limit of the system on the size of files', () => {
  test('is told, and loses nothing that was safe', async () => {
    // in blocks of 512 bytes: less than what the write-ahead log wants
    const said = await start(folder(), 'write', { limit: '-f 3000' }).ended()
    const safe = said.flatMap(one => one.safe ?? [])
    expect(safe.length).toBeGreaterThan(10)
    expect(said.at(-1)).toMatchObject({ refused: true, code: expect.stringMatching(/^disk-(full|error)$/) })
    const { store, notices } = await opening(folder())
    expect(notices).toEqual([])
    const kept = store.room(ROOM, 'tea').latest(100_000)
    expect(kept.map(({ envelope }) => envelope.id)).toEqual(safe)
    store.close()
  })
})
