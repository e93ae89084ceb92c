/** What to make of a standard output that can't be written any more. */
import { ParleyError } from '../../common/errors.ts'

/** How a pipe says that its reader went away. */
const QUIET = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']

/** A reader that ends before us, as `head` does, is no failure: only an error of the output itself is. */
export function refuseUnlessQuiet(cause: Error): void {
  const code = 'code' in cause ? String(cause.code) : 'EPIPE'
  if (QUIET.includes(code)) return
  throw new ParleyError(
    'output-failed',
    `standard output can't be written (${cause.message})`,
    'Check where it leads; what was sent is in the log',
    { cause },
  )
}
