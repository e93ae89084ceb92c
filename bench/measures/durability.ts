/**
 * What it adds to a delivery that the log is durable: the same group with its logs on the disk and in memory, where
 * nothing has to be waited for. A message waits for a disk twice: at its author before it is sent, and at its reader
 * before it is shown.
 */
import { Group } from '../group.ts'
import type { Round } from '../round.ts'
import { LOG_IN_MEMORY, LOG_ON_DISK, PARLEY } from '../system.ts'
import { measureLatency } from './talk.ts'

const PEERS = 4

export async function measureDurability(round: Round): Promise<void> {
  const { folder, memory } = round.workshop
  const places = [
    { column: LOG_ON_DISK, folder },
    ...(memory === undefined ? [] : [{ column: LOG_IN_MEMORY, folder: memory }]),
  ]
  // none always goes first
  const ordered = round.run % 2 === 0 ? places.toReversed() : places
  for (const { column, folder } of ordered) {
    try {
      await measurePlace(round, column, folder)
    } catch (cause) {
      round.fail(`latency with the ${column}`, cause)
    }
  }
}

async function measurePlace(round: Round, column: string, folder: string): Promise<void> {
  const system = round.systems.find(({ name }) => name === PARLEY)
  if (system === undefined) return
  round.tell(`  ${PEERS} processes, ${column}`)
  await using group = await Group.gather(system, { ...round.workshop, folder }, PEERS)
  await measureLatency(group, round, { measure: 'log', table: `delivery, ${PEERS} processes`, column })
}
