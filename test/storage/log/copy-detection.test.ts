/** Copies of a log write chains of their own; the log itself never starts another one for nothing. */
import { cp, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { LogStore } from '../../../src/storage/log/log-store.ts'
import { OTHER_ROOM, ROOM } from '../../support/core-world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { appendAll, opening, Scribe } from './log-kit.ts'
import { logProcesses } from './sqlite/log-process.ts'

const folder = temporaryFolder()
const start = logProcesses()

const others: string[] = []
afterEach(async () => {
  for (const path of others.splice(0)) await rm(path, { recursive: true, force: true })
})

/** Another folder, empty. */
async function elsewhere(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'parley-copy-'))
  others.push(path)
  return path
}

interface Glance {
  /** Where the rooms' own chains are written. */
  readonly ids: readonly string[]
  readonly codes: readonly string[]
}

function idsOf(store: LogStore): readonly string[] {
  return [store.room(ROOM, 'tea'), store.room(OTHER_ROOM, 'milk')].map(room => room.logId)
}

/** Opens a log and closes it again. */
async function glance(path = folder()): Promise<Glance> {
  const { store, notices } = await opening(path)
  const ids = idsOf(store)
  store.close()
  return { ids, codes: notices.map(({ code }) => code) }
}

/** A log in use, in which something was written. */
async function inUse(text: string): Promise<LogStore> {
  const { store } = await opening(folder())
  appendAll(store.room(ROOM, 'tea'), new Scribe(text).many(3))
  idsOf(store)
  store.commit()
  return store
}

/** What the kernel says of a file changes in ticks; until the next one a copy can't be told by its time. */
async function tick(): Promise<void> {
  const path = join(await elsewhere(), 'clock')
  const time = async () => {
    await writeFile(path, '')
    return (await stat(path, { bigint: true })).ctimeNs
  }
  const before = await time()
  while ((await time()) === before);
}

/** Copies as a backup does: with times and permissions. */
function copy(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, preserveTimestamps: true, force: true })
}

function expectAnother(was: readonly string[], now: Glance): void {
  expect(now.codes).toEqual(['log-copied'])
  for (const [index, id] of now.ids.entries()) expect(id).not.toBe(was[index])
}

describe('the same chain is written on', () => {
  test('after every restart', async () => {
    const { ids } = await glance()
    for (let times = 0; times < 5; times++) expect(await glance()).toEqual({ ids, codes: [] })
  })

  test('after the folder was moved', async () => {
    const { ids } = await glance()
    const moved = join(await elsewhere(), 'moved')
    await rename(folder(), moved)
    expect(await glance(moved)).toEqual({ ids, codes: [] })
    await rename(moved, folder())
  })

  test('after the process was killed, again and again', async () => {
    const { ids } = await glance()
    for (let times = 1; times <= 6; times++) {
      const writer = start(folder(), 'write')
      await writer.said(3 * times)
      const [first] = await writer.kill()
      expect(first).toMatchObject({ opened: ids[0], notices: [] })
    }
    expect(await glance()).toEqual({ ids, codes: [] })
  })

  test('after a crash that followed a rollback', async () => {
    const { ids } = await glance()
    const process = start(folder(), 'roll back')
    await process.said(2)
    await process.kill()
    expect(await glance()).toEqual({ ids, codes: [] })
  })

  test('after a crash that followed the removal of what was written last', async () => {
    const { ids } = await glance()
    const process = start(folder(), 'remove')
    await process.said(2)
    await process.kill()
    expect(await glance()).toEqual({ ids, codes: [] })
  })
})

describe('another chain is written', () => {
  test('by a copy of the folder, and not by the original', async () => {
    const { ids } = await glance()
    const there = await elsewhere()
    await copy(folder(), there)
    const theirs = await glance(there)
    expectAnother(ids, theirs)
    expect(await glance()).toEqual({ ids, codes: [] })
    expect(await glance(there)).toEqual({ ids: theirs.ids, codes: [] })
  })

  test.each([true, false])('by a folder restored in its place; written to meanwhile: %s', async isWritten => {
    const { ids } = await glance()
    const backup = await elsewhere()
    await copy(folder(), backup)
    if (isWritten) (await inUse('ann')).close()
    await tick()
    await copy(backup, folder())
    expectAnother(ids, await glance())
  })

  test.each([true, false])(
    'by a database restored alone; the folder was opened meanwhile: %s',
    async isOpened => {
      const { ids } = await glance()
      const backup = await elsewhere()
      await copy(folder(), backup)
      if (isOpened) (await inUse('ann')).close()
      await copy(join(backup, 'log.db'), join(folder(), 'log.db'))
      if (isOpened) expectAnother(ids, await glance())
      else expect(await glance()).toEqual({ ids, codes: [] })
    },
  )

  test('by a folder restored as it was while it was in use', async () => {
    const store = await inUse('ann')
    const ids = idsOf(store)
    const backup = await elsewhere()
    await copy(folder(), backup)
    appendAll(store.room(ROOM, 'tea'), new Scribe('bo').many(3))
    store.close()
    await tick()
    await copy(backup, folder())
    expectAnother(ids, await glance())
  })

  test.each(['all of it', 'the database with its write-ahead log', 'the database alone'])(
    'after a kill, when what was saved in the same session is restored: %s',
    async what => {
      await glance()
      const writer = start(folder(), 'write')
      await writer.said(3)
      const backup = await elsewhere()
      await copy(folder(), backup)
      await writer.said(50)
      const [first] = await writer.kill()
      await tick()
      if (what === 'all of it') await copy(backup, folder())
      else {
        await copy(join(backup, 'log.db'), join(folder(), 'log.db'))
        if (what === 'the database alone') await rm(join(folder(), 'log.db-wal'))
        else await copy(join(backup, 'log.db-wal'), join(folder(), 'log.db-wal'))
      }
      expectAnother([first?.opened ?? ''], await glance())
    },
  )

  test('when the write-ahead log was thrown away after a kill', async () => {
    const { ids } = await glance()
    const writer = start(folder(), 'write')
    await writer.said(20)
    await writer.kill()
    await rm(join(folder(), 'log.db-wal'))
    expectAnother(ids, await glance())
  })

  test('when what was saved in the last session is restored, and a power loss took the mark', async () => {
    await glance()
    const store = await inUse('ann')
    const ids = idsOf(store)
    const backup = await elsewhere()
    await copy(folder(), backup)
    appendAll(store.room(ROOM, 'tea'), new Scribe('bo').many(3))
    store.close()
    await rm(join(folder(), 'log.mark'))
    for (const name of ['log.db', 'log.db-wal']) await copy(join(backup, name), join(folder(), name))
    expectAnother(ids, await glance())
  })

  test('when the witness is gone', async () => {
    const { ids } = await glance()
    await rm(join(folder(), 'log.witness'))
    expectAnother(ids, await glance())
  })

  test('but nobody is told about a log in which no room ever was', async () => {
    const { store } = await opening(folder())
    store.close()
    const there = await elsewhere()
    await copy(folder(), there)
    expect((await glance(there)).codes).toEqual([])
    expect(await readdir(there)).toContain('log.witness')
  })
})
