/** What the data folder remembers: pins, members, answers, and the JSON files below them. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SILENT_LOGGER } from '../../src/common/logger.ts'
import { Pins } from '../../src/storage/helper-pins.ts'
import { JsonFile } from '../../src/storage/json-file.ts'
import {
  KnownMembers,
  MAX_ADDRESSES,
  MAX_MEMBERS_PER_ROOM,
  MAX_ROOMS,
} from '../../src/storage/known-members.ts'
import { AnswersFile, peekAnswers } from '../../src/storage/remembered-answers.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordingLogger } from './recording-logger.ts'

const folder = temporaryFolder()

function member(peer: string, lastSeen: number, addresses = ['/ip4/203.0.113.7/tcp/1']) {
  return { peer, lastSeen, addresses }
}

describe('pins', () => {
  it('outlive the program, and change only when told', async () => {
    const pins = await Pins.open(folder(), SILENT_LOGGER)
    expect(pins.get('/dns/a/tcp/1')).toBeUndefined()
    await pins.pin('/dns/a/tcp/1', 'first')
    await pins.pin('/dns/b/tcp/1', 'other')
    await pins.pin('/dns/a/tcp/1', 'second')
    const again = await Pins.open(folder(), SILENT_LOGGER)
    expect(again.get('/dns/a/tcp/1')).toBe('second')
    expect(again.get('/dns/b/tcp/1')).toBe('other')
  })
})

describe('members', () => {
  it('are those seen last, over restarts, room by room', async () => {
    const members = await KnownMembers.open(folder(), SILENT_LOGGER)
    members.remember('tea', member('ann', 1))
    members.remember('tea', member('bo', 2))
    members.remember('milk', member('cy', 3))
    await members.settled()
    const again = await KnownMembers.open(folder(), SILENT_LOGGER)
    expect(again.of('tea').map(known => known.peer)).toEqual(['bo', 'ann'])
    expect(again.of('milk')).toEqual([member('cy', 3)])
    expect(again.of('none')).toEqual([])
  })

  it('move, and are kept where they were seen last', async () => {
    const members = await KnownMembers.open(folder(), SILENT_LOGGER)
    members.remember('tea', member('ann', 1, ['/ip4/203.0.113.7/tcp/1']))
    members.remember('tea', member('ann', 2, ['/ip4/203.0.113.8/tcp/1']))
    await members.settled()
    expect(members.of('tea')).toEqual([member('ann', 2, ['/ip4/203.0.113.8/tcp/1'])])
  })

  it('stay within their bounds, whatever strangers say', async () => {
    const members = await KnownMembers.open(folder(), SILENT_LOGGER)
    const many = Array.from({ length: 100 }, () => `/dns/${'x'.repeat(100)}/tcp/1`)
    for (let i = 0; i < MAX_MEMBERS_PER_ROOM + 10; i++) members.remember('tea', member(`peer${i}`, i, many))
    for (let i = 0; i < MAX_ROOMS + 10; i++) members.remember(`room${i}`, member('ann', i))
    members.remember('last', member('x'.repeat(10_000), 1))
    members.remember('last', member('ann', 1, ['x'.repeat(10_000)]))
    await members.settled()
    expect(members.of('tea')).toEqual([])
    expect(members.of(`room${MAX_ROOMS + 9}`)).toHaveLength(1)
    expect(members.of('last')).toEqual([member('ann', 1, [])])
    const again = await KnownMembers.open(folder(), SILENT_LOGGER)
    expect(again.of('last')).toHaveLength(1)
  })

  it('of one room are the newest, with a few addresses each', async () => {
    const members = await KnownMembers.open(folder(), SILENT_LOGGER)
    const many = Array.from({ length: 100 }, (_, i) => `/ip4/203.0.113.7/tcp/${i}`)
    for (let i = 0; i < MAX_MEMBERS_PER_ROOM + 10; i++) members.remember('tea', member(`peer${i}`, i, many))
    await members.settled()
    expect(members.of('tea')).toHaveLength(MAX_MEMBERS_PER_ROOM)
    expect(members.of('tea').at(-1)?.peer).toBe('peer10')
    expect(members.of('tea')[0]?.addresses).toEqual(many.slice(0, MAX_ADDRESSES))
  })
})

describe('answers', () => {
  it('are kept, and read without holding the folder', async () => {
    expect(await peekAnswers(folder())).toBeUndefined()
    const answers = await AnswersFile.open(folder(), SILENT_LOGGER)
    expect(answers.get()).toBeUndefined()
    await answers.remember({ name: 'ann', helper: '' })
    expect(await peekAnswers(folder())).toEqual({ name: 'ann', helper: '' })
  })
})

describe('a JSON file', () => {
  const isNumber = (value: unknown): value is number => typeof value === 'number'
  const open = (logger = SILENT_LOGGER) =>
    JsonFile.open({ path: join(folder(), 'n.json'), guard: isNumber, initial: 0, maxBytes: 100 }, logger)

  it.each([
    ['half', '{"a'],
    ['of another form', '"text"'],
    ['too large', ' '.repeat(200)],
    ['empty', ''],
  ])('that is %s is set aside and started anew', async (_, content) => {
    await writeFile(join(folder(), 'n.json'), content)
    const logger = recordingLogger()
    const file = await open(logger)
    expect(file.value).toBe(0)
    expect(logger.warnings).toEqual(['n.json is corrupt: set aside and started anew'])
    const [aside = ''] = await readdir(folder())
    expect(aside).toMatch(/^n\.json\.corrupt-\d+$/)
    expect(await readFile(join(folder(), aside), 'utf8')).toBe(content)
    await file.set(7)
    expect((await open()).value).toBe(7)
  })

  it('ends as the last value of many set at once', async () => {
    const file = await open()
    await Promise.all(Array.from({ length: 100 }, (_, i) => file.set(i)))
    await file.settled()
    expect((await open()).value).toBe(99)
    expect(await readdir(folder())).toEqual(['n.json'])
  })

  it('says why it cannot be written, and tries again the next time', async () => {
    const gone = join(folder(), 'gone', 'n.json')
    const file = await JsonFile.open(
      { path: gone, guard: isNumber, initial: 0, maxBytes: 100 },
      SILENT_LOGGER,
    )
    await expect(file.set(1)).rejects.toMatchObject({
      name: 'ParleyError',
      message: expect.stringContaining(gone),
    })
    await expect(file.set(2)).rejects.toMatchObject({ name: 'ParleyError' })
    await file.settled()
    expect(file.value).toBe(2)
  })
})
