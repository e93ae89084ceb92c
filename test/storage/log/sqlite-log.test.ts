/** The log on disk as a `RoomLog`. All its rooms share one database: what one does must not show in another. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { RoomId } from '../../../src/protocol/ids.ts'
import { openLogStore } from '../../../src/storage/log/sqlite/store.ts'
import { CountingCrypto } from '../../support/core-world.ts'
import { describeRoomLog } from './room-log.contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-log-'))
const { store } = await openLogStore(folder, { crypto: new CountingCrypto() })
let rooms = 0

afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

describeRoomLog('the log on disk', () => {
  const id = (++rooms).toString(16).padStart(32, '0') as RoomId
  return store.room(id, `room ${rooms}`)
})
