import { MemoryLog } from '../../src/store/memory-log.ts'
import { logIdOf } from '../support/core-world.ts'
import { describeRoomLog } from './room-log.contract.ts'

describeRoomLog('the log in memory', () => new MemoryLog(logIdOf(9)))
