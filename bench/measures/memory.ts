/** What processes cost that only are in a room, of four that says nothing: all systems at the same time. */
import { setTimeout as wait } from 'node:timers/promises'
import { Group } from '../group.ts'
import { cpuSeconds, residentMiB } from '../kernel.ts'
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
    const noteAll = gathered.map(group => noteRest(group, round))
    await wait(round.options.idleSeconds * 1_000)
    for (const note of noteAll) note()
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

/** Begins a rest; returns what ends it and notes its cost. */
function noteRest({ system, helper, programs }: Group, round: Round): () => void {
  const before = programs.map(({ pid }) => cpuSeconds(pid))
  const startMs = performance.now()
  const note = (row: string, value: number | undefined): void => {
    round.note({ measure: 'memory', table: 'at rest', row, column: system.name, value })
  }
  return () => {
    const seconds = (performance.now() - startMs) / 1_000
    for (const [at, { pid }] of programs.entries()) {
      note('memory of a peer, MiB', residentMiB(pid))
      note('CPU of a peer, % of a core', ((cpuSeconds(pid) - (before[at] ?? 0)) / seconds) * 100)
    }
    note('memory of the helper, MiB', helper && residentMiB(helper.pid))
  }
}
