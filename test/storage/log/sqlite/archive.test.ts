/** Reading the log by time and by words. */
import { describe, expect, test } from 'vitest'
import { compare } from '../../../../src/protocol/envelope.ts'
import type { RoomLog } from '../../../../src/room/log.ts'
import type { LogStore } from '../../../../src/storage/log/log-store.ts'
import { phrasesOf } from '../../../../src/storage/log/sqlite/search-index.ts'
import { EPOCH, OTHER_ROOM, ROOM } from '../../../support/core-world.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { appendAll, opening, Scribe, textsOf } from '../log-kit.ts'

const folder = temporaryFolder()

/** Messages that are looked through without the index, and more than those. */
const LOOK_THROUGH = 10
const MANY = 600

async function opened(): Promise<{ readonly store: LogStore; readonly log: RoomLog }> {
  const { store } = await opening(folder(), { scanCount: LOOK_THROUGH })
  return { store, log: store.room(ROOM, 'tea') }
}

function index(store: LogStore): void {
  while (store.indexSome() === 'more');
}

describe('reading by time', () => {
  test('gives the newest within the bounds, in order, page by page', async () => {
    const { store, log } = await opened()
    const all = [...new Scribe('ann').many(40), ...new Scribe('bo').many(40)].sort(compare)
    appendAll(
      log,
      all.toSorted((a, b) => (a.id < b.id ? -1 : 1) || compare(a, b)).sort((a, b) => a.seq - b.seq),
    )
    store.commit()
    const { archive } = store
    expect(archive.read({ room: ROOM, limit: 7 })).toEqual(all.slice(-7))
    expect(archive.read({ room: ROOM, limit: 1_000, since: EPOCH + 30 })).toEqual(all.slice(60))
    let rest = all
    for (let page = archive.read({ room: ROOM, limit: 7 }); page.length > 0; ) {
      expect(page).toEqual(rest.slice(-7))
      rest = rest.slice(0, -7)
      const [before] = page
      page = archive.read({ room: ROOM, limit: 7, ...(before !== undefined && { before }) })
    }
    expect(rest).toEqual([])
    expect(archive.read({ room: ROOM, limit: 0 })).toEqual([])
    expect(archive.read({ room: OTHER_ROOM, limit: 5 })).toEqual([])
    store.close()
  })

  test('finds messages by their ids, those put by too, and only in their room', async () => {
    const { store, log } = await opened()
    const [one, two, three, four] = new Scribe('ann').many(4)
    if (!one || !two || !three || !four) throw new Error('too few')
    appendAll(log, [one, two])
    log.storePending({ envelope: four, proof: 'signature' })
    const ids = [one.id, three.id, four.id]
    expect([...store.archive.find(ROOM, ids).keys()].toSorted()).toEqual([one.id, four.id].toSorted())
    expect(store.archive.find(ROOM, ids).get(one.id)).toEqual(one)
    expect(store.archive.find(OTHER_ROOM, ids).size).toBe(0)
    store.close()
  })

  test('has what is put by among the others, and what is not committed yet', async () => {
    const { store, log } = await opened()
    const [one, , three] = new Scribe('ann').many(3)
    if (one === undefined || three === undefined) throw new Error('too few')
    log.storePending({ envelope: three, proof: 'signature' })
    appendAll(log, [one])
    const { archive } = store
    expect(archive.read({ room: ROOM, limit: 5 })).toEqual([one, three])
    expect(archive.read({ room: ROOM, limit: 5, words: 'message' })).toEqual([one, three])
    expect(archive.rooms()).toEqual([
      { id: ROOM, name: 'tea', messages: 2, bytes: one.wire.length + three.wire.length },
    ])
    store.close()
  })

  test('lists rooms by name, with those that are not open', async () => {
    const { store } = await opened()
    store.room(OTHER_ROOM, 'milk')
    store.close()
    const again = await opening(folder())
    expect(again.store.archive.rooms().map(room => [room.name, room.messages])).toEqual([
      ['milk', 0],
      ['tea', 0],
    ])
    again.store.room(ROOM, 'coffee')
    expect(again.store.archive.rooms().map(room => room.name)).toEqual(['coffee', 'milk'])
    again.store.close()
  })
})

describe('searching', () => {
  test('finds rare words by the index, and frequent ones', async () => {
    const { store, log } = await opened()
    appendAll(
      log,
      new Scribe('ann').many(MANY, at => `common ${at % 10 === 0 ? 'needle' : 'hay'} ${at}`),
    )
    store.commit()
    index(store)
    const needles = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => `common needle ${from + at * 10}`)
    const { archive } = store
    const found = archive.read({ room: ROOM, limit: 50, words: 'needle' })
    expect(textsOf(found)).toEqual(needles(100, 50))
    expect(archive.read({ room: ROOM, limit: 10, words: 'common' }).length).toBe(10)
    expect(textsOf(archive.read({ room: ROOM, limit: 8, words: '51 needle common' }))).toEqual(
      needles(510, 1),
    )
    const before = found[20]
    const window = { since: EPOCH + 200, ...(before !== undefined && { before }) }
    expect(textsOf(archive.read({ room: ROOM, limit: 50, words: 'needle', ...window }))).toEqual(
      needles(200, 10),
    )
    store.close()
  })

  test('sees what is not in the index yet, and what is not committed', async () => {
    const { store, log } = await opened()
    const ann = new Scribe('ann')
    appendAll(log, [ann.said('first needle')])
    store.commit()
    index(store)
    appendAll(log, [ann.said('second needle'), ...ann.many(MANY)])
    const { archive } = store
    expect(textsOf(archive.read({ room: ROOM, limit: 5, words: 'needle' }))).toEqual([
      'first needle',
      'second needle',
    ])
    store.rollback()
    expect(textsOf(archive.read({ room: ROOM, limit: 5, words: 'needle' }))).toEqual(['first needle'])
    store.close()
  })

  test('loses what was removed, and what was pruned', async () => {
    const { store, log } = await opened()
    const ann = new Scribe('ann')
    const all = [ann.said('old needle'), ann.said('new needle'), ...ann.many(MANY)]
    appendAll(log, all)
    const last = new Scribe('bo').said('removed needle')
    appendAll(log, [last])
    store.commit()
    index(store)
    log.remove(last.id)
    log.prune({ since: EPOCH + 1 }, () => Number.POSITIVE_INFINITY, 10)
    expect(textsOf(store.archive.read({ room: ROOM, limit: 5, words: 'needle' }))).toEqual(['new needle'])
    store.rollback()
    expect(store.archive.read({ room: ROOM, limit: 5, words: 'needle' }).length).toBe(3)
    store.close()
  })

  test('tells messages apart that share a document of the index', async () => {
    const { store } = await opening(folder(), { scanCount: 0 })
    const log = store.room(ROOM, 'tea')
    const first = new Scribe('ann').said('one', { ts: EPOCH })
    const fill = new Scribe('bo').many(255, () => 'fill')
    const second = new Scribe('cy').said('two', { ts: EPOCH })
    appendAll(log, [first, ...fill, second])
    store.commit()
    index(store)
    const find = (words: string) => store.archive.read({ room: ROOM, limit: 1, words })
    expect([find('one'), find('two'), find('one two')]).toEqual([[first], [second], []])
    log.remove(first.id)
    expect([find('one'), find('two')]).toEqual([[], [second]])
    log.remove(second.id)
    expect([find('one'), find('two')]).toEqual([[], []])
    store.close()
  })

  test('finds what was written in the place of what was removed last', async () => {
    const { store, log } = await opened()
    const ann = new Scribe('ann')
    appendAll(log, ann.many(MANY))
    const removed = new Scribe('bo').said('removed')
    appendAll(log, [removed])
    store.commit()
    index(store)
    log.remove(removed.id)
    store.close()
    const again = await opened()
    const said = new Scribe('cy').said('needle', { ts: EPOCH })
    appendAll(again.log, [said])
    again.store.commit()
    expect(again.store.archive.read({ room: ROOM, limit: 1, words: 'needle' })).toEqual([said])
    again.store.close()
  })

  test('gives of messages with the same time those that come last in the order', async () => {
    const { store } = await opening(folder(), { scanCount: 0 })
    const log = store.room(ROOM, 'tea')
    const all = Array.from({ length: 9 }, (_, at) => new Scribe(`${at}`).said('same', { ts: EPOCH }))
    appendAll(log, all)
    store.commit()
    index(store)
    const sorted = all.toSorted(compare)
    const find = (limit: number, before = sorted.at(-1)) =>
      store.archive.read({ room: ROOM, limit, words: 'same', ...(before && { before }) })
    expect([find(3), find(9)]).toEqual([sorted.slice(5, 8), sorted.slice(0, 8)])
    expect(store.archive.read({ room: ROOM, limit: 2, words: 'same' })).toEqual(sorted.slice(-2))
    store.close()
  })

  test('goes on after a restart, wherever the index was', async () => {
    const { store, log } = await opened()
    appendAll(
      log,
      new Scribe('ann').many(1_000, at => `word${at}`),
    )
    store.commit()
    store.indexSome()
    store.close()
    const again = await opened()
    expect(again.store.indexSome()).toBe('more')
    expect(textsOf(again.store.archive.read({ room: ROOM, limit: 5, words: 'word99' })).length).toBe(5)
    again.store.close()
  })

  test.each([
    '"',
    'a"b',
    'NEAR(a b)',
    'words:a',
    'a* b',
    '^a',
    'a AND',
    '-a',
    "'; DROP TABLE message; --",
    '{a}',
    'a\u0000b',
  ])('takes %j as words and not as a query', async wanted => {
    const { store, log } = await opened()
    const ann = new Scribe('ann')
    const said = ann.said(`I said ${wanted} a b near words and drop table message`)
    appendAll(log, [said, ...ann.many(MANY, () => 'nothing')])
    store.commit()
    const found = store.archive.read({ room: ROOM, limit: 5, words: wanted })
    expect(found).toEqual(phrasesOf(wanted).length > 0 ? [said] : [])
    store.close()
  })
})
