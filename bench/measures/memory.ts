/** Resident memory of processes in a room of four that does nothing, all systems at the same time. */
import { setTimeout as wait } from 'node:timers/promises'
import { Group } from '../group.ts'
import { residentMiB } from '../kernel.ts'
import type { Round } from '../round.ts'
import type { System } from '../system.ts'

const PEERS = 4

export async function measureMemory(round: Round): Promise<void> {
  await round.load.during('memory', async () => {
    await using groups = new AsyncDisposableStack()
    const gathered: Group[] = []
    for (const system of round.systems) {
      const group = await gather(system, round)
      if (group !== undefined) gathered.push(groups.use(group))
    }
    await wait(round.options.idleSeconds * 1_000)
    for (const group of gathered) noteMemory(group, round)
  })
}

async function gather(system: System, round: Round): Promise<Group | undefined> {
  try {
    return await Group.gather(system, round.workshop, PEERS)
  } catch (cause) {
    round.fail(`memory of ${system.name}`, cause)
    return undefined
  }
}

function noteMemory({ system, helper, programs }: Group, round: Round): void {
  const note = (row: string, value: number | undefined): void => {
    round.note({ measure: 'memory', table: 'memory', row, column: system.name, value })
  }
  for (const { pid } of programs) note('idle peer, MiB', residentMiB(pid))
  note('idle helper, MiB', helper && residentMiB(helper.pid))
}
