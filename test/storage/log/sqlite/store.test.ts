/** The log of a data folder, with several rooms, over restarts. */
import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { chainId, type MessageId, toHex } from '../../../../src/protocol/ids.ts'
import { GENERATION_BITS } from '../../../../src/storage/log/sqlite/migrations.ts'
import { OTHER_ROOM, ROOM } from '../../../support/core-world.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { appendAll, crypto, LOG, opening, Scribe } from '../log-kit.ts'

const folder = temporaryFolder()
const FOREVER = () => Number.POSITIVE_INFINITY

describe('the log of a data folder', () => {
  test('is made for its owner alone, and leaves little behind', async () => {
    const { store, notices } = await opening(folder())
    expect(notices).toEqual([])
    store.room(ROOM, 'tea')
    store.commit()
    for (const name of await readdir(folder())) {
      expect((await stat(join(folder(), name))).mode & 0o777, name).toBe(0o600)
    }
    store.close()
    store.close()
    expect(await readdir(folder())).toEqual(['log.db', 'log.mark', 'log.witness'])
  })

  test('keeps rooms apart, and what is written in each over restarts', async () => {
    const { store } = await opening(folder())
    const [tea, milk] = [store.room(ROOM, 'tea'), store.room(OTHER_ROOM, 'milk')]
    expect(store.room(ROOM, 'tea')).toBe(tea)
    expect(tea.logId).not.toBe(milk.logId)
    const hers = new Scribe('ann').many(3)
    const his = new Scribe('bo').said('hi', { room: OTHER_ROOM })
    appendAll(tea, hers)
    appendAll(milk, [his])
    expect([store.commit(), store.commit()]).toEqual(['written', 'nothing'])
    store.close()
    const again = await opening(folder())
    expect(again.notices).toEqual([])
    const rooms = [again.store.room(ROOM, 'tea'), again.store.room(OTHER_ROOM, 'milk')] as const
    expect(rooms.map(room => room.logId)).toEqual([tea.logId, milk.logId])
    expect(rooms.map(room => room.latest(9).map(({ envelope }) => envelope))).toEqual([hers, [his]])
    expect([rooms[0].has(his.id), rooms[1].has(his.id)]).toEqual([false, true])
    again.store.close()
  })

  test('takes back what all rooms wrote since the last commit', async () => {
    const { store } = await opening(folder())
    const [tea, milk] = [store.room(ROOM, 'tea'), store.room(OTHER_ROOM, 'milk')]
    const ann = new Scribe('ann')
    appendAll(tea, ann.many(2))
    store.commit()
    appendAll(tea, ann.many(2))
    appendAll(milk, [new Scribe('bo').said('hi', { room: OTHER_ROOM })])
    milk.rollback()
    const chain = chainId(ann.author, LOG)
    expect([tea.length(chain), tea.latest(9).length, milk.latest(9).length]).toEqual([2, 2, 0])
    expect(store.commit()).toBe('nothing')
    store.close()
  })

  test('keeps a room whose first words were taken back', async () => {
    const { store } = await opening(folder())
    const tea = store.room(ROOM, 'tea')
    store.rollback()
    expect(store.commit()).toBe('nothing')
    const said = new Scribe('ann').said('again')
    appendAll(tea, [said])
    store.close()
    const again = await opening(folder())
    const log = again.store.room(ROOM, 'tea')
    expect([log.logId, log.latest(1)[0]?.envelope]).toEqual([tea.logId, said])
    again.store.close()
  })

  test('keeps what peers hold when nothing else was written', async () => {
    const { store } = await opening(folder())
    const log = store.room(ROOM, 'tea')
    store.commit()
    const holding = {
      chain: chainId(new Scribe('ann').author, LOG),
      peer: new Scribe('bo').author,
      length: 3,
    }
    log.setHolding(holding)
    expect(store.commit()).toBe('nothing')
    store.close()
    const again = await opening(folder())
    expect(again.store.room(ROOM, 'tea').holdings()).toEqual([holding])
    again.store.close()
  })
})

describe('a large log', () => {
  /** More than one part of the index of ids. */
  const LARGE = 20_000

  test('finds every message by its id, and no other', async () => {
    const { store } = await opening(folder())
    const log = store.room(ROOM, 'tea')
    const all = new Scribe('ann').many(LARGE)
    appendAll(log, all)
    const sample = all.filter((_, index) => index % 97 === 0)
    const others = sample.map(() => toHex(randomBytes(32)) as MessageId)
    expect([sample.every(({ id }) => log.has(id)), others.some(id => log.has(id))]).toEqual([true, false])
    store.close()
    expect(rowsOf('id_filter')).toBe(1)
    const again = await opening(folder())
    const read = again.store.room(ROOM, 'tea')
    expect(sample.every(one => read.get(one.id)?.envelope.seq === one.seq)).toBe(true)
    expect(others.some(id => read.has(id))).toBe(false)
    again.store.close()
  })

  test('finds every message after a turn was taken back that filled a part of the index', async () => {
    const { store } = await opening(folder())
    const log = store.room(ROOM, 'tea')
    const ann = new Scribe('ann')
    appendAll(log, ann.many(2 ** GENERATION_BITS - 6))
    store.commit()
    appendAll(log, ann.many(14))
    store.rollback()
    const all = new Scribe('bo').many(14)
    for (const one of all) {
      appendAll(log, [one])
      store.commit()
    }
    store.close()
    const again = (await opening(folder())).store
    const found = again.room(ROOM, 'tea')
    expect(all.filter(({ id }) => !found.has(id)).map(({ seq }) => seq)).toEqual([])
    again.close()
  })

  test('gives the space of pruned messages back to the disk', async () => {
    const { store } = await opening(folder())
    const log = store.room(ROOM, 'tea')
    const long = 'a long message '.repeat(100)
    appendAll(
      log,
      new Scribe('ann').many(8_000, at => `${long}${at}`),
    )
    store.commit()
    while (store.indexSome() === 'more');
    for (let gone = 1; gone > 0; store.commit()) gone = log.prune({ bytes: 100_000 }, FOREVER, 500).size
    const kept = log.latest(9_999).length
    expect(kept).toBeGreaterThan(10)
    store.close()
    // what stays free in the file is 4 MB at most
    expect((await stat(join(folder(), 'log.db'))).size).toBeLessThan(5_500_000)
    expect(rowsOf('search_docsize')).toBe(kept)
  })

  test('hands out nothing that is not what was written', async () => {
    const first = await opening(folder())
    const hers = new Scribe('ann').many(3)
    appendAll(first.store.room(ROOM, 'tea'), hers)
    first.store.close()
    const database = new DatabaseSync(join(folder(), 'log.db'))
    database.prepare('UPDATE message SET wire = ? WHERE seq = 1').run(rotten(hers[1]?.wire))
    database.close()
    const { store } = await opening(folder())
    const log = store.room(ROOM, 'tea')
    const chain = chainId(new Scribe('ann').author, LOG)
    const part = () => log.range(chain, 0, { count: 10, bytes: 10_000 })
    expect(part).toThrow(expect.objectContaining({ code: 'log-corrupt' }))
    store.close()
    const again = await opening(folder())
    expect(again.notices.map(({ code }) => code)).toEqual(['log-set-aside'])
    again.store.close()
  })
})

/** How many rows a table of the closed log has. */
function rowsOf(table: string): unknown {
  using database = new DatabaseSync(join(folder(), 'log.db'))
  return database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count']
}

/** The same bytes but for one in the text. */
function rotten(wire: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = Buffer.from(wire)
  const at = bytes.indexOf('message 1')
  bytes[at] = (bytes[at] ?? 0) ^ 1
  expect(crypto.sha256(bytes)).not.toBe(crypto.sha256(wire))
  return bytes
}
