import { logIdOf } from '../../support/core-world.ts'
import { MemoryLog } from '../../support/memory-log/memory-log.ts'
import { describeRoomLog } from './room-log.contract.ts'

describeRoomLog('the log in memory', () => new MemoryLog(logIdOf(9)))
