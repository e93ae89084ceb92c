/**
 * The texts that are measured: each says who wrote it when, so that any system that moves text can be measured from
 * outside. One process writes and reads all of them, so one clock times them.
 */

export interface Probe {
  /** Which measurement it belongs to; what comes late counts for none. */
  readonly phase: number
  /** Index of the writer in its group. */
  readonly sender: number
  /** From 0 for each writer and phase. */
  readonly seq: number
  /** `performance.now()` just before it was handed over, milliseconds. */
  readonly sentAtMs: number
}

/** Told of every probe read: by which process of its group, and when by `performance.now()`. */
export type Listener = (receiver: number, probe: Probe, atMs: number) => void

/** A chat message of three lines. */
const TEXT_CHARACTERS = 200
const MARK = 'bench|'
/** The mark and the fields are shorter than this. */
const HEAD_CHARACTERS = 80

/** A text of 200 ASCII characters, none of which JSON escapes. */
export function probeText({ phase, sender, seq, sentAtMs }: Probe): string {
  return `${MARK}${phase}|${sender}|${seq}|${sentAtMs.toFixed(3)}|`.padEnd(TEXT_CHARACTERS, 'x')
}

/** The probe in a line of output, whatever surrounds it. */
export function findProbe(line: string): Probe | undefined {
  const at = line.indexOf(MARK)
  if (at === -1) return undefined
  const head = line.slice(at, at + HEAD_CHARACTERS).split('|', 5)
  const [, phase, sender, seq, sentAtMs] = head.map(Number)
  if (phase === undefined || sender === undefined || seq === undefined || sentAtMs === undefined)
    return undefined
  return { phase, sender, seq, sentAtMs }
}
