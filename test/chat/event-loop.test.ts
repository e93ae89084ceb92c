/** Rooms on a real log whose disk is full at times: what is told, and what is really there. */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { EventLoop } from '../../src/chat/event-loop.ts'
import { nodeCrypto } from '../../src/chat/node-crypto.ts'
import { RoomRunner } from '../../src/chat/room-runner.ts'
import { ParleyError } from '../../src/common/errors.ts'
import type { PeerKey, RoomId } from '../../src/protocol/ids.ts'
import type { RoomNotice } from '../../src/room/events.ts'
import { Room } from '../../src/room/room.ts'
import type { SyncRoom } from '../../src/room/sync/sync-room.ts'
import type { LogStore } from '../../src/storage/log/log-store.ts'
import { openLogStore } from '../../src/storage/log/sqlite/store.ts'
import { chain } from '../support/core-chain.ts'
import { Peer } from '../support/core-peer.ts'
import { logIdOf, OTHER_ROOM, ROOM, seeded, signerOf } from '../support/core-world.ts'

const BIG = 'x'.repeat(8_000)
/** Room for a few of those. */
const SMALL_DISK_BYTES = 400_000

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** A log on disk, the turns on it, and what was told about it. */
class Bench {
  readonly folder: string
  readonly store: LogStore
  readonly turns: EventLoop
  readonly told: string[] = []
  now = 0

  private constructor(folder: string, store: LogStore) {
    this.folder = folder
    this.store = store
    this.turns = new EventLoop({
      store,
      onDiskFailed: (cause, unsaid) => {
        const code = cause instanceof ParleyError ? cause.code : String(cause)
        this.told.push(`refused: ${code}, ${unsaid} unsaid`)
      },
      onRecovered: () => this.told.push('recovered'),
      now: () => this.now,
    })
  }

  static async open(folder = mkdtempSync(join(tmpdir(), 'parley-turns-')), maxBytes = 2 ** 40) {
    const { store } = await openLogStore(folder, { crypto: nodeCrypto(), maxBytes })
    const bench = new Bench(folder, store)
    open.push(async () => {
      bench.turns.stop()
      store.close()
      await rm(folder, { recursive: true, force: true })
    })
    return bench
  }

  room(id: RoomId = ROOM): Member {
    return new Member(this, id)
  }
}

class Member {
  readonly notices: RoomNotice[] = []
  readonly published: Uint8Array[] = []
  readonly asked: PeerKey[] = []
  readonly runtime: RoomRunner

  constructor({ store, turns: eventLoop, told }: Bench, id: RoomId) {
    const log = store.room(id, id)
    const config = { id, name: 'someone', lostAfterMs: 10_000 }
    const deps = { log, signer: signerOf('someone'), crypto: nodeCrypto(), random: seeded(1) }
    this.runtime = new RoomRunner({
      room: new Room(config, deps),
      eventLoop,
      publish: payload => this.published.push(payload),
      requestSync: peer => this.asked.push(peer),
      expel: () => {},
      show: notice => this.notices.push(notice),
      onAddresses: () => {},
      onSynced: () => {},
      onNotStored: () => told.push('unsaid'),
    })
    open.push(() => this.runtime.close())
  }

  say(text: string): Promise<void> {
    return this.runtime.handle({ kind: 'say', act: 'text', text })
  }

  get sent(): readonly string[] {
    return this.notices.flatMap(notice => (notice.kind === 'sent' ? notice.id : []))
  }

  get kept(): readonly string[] {
    return this.runtime.room.latest(10_000).map(entry => entry.envelope.id)
  }
}

async function fillUp(bench: Bench, member: Member): Promise<void> {
  for (let count = 0; count < 100 && bench.told.length === 0; count++) await member.say(BIG)
}

describe('a turn', () => {
  test('makes the words of all rooms durable at once, and then tells', async () => {
    const bench = await Bench.open()
    const [one, other] = [bench.room(), bench.room(OTHER_ROOM)]
    const said = [one.say('in one'), other.say('in the other'), one.say('again')]
    expect([one.notices, one.published, other.notices]).toEqual([[], [], []])
    await Promise.all(said)
    expect([one.sent.length, other.sent.length]).toEqual([2, 1])
    bench.store.rollback()
    expect([one.kept, other.kept]).toEqual([one.sent, other.sent])
  })
})

describe('what a partner is told in the middle of a turn', () => {
  const ways: readonly (readonly [string, (room: SyncRoom) => unknown])[] = [
    ['its introduction', room => room.greeting()],
    ['its frontier', room => room.frontier()],
    ['its newest messages', room => room.newest(10)],
    ['a part of a chain', room => room.chainPart({ author: SELF, log: logOf(room), seq: 0 }, LIMIT)],
  ]
  const LIMIT = { count: 10, bytes: 10_000 }
  const SELF = signerOf('someone').author
  const logOf = (room: SyncRoom) => room.frontier()[0]?.log ?? logIdOf(0)

  test.each(ways)('%s: no power cut takes it back', async (_, tell) => {
    const bench = await Bench.open()
    const member = bench.room()
    await member.say('before')
    const said = member.say('hello')
    tell(member.runtime.syncRoom)
    bench.store.rollback()
    expect(member.kept.length).toBe(2)
    await said
    expect(member.sent).toEqual(member.kept)
  })

  test('nothing that a full disk refused', async () => {
    const bench = await Bench.open(undefined, SMALL_DISK_BYTES)
    const member = bench.room()
    let before = member.runtime.syncRoom.greeting().digest
    for (let count = 0; count < 100 && bench.told.length === 0; count++) {
      before = member.runtime.syncRoom.greeting().digest
      void member.say(BIG)
      member.runtime.syncRoom.newest(1)
    }
    expect(bench.told).toEqual(['refused: disk-full, 1 unsaid'])
    expect(member.runtime.syncRoom.greeting().digest).toBe(before)
  })
})

describe('a full disk', () => {
  test('keeps what was acknowledged, and says of the rest that it was not sent', async () => {
    const bench = await Bench.open(undefined, SMALL_DISK_BYTES)
    const member = bench.room()
    await fillUp(bench, member)
    expect(bench.told).toEqual(['refused: disk-full, 1 unsaid'])
    expect(member.sent.length).toBeGreaterThan(5)
    expect(member.kept).toEqual(member.sent)
    await Promise.all([member.say(BIG), member.say('short')])
    expect(bench.told.slice(1)).toEqual(['unsaid', 'unsaid'])
    expect(member.kept).toEqual(member.sent)
  })

  test('takes nothing in for a while, then tries again', async () => {
    const bench = await Bench.open(undefined, SMALL_DISK_BYTES)
    const member = bench.room()
    await fillUp(bench, member)
    const partner = signerOf('partner')
    const wires = chain(partner, 2, { ts: Date.now() - 1_000 }).map(one => one.wire)
    const give = () => member.runtime.syncRoom.onSegment(1, partner.author, wires)
    expect(give()).toBe('ignore')
    bench.now += 10_000
    expect(give()).toBe('accept')
    await member.runtime.handle({ kind: 'tick' })
    expect(bench.told.at(-1)).toBe('recovered')
    expect(member.kept.length).toBe(member.sent.length + 2)
  })

  test('in one room takes nothing back in another one that was acknowledged', async () => {
    const bench = await Bench.open(undefined, SMALL_DISK_BYTES)
    const [one, other] = [bench.room(), bench.room(OTHER_ROOM)]
    await other.say('early')
    await fillUp(bench, one)
    expect([other.kept, other.sent.length]).toEqual([other.sent, 1])
  })
})

test('who came, who went and whom to ask is told though the disk refuses the turn in which it happened', async () => {
  const bench = await Bench.open(undefined, SMALL_DISK_BYTES)
  const member = bench.room()
  await fillUp(bench, member)
  bench.now += 10_000
  const guest = new Peer('guest')
  const { beacon } = guest.room.greeting({ steady: 0, wall: Date.now() })
  const refusals = () => bench.told.filter(line => line.startsWith('refused')).length
  const before = refusals()
  void member.runtime.handle({ kind: 'linked', peer: guest.key })
  void member.runtime.handle({ kind: 'greeted', from: guest.key, beacon })
  const words = Array.from({ length: 40 }, () => member.say(BIG))
  await Promise.all(words)
  expect(refusals()).toBe(before + 1)
  await expect.poll(() => member.notices.filter(({ kind }) => kind === 'joined').length).toBe(1)
  expect(member.asked).toEqual([guest.key])
  expect(member.kept).toEqual(member.sent)
})

test('the next message stands where a refused one would have stood', async () => {
  const bench = await Bench.open(undefined, SMALL_DISK_BYTES)
  const member = bench.room()
  await fillUp(bench, member)
  bench.now += 10_000
  await member.say('it fits')
  const [own] = [...bench.store.room(ROOM, ROOM).chains()]
  expect([own?.heads.length, own?.heads[0]?.seq]).toEqual([1, member.sent.length - 1])
  expect(member.kept).toEqual(member.sent)
})

test('the search index is brought up to date in steps that leave time for other things', async () => {
  const bench = await Bench.open()
  const member = bench.room()
  await Promise.all(Array.from({ length: 1_000 }, (_, index) => member.say(`word ${index}`)))
  let turns = 0
  const count = (): void => {
    turns++
    waiting = setImmediate(count)
  }
  let waiting = setImmediate(count)
  await bench.turns.completeIndex()
  clearImmediate(waiting)
  expect(turns).toBeGreaterThanOrEqual(3)
  expect(bench.store.indexSome()).toBe('done')
  expect(bench.store.archive.read({ room: ROOM, words: '999', limit: 9 })).toHaveLength(1)
})

describe('the effects of a turn', () => {
  test('are performed once it is safe, and not before', async () => {
    const { store } = await Bench.open()
    const order: string[] = []
    const turns = new EventLoop({
      store: {
        commit: () => {
          order.push('commit')
          return store.commit()
        },
        rollback: () => store.rollback(),
        indexSome: () => store.indexSome(),
      },
      onDiskFailed: () => order.push('refused'),
      onRecovered: () => order.push('recovered'),
    })
    const participant = {
      end: () => void order.push('end'),
      perform: () => void order.push('perform'),
      rollback: () => 0,
    }
    await turns.join(participant)
    expect(order).toEqual(['end', 'commit', 'perform'])
  })
})
