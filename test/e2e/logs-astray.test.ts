/** Logs that something happened to: damaged ones, and folders that were copied. */
import { cp, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/chat/node-crypto.ts'
import { roomIdOf } from '../../src/protocol/rooms.ts'
import { openLogStore } from '../../src/storage/log/sqlite/store.ts'
import { Stage } from '../support/process-stage.ts'
import { part } from './room-story.ts'

const PAGE_BYTES = 4_096

/** Overwrites everything behind the first page with nonsense. */
async function damage(path: string): Promise<Buffer> {
  const file = await open(path, 'r+')
  const { size } = await file.stat()
  await file.write(Buffer.alloc(size - PAGE_BYTES, 0xa5), 0, size - PAGE_BYTES, PAGE_BYTES)
  await file.close()
  return readFile(path)
}

test.concurrent('a damaged log is set aside as it is, and the room comes back from others', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers, data: 'ann' })
  const ben = await stage.peer('ben', { helpers })
  await ann.next({ type: 'joined', name: 'ben' })
  ann.say('what ann said')
  ben.say('what ben said')
  await Promise.all([ann.heard(['what ben said']), ben.heard(['what ann said'])])
  await part([{ name: 'ann', peer: ann }])
  const damaged = await damage(stage.path('ann/log.db'))

  const again = await stage.peer('ann', { helpers, data: 'ann' })
  const notice = await again.next({ type: 'notice', code: 'log-set-aside' })
  const files = await readdir(stage.path('ann'))
  const aside = files.find(name => name.startsWith('log.db.set-aside-')) ?? ''
  expect(notice.text).toContain(aside)
  expect(await readFile(join(stage.path('ann'), aside))).toEqual(damaged)
  await again.heard(['what ann said', 'what ben said'])
  again.say('said later')
  await ben.heard(['said later'])
  await part([
    { name: 'ann', peer: again },
    { name: 'ben', peer: ben },
  ])
  expect(
    again
      .all({ type: 'message' })
      .filter(({ own }) => own)
      .map(({ text }) => text),
  ).toEqual(['what ann said', 'said later'])
})

test.concurrent('a copied folder writes a chain of its own, and both copies are heard', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ben = await stage.peer('ben', { helpers, data: 'ben' })
  const ann = await stage.peer('ann', { helpers, data: 'ann' })
  await ben.next({ type: 'joined', name: 'ann' })
  ann.say('before the copy')
  await ben.heard(['before the copy'])
  await part([{ name: 'ann', peer: ann }])
  await cp(stage.path('ann'), stage.path('copy'), { recursive: true })

  for (const [data, isCopy] of [
    ['ann', false],
    ['copy', true],
    ['ann', false],
  ] as const) {
    const peer = await stage.peer('ann', { helpers, data })
    peer.say(`from ${data}, after all`)
    await peer.next({ type: 'delivered' })
    await part([{ name: 'ann', peer }])
    expect(peer.all({ type: 'notice', code: 'log-copied' })).toHaveLength(isCopy ? 1 : 0)
  }
  const texts = ['before the copy', 'from ann, after all', 'from copy, after all', 'from ann, after all']
  await part([{ name: 'ben', peer: ben }])
  expect(ben.messages.map(({ text }) => text)).toEqual(texts)
  expect(ben.all({ type: 'notice', code: 'expelled' })).toEqual([])
  expect(await chainsOf(stage, 'ben')).toEqual([
    { length: 1, forkedAt: undefined },
    { length: 3, forkedAt: undefined },
  ])
})

test.concurrent('a restored backup gets back from others what was written after it', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ben = await stage.peer('ben', { helpers, data: 'ben' })
  const first = await stage.peer('ann', { helpers, data: 'ann' })
  first.say('before the backup')
  await ben.heard(['before the backup'])
  await part([{ name: 'ann', peer: first }])
  await cp(stage.path('ann'), stage.path('backup'), { recursive: true, preserveTimestamps: true })
  const second = await stage.peer('ann', { helpers, data: 'ann' })
  second.say('after the backup')
  await ben.heard(['after the backup'])
  await part([{ name: 'ann', peer: second }])

  await rm(stage.path('ann'), { recursive: true })
  await cp(stage.path('backup'), stage.path('ann'), { recursive: true, preserveTimestamps: true })
  const ann = await stage.peer('ann', { helpers, data: 'ann' })
  await ann.next({ type: 'notice', code: 'log-copied' })
  ann.say('after it was restored')
  await ann.next({ type: 'message', text: 'after the backup', own: true })
  await ben.heard(['after it was restored'])
  await part([
    { name: 'ann', peer: ann },
    { name: 'ben', peer: ben },
  ])
  expect(ben.messages.map(({ text }) => text)).toEqual([
    'before the backup',
    'after the backup',
    'after it was restored',
  ])
  expect(await chainsOf(stage, 'ben')).toEqual([
    { length: 1, forkedAt: undefined },
    { length: 2, forkedAt: undefined },
  ])
})

test.concurrent('of two copies at the same time one is heard, and the other one when that ends', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ben = await stage.peer('ben', { helpers, data: 'ben' })
  const before = await stage.peer('ann', { helpers, data: 'ann' })
  before.say('before the copy')
  await ben.heard(['before the copy'])
  await part([{ name: 'ann', peer: before }])
  await cp(stage.path('ann'), stage.path('copy'), { recursive: true })

  const ann = await stage.peer('ann', { helpers, data: 'ann' })
  await ann.next({ type: 'joined', name: 'ben' })
  const copy = await stage.peer('ann', { helpers, data: 'copy' })
  await copy.next({ type: 'notice', code: 'log-copied' })
  copy.say('from the copy')
  ann.say('from the original')
  await ben.heard(['from the original'])
  await part([{ name: 'ann', peer: ann }])
  await ben.heard(['from the copy'])
  await copy.heard(['from the original'])
  await part([
    { name: 'copy', peer: copy },
    { name: 'ben', peer: ben },
  ])
  expect(ben.all({ type: 'notice', code: 'expelled' })).toEqual([])
  expect(await chainsOf(stage, 'ben')).toEqual([
    { length: 1, forkedAt: undefined },
    { length: 2, forkedAt: undefined },
  ])
})

/** The chains in a log, shortest first. */
async function chainsOf(stage: Stage, data: string) {
  const { store } = await openLogStore(stage.path(data), { crypto: nodeCrypto() })
  try {
    const log = store.room(roomIdOf(stage.room, nodeCrypto()), stage.room)
    const chains = [...log.chains()].map(({ heads, forkedAt }) => ({
      length: (heads[0]?.seq ?? -1) + 1,
      forkedAt,
    }))
    return chains.toSorted((a, b) => a.length - b.length)
  } finally {
    store.close()
  }
}
