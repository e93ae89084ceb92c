/** What Linux counts: CPU time, memory, bytes on the loopback, and how busy the whole machine is. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

/** Of `/proc`, whatever the kernel's own clock does. */
const TICKS_PER_SECOND = 100
/** Positions after the command's closing bracket in `/proc/PID/stat`: proc_pid_stat(5). */
const STAT = { userTime: 11, systemTime: 12, childrenUserTime: 13, childrenSystemTime: 14 }
/** Positions in the first line of `/proc/stat`: proc_stat(5). Idle and waiting for disks are not busy. */
const BUSY = { user: 1, nice: 2, system: 3, interrupts: 6, softInterrupts: 7, stolen: 8 }

/** CPU seconds of a process with all its threads; 0 once it is gone. */
export function cpuSeconds(pid: number): number {
  const fields = statFields(pid)
  return seconds(fields, [STAT.userTime, STAT.systemTime])
}

/** CPU seconds of this process and of all its children that have ended. */
export function ownCpuSeconds(): number {
  return seconds(statFields('self'), Object.values(STAT))
}

/** CPU seconds that all cores together were busy since the start of the machine. */
export function machineBusySeconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1)
  return seconds(line.split(/\s+/), Object.values(BUSY))
}

/** Resident memory in MiB; 0 once the process is gone. */
export function residentMiB(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]
  return Number(kibibytes ?? 0) / 1024
}

/** The most that it ever was. */
export function peakResidentMiB(pid: number): number {
  const kibibytes = /^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]
  return Number(kibibytes ?? 0) / 1024
}

/** Makes the kernel forget what it read of files, so that they are read from the disk again. False where it may not: it takes root. */
export function dropPageCache(): boolean {
  try {
    spawnSync('sync')
    writeFileSync('/proc/sys/vm/drop_caches', '1')
    return true
  } catch {
    return false
  }
}

/** Bytes sent over this network namespace's loopback, with all headers. */
export function loopbackBytes(): number {
  const counters = /^\s*lo:(.*)$/m.exec(read('/proc/self/net/dev'))?.[1] ?? ''
  const sent = counters.trim().split(/\s+/)[8]
  return Number(sent ?? 0)
}

function statFields(pid: number | 'self'): string[] {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function seconds(fields: readonly string[], positions: readonly number[]): number {
  const ticks = positions.reduce((sum, position) => sum + Number(fields[position] ?? 0), 0)
  return ticks / TICKS_PER_SECOND
}

/** Empty when there is no such process any more. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
