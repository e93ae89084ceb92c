/**
 * A process that opens a log as parley does when it starts, and then looks things up: what it costs the first time.
 * Arguments: the folder, then what to search for. It begins with the first line of input, when its own code is loaded.
 */
import { once } from 'node:events'
import { nodeCrypto } from '../src/chat/node-crypto.ts'
import { roomIdOf } from '../src/protocol/rooms.ts'
import { Room } from '../src/room/room.ts'
import { openLogStore } from '../src/storage/log/sqlite/store.ts'
import { signerOf } from '../test/support/core-world.ts'
import { residentMiB } from './kernel.ts'
import { ROOM_NAME } from './system.ts'

const SHOWN = 50

/** What it tells, milliseconds and MiB. */
export interface LogReading {
  readonly openMs: number
  readonly shown: number
  readonly searches: readonly { readonly ms: number; readonly found: number }[]
  readonly memoryMiB: number
}

async function read(folder: string, searches: readonly string[]): Promise<LogReading> {
  const crypto = nodeCrypto()
  const id = roomIdOf(ROOM_NAME, crypto)
  const signer = signerOf('reader')
  const startMs = performance.now()
  const { store } = await openLogStore(folder, { crypto })
  const config = { id, name: 'reader', lostAfterMs: 10_000 }
  const room = new Room(config, { log: store.room(id, ROOM_NAME), signer, crypto, random: Math.random })
  const now = { steady: performance.now(), wall: Date.now() }
  const shown = room.handle({ kind: 'opened', backlog: SHOWN }, now).length
  const openMs = performance.now() - startMs
  const found = searches.map(words => {
    const fromMs = performance.now()
    const { length } = store.archive.read({ room: id, limit: SHOWN, words })
    return { ms: performance.now() - fromMs, found: length }
  })
  const memoryMiB = residentMiB(process.pid)
  store.close()
  return { openMs, shown, searches: found, memoryMiB }
}

function tell(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

const [folder = '', ...searches] = process.argv.slice(2)
tell({ type: 'ready' })
await once(process.stdin, 'data')
tell({ type: 'read', ...(await read(folder, searches)) })
process.exit(0)
