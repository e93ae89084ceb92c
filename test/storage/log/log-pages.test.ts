/** Reading a whole room page by page gives what reading it at once gives. */
import { expect, test } from 'vitest'
import { pagesOf } from '../../../src/storage/log/log-reader.ts'
import type { Query } from '../../../src/storage/log/log-store.ts'
import { EPOCH, ROOM } from '../../support/core-world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { appendAll, opening, Scribe, textsOf } from './log-kit.ts'

const folder = temporaryFolder()

const COUNT = 40
const ALL = Number.POSITIVE_INFINITY

const CASES: readonly (Partial<Query> & { readonly size: number })[] = [
  { size: 7 },
  { size: 8 },
  { size: COUNT },
  { size: COUNT + 1 },
  { size: 1 },
  { size: 1, limit: 5 },
  { size: 7, limit: 7 },
  { size: 7, limit: 20 },
  { size: 7, limit: COUNT },
  { size: 4, since: EPOCH + 11 },
  { size: 3, words: 'odd' },
  { size: 3, words: 'odd', limit: 7 },
  { size: 3, words: 'nobody' },
  { size: 3, since: EPOCH + 10 * COUNT },
]

test.each(CASES)('%j', async ({ size, ...wanted }) => {
  const { store } = await opening(folder(), { scanCount: 5 })
  const log = store.room(ROOM, 'lobby')
  // of the same times: pages end between messages of one
  for (const name of ['ann', 'ben']) {
    appendAll(
      log,
      new Scribe(name).many(COUNT / 2, index => `${name} ${index} ${index % 2 ? 'odd' : 'even'}`),
    )
  }
  // and some whose predecessors are missing are among them
  for (const envelope of new Scribe('cleo').many(COUNT / 2).slice(5, 9))
    log.storePending({ envelope, proof: 'signature' })
  const query = { room: ROOM, limit: ALL, ...wanted }
  const pages = [...pagesOf(store.archive, query, size)]
  expect(textsOf(pages.flat())).toEqual(textsOf(store.archive.read(query)))
  if (query.limit === ALL && wanted.words === undefined && wanted.since === undefined) {
    expect(pages.flat()).toHaveLength(COUNT + 4)
  }
  for (const page of pages) {
    expect(page.length).toBeGreaterThan(0)
    expect(page.length).toBeLessThanOrEqual(size)
  }
  store.close()
})
