/** Processes that are killed while they write: what was said to be safe is there, and nothing is half there. */
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { chainId, type LogId, type MessageId, type PeerKey } from '../../../../src/protocol/ids.ts'
import { ROOM, seeded } from '../../../support/core-world.ts'
import { SEED } from '../../../support/seed.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { opening } from '../log-kit.ts'
import { logProcesses, type Said } from './log-process.ts'

const folder = temporaryFolder()
const start = logProcesses()

async function expectAll(said: readonly Said[]): Promise<void> {
  const { store, notices } = await opening(folder())
  const log = store.room(ROOM, 'tea')
  expect([notices, said[0]?.opened]).toEqual([[], log.logId])
  const safe = said.filter(one => one.safe !== undefined)
  const missing = safe.filter(({ safe: id }) => !log.has(id as MessageId))
  expect(missing).toEqual([])
  const author = safe[0]?.author as PeerKey
  const chain = chainId(author, log.logId as LogId)
  const { length } = log.range(chain, 0, { count: 1_000_000, bytes: 1_000_000_000 })
  // at most the one that was being written when it was killed is there too
  expect([safe.length, safe.length + 1]).toContain(length)
  expect(log.length(chain)).toBe(length)
  store.close()
  using database = new DatabaseSync(`${folder()}/log.db`)
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
}

test('every message that was said to be safe outlives the process', async () => {
  const random = seeded(SEED)
  for (let times = 0; times < 8; times++) {
    const writer = start(folder(), 'write')
    await writer.said(2 + Math.floor(random() * 300))
    await expectAll(await writer.kill())
  }
})
