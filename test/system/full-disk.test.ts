/** The log on a real disk that is full: a small file system in memory, filled up from beside it. Mounting needs root. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ParleyError } from '../../src/common/errors.ts'
import type { RoomLog } from '../../src/room/log.ts'
import { appendAll, opening, Scribe } from '../storage/log/log-kit.ts'
import { ROOM } from '../support/core-world.ts'

const DISK_BYTES = 4 * 1024 * 1024

let disk = ''
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'parley-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=0700`, 'tmpfs', disk])
})
afterEach(() => {
  execFileSync('umount', [disk])
  rmSync(disk, { recursive: true })
})

/** Leaves so many bytes free. */
function fillUp(left: number): void {
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - left)))
}

function makeRoom(): void {
  rmSync(join(disk, 'ballast'), { force: true })
}

/** Writes until it is refused. What was committed. */
function writeAll(log: RoomLog, scribe: Scribe, perTurn: number): readonly string[] {
  const safe: string[] = []
  for (;;) {
    const turn = scribe.many(perTurn, () => 'x'.repeat(500))
    try {
      appendAll(log, turn)
      log.commit()
    } catch (error) {
      expect(error).toBeInstanceOf(ParleyError)
      expect(error).toMatchObject({ code: 'disk-full' })
      return safe
    }
    safe.push(...turn.map(({ id }) => id))
  }
}

test.each([
  [0, 1],
  [4_096, 1],
  [40_000, 3],
  [200_000, 1],
  [200_000, 100],
  [900_000, 50],
])('with %d bytes left and %d messages a turn nothing is lost that was safe', async (left, perTurn) => {
  const { store } = await opening(disk)
  const log = store.room(ROOM, 'tea')
  const before = new Scribe('ann').many(300)
  appendAll(log, before)
  store.commit()
  fillUp(left)
  const safe = [...before.map(({ id }) => id), ...writeAll(log, new Scribe('bo'), perTurn)]
  store.rollback()
  expect(log.latest(100_000).length).toBe(safe.length)
  // it is refused again, and goes on once there is room
  const late = new Scribe('cy').many(2_000)
  expect(() => {
    appendAll(log, late)
    log.commit()
  }).toThrow(expect.objectContaining({ code: 'disk-full' }))
  store.rollback()
  makeRoom()
  appendAll(log, late.slice(0, 5))
  store.commit()
  fillUp(0)
  store.close()
  await reopened([...safe, ...late.slice(0, 5).map(({ id }) => id)], log.logId)
})

/** Opens the log while there is no room, which may be refused, and once there is. */
async function reopened(safe: readonly string[], logId: string): Promise<void> {
  const refused = await opening(disk).then(
    ({ store }) => store.close(),
    (error: unknown) => error,
  )
  if (refused !== undefined) expect(refused).toMatchObject({ code: 'disk-full' })
  makeRoom()
  const { store, notices } = await opening(disk)
  const log = store.room(ROOM, 'tea')
  expect([notices, log.logId]).toEqual([[], logId])
  const kept = new Set(log.latest(100_000).map(({ envelope }) => String(envelope.id)))
  expect(safe.filter(id => !kept.has(id))).toEqual([])
  expect(kept.size).toBe(safe.length)
  store.close()
  using database = new DatabaseSync(join(disk, 'log.db'))
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
}
