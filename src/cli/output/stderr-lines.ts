/** Lines for standard error, in bounded memory: a terminal that isn't read keeps nothing else waiting. */
import type { Io } from '../io.ts'

/** UTF-16 units that may wait: some thousand lines. What comes beyond is lost; it is a log, and no message. */
const MAX_WAITING = 1_048_576

/** What writes a line without its end. */
export function stderrLines({ stderr }: Pick<Io, 'stderr'>): (line: string) => void {
  return line => {
    if (stderr.writableLength < MAX_WAITING) stderr.write(`${line}\n`)
  }
}
