/** Opening a log that is damaged, foreign, newer, or out of reach. */
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { encodeContent } from '../../../../src/protocol/content.ts'
import { MIGRATIONS } from '../../../../src/storage/log/sqlite/migrations.ts'
import { ROOM } from '../../../support/core-world.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { appendAll, opening, Scribe } from '../log-kit.ts'
import { logProcesses } from './log-process.ts'

const folder = temporaryFolder()
const start = logProcesses()
const file = (name = 'log.db') => join(folder(), name)
const now = () => Date.UTC(2026, 10, 24)
const ASIDE = 'log.db.set-aside-2026-11-24'

/** A closed log with messages in it. */
async function filled(count = 1_000): Promise<void> {
  const { store } = await opening(folder())
  appendAll(store.room(ROOM, 'tea'), new Scribe('ann').many(count))
  store.commit()
  while (store.indexSome() === 'more');
  store.close()
}

async function count(): Promise<number> {
  const { store } = await opening(folder())
  const length = store.room(ROOM, 'tea').latest(100_000).length
  store.close()
  return length
}

/** Opens and closes; the codes of what it has to say. */
async function codes(): Promise<readonly string[]> {
  const { store, notices } = await opening(folder(), { now })
  store.close()
  return notices.map(({ code }) => code)
}

function alter(sql: string, path = file()): void {
  using database = new DatabaseSync(path, { defensive: false })
  database.exec(sql)
}

describe('what is no log', () => {
  test.each<[string, () => Promise<void>]>([
    ['text', () => writeFile(file(), 'dear diary')],
    ['nothing', () => writeFile(file(), '')],
    ['a page of zeros', () => writeFile(file(), Buffer.alloc(4_096))],
    ['the database of another program', async () => alter('CREATE TABLE diary (day TEXT)')],
  ])('is set aside as it is: %s', async (_, make) => {
    await make()
    const before = await readFile(file())
    const { store, notices } = await opening(folder(), { now })
    expect(notices.map(({ code }) => code)).toEqual(['log-set-aside'])
    expect(notices[0]?.text).toContain(join(folder(), ASIDE))
    store.close()
    expect(await readFile(file(ASIDE))).toEqual(before)
    expect(await codes()).toEqual([])
  })

  test('never takes the place of what was set aside before', async () => {
    for (const text of ['one', 'two', 'three']) {
      await writeFile(file(), text)
      expect(await codes()).toEqual(['log-set-aside'])
    }
    const kept = (await readdir(folder())).filter(name => name.startsWith('log.db.')).sort()
    expect(kept).toEqual([ASIDE, `${ASIDE}-2`, `${ASIDE}-3`])
    expect(await Promise.all(kept.map(name => readFile(file(name), 'utf8')))).toEqual(['one', 'two', 'three'])
  })

  test('takes its write-ahead log with it, also if that was interrupted', async () => {
    for (const [name, text] of [
      ['log.db', 'no log'],
      ['log.db-wal', 'its wal'],
      ['log.aside', ASIDE],
    ] as const) {
      await writeFile(file(name), text)
    }
    await rename(file(), file(ASIDE))
    expect(await codes()).toEqual([])
    expect(await readFile(file(ASIDE), 'utf8')).toBe('no log')
    expect(await readFile(file(`${ASIDE}-wal`), 'utf8')).toBe('its wal')
    expect(await readdir(folder())).not.toContain('log.aside')
  })

  test('leaves no write-ahead log to a new database', async () => {
    await writeFile(file('log.db-wal'), 'of a database that is gone')
    expect(await codes()).toEqual([])
    expect(await readFile(file(`${ASIDE}-wal`), 'utf8')).toBe('of a database that is gone')
  })
})

describe('a damaged log', () => {
  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut short', bytes => bytes.subarray(0, 5_000)],
    ['with its schema overwritten', bytes => bytes.fill(0x5a, 100, 4_096)],
    ['all noise but its head', bytes => bytes.fill(0xa5, 4_096)],
  ])('is set aside: %s', async (_, damage) => {
    await filled()
    await writeFile(file(), damage(await readFile(file())))
    const { store, notices } = await opening(folder(), { now })
    expect(notices.map(({ code }) => code)).toEqual(['log-set-aside'])
    appendAll(store.room(ROOM, 'tea'), new Scribe('ann').many(3))
    store.close()
    expect(await count()).toBe(3)
    expect((await stat(file(ASIDE))).size).toBeGreaterThan(0)
  })

  test('shows when it is read, and is set aside at the next start', async () => {
    await filled()
    const bytes = await readFile(file())
    const page = Math.floor(bytes.indexOf('message 500') / 4_096) * 4_096
    await writeFile(file(), bytes.fill(0xa5, page, page + 4_096))
    const { store, notices } = await opening(folder(), { now })
    expect(notices).toEqual([])
    const read = () => {
      const log = store.room(ROOM, 'tea')
      return log.latest(100_000)
    }
    expect(read).toThrow(
      expect.objectContaining({ code: 'log-corrupt', remedy: expect.stringContaining('again') }),
    )
    store.close()
    expect(await readdir(folder())).toContain('log.check')
    expect(await codes()).toEqual(['log-set-aside'])
    expect(await readdir(folder())).not.toContain('log.check')
  })

  test('is used on if the suspicion was wrong', async () => {
    await filled(10)
    await writeFile(file('log.check'), '')
    expect(await codes()).toEqual([])
    expect(await readdir(folder())).not.toContain('log.check')
    expect(await count()).toBe(10)
  })

  test('gets another index of words if only that is damaged', async () => {
    await filled(2_000)
    alter('UPDATE search_data SET block = zeroblob(length(block)) WHERE id > 10')
    await writeFile(file('log.check'), '')
    const { store, notices } = await opening(folder(), { now, scanCount: 0 })
    expect(notices).toEqual([])
    expect(store.archive.read({ room: ROOM, limit: 1, words: '77' }).length).toBe(1)
    store.close()
  })
})

describe('a log of a newer version', () => {
  test('is refused and left as it is', async () => {
    await filled(5)
    alter('PRAGMA user_version = 99')
    const before = await readFile(file())
    await expect(opening(folder())).rejects.toMatchObject({
      code: 'log-newer',
      remedy: expect.stringContaining('Update parley'),
    })
    expect(await readFile(file())).toEqual(before)
    alter(`PRAGMA user_version = ${MIGRATIONS.length}`)
    expect(await count()).toBe(5)
  })
})

describe('a log of an older version', () => {
  test('is read anew: what it kept without understanding it counts now', async () => {
    const ann = new Scribe('ann')
    const said = ann.said('helo')
    const edit = { kind: 'edit', name: 'ann', newText: 'hello', ref: said.id } as const
    const { store } = await opening(folder())
    appendAll(store.room(ROOM, 'tea'), [said, ann.said('', encodeContent(edit))])
    store.commit()
    store.close()
    alter("DROP TABLE amendment; INSERT OR REPLACE INTO meta VALUES ('indexed', 2); PRAGMA user_version = 1")
    const { store: again } = await opening(folder(), { scanCount: 0 })
    const find = (words: string) => again.archive.read({ room: ROOM, limit: 9, words })
    expect(find('hello').map(({ id, state }) => [id, state?.said])).toEqual([
      [said.id, { kind: 'text', name: 'someone', text: 'hello' }],
    ])
    expect(find('helo')).toEqual([])
    again.close()
  })
})

describe('a log out of reach', () => {
  const NOBODY = 65_534

  test('in a folder that cannot be written is an error', async () => {
    await filled(5)
    for (const name of await readdir(folder())) await chmod(file(name), 0o644)
    await chmod(folder(), 0o555)
    const [said] = await start(folder(), 'open', process.getuid?.() === 0 ? { uid: NOBODY } : {}).ended()
    expect(said).toMatchObject({ refused: true, code: 'disk-denied' })
    await chmod(folder(), 0o755)
    expect((await readdir(folder())).sort()).toEqual(['log.db', 'log.mark', 'log.witness'])
  })

  test('that cannot be read is an error, and not set aside', async () => {
    await filled(5)
    await chmod(folder(), 0o777)
    await chmod(file(), 0o000)
    const [said] = await start(folder(), 'open', process.getuid?.() === 0 ? { uid: NOBODY } : {}).ended()
    expect(said).toMatchObject({ refused: true, code: 'disk-denied' })
    expect(await readdir(folder())).toContain('log.db')
  })

  test('where a folder stands in its place is an error', async () => {
    await mkdir(file())
    await expect(opening(folder())).rejects.toMatchObject({ code: 'not-a-file' })
  })

  test('that another process holds is an error', async () => {
    const other = start(folder(), 'write')
    await other.said(2)
    await expect(opening(folder())).rejects.toMatchObject({ code: 'log-held' })
    await other.kill()
    await rm(file('log.db-wal'), { force: true })
  })
})
