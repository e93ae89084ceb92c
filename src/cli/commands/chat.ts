/**
 * A chat from start to end: the user's lines go into a session, its events to the surface, and every reason
 * to end (end of input, `/quit`, a signal, a reader that went away) leads to one proper goodbye.
 */
import type { Input } from '../../api/inputs.ts'
import type { Session } from '../../chat/session.ts'
import { ParleyError } from '../../common/errors.ts'
import type { Line } from '../input/lines.ts'
import { MAX_LINE_BYTES } from '../input/lines.ts'
import type { Surface } from '../output/surface.ts'

export interface ChatDeps {
  readonly surface: Surface
  readonly shutdown: Shutdown
  /** Parses one line of input; undefined if it asks for nothing. */
  readonly parse: (line: string) => Input | undefined
  /** Starts the session that emits to the surface. */
  readonly start: () => Promise<Session>
}

/** Runs the chat. Resolves with the exit code; rejects with what kept it from starting or showing. */
export function chat(deps: ChatDeps, deadlineMs = LEAVE_DEADLINE_MS): Promise<number> {
  const { shutdown } = deps
  const begun = Promise.withResolvers<void>()
  shutdown.asked.then(begun.resolve)
  return endInTime(runSession(deps, begun.resolve), begun.promise, shutdown.insisted, deadlineMs)
}

async function runSession(deps: ChatDeps, leave: () => void): Promise<void> {
  const { surface, shutdown } = deps
  try {
    const session = await deps.start()
    const broken = surface.broken.then(refuseUnlessQuiet)
    try {
      await Promise.race([session.closed, shutdown.asked, broken, performInputs(session, deps)])
    } finally {
      leave()
      await session.close()
    }
  } finally {
    leave()
    await surface.close()
  }
}

/** Carries out the user's inputs until there are no more, or `/quit`. */
async function performInputs(session: Session, { surface, parse }: ChatDeps): Promise<void> {
  for await (const batch of surface.lines) {
    const inputs = batch.map(line => inputOf(line, parse)).filter(input => input !== undefined)
    const quit = inputs.findIndex(input => input.kind === 'quit')
    const wanted = quit === -1 ? inputs : inputs.slice(0, quit + 1)
    // Started together: one fsync of the log serves all of them.
    await Promise.all(wanted.map(input => session.perform(input)))
    if (quit !== -1) return
    await surface.ready()
  }
  // nobody is there to write it again: what a script piped in must not end with the process
  await session.settled()
}

function inputOf(line: Line, parse: ChatDeps['parse']): Input | undefined {
  if (line.kind === 'line') return parse(line.text)
  return {
    kind: 'invalid',
    code: 'line-too-long',
    text: `a line of more than ${MAX_LINE_BYTES} bytes was skipped`,
    remedy: 'Send it in parts',
  }
}

// Shutdown requests: the first one ends politely, the second one at once. Signals and Ctrl-C at a prompt
// count alike.

/** The contract says 3 seconds from the first signal to the exit; the rest is for ending the process. */
export const LEAVE_DEADLINE_MS = 2_800

export class Shutdown {
  readonly #first = Promise.withResolvers<void>()
  readonly #second = Promise.withResolvers<void>()
  #count = 0

  /** Resolves when the program was asked to end. */
  get asked(): Promise<void> {
    return this.#first.promise
  }

  /** Resolves when it was asked again. */
  get insisted(): Promise<void> {
    return this.#second.promise
  }

  /** Counts one request. */
  readonly ask = (): void => {
    this.#count += 1
    if (this.#count === 1) this.#first.resolve()
    else this.#second.resolve()
  }
}

/**
 * Runs a command's work until it ends: 0 when `work` resolves or takes longer than the deadline after `begun`
 * (the start of leaving), 130 at once when the user insists. Rejects as `work` does.
 */
export async function endInTime(
  work: Promise<void>,
  begun: Promise<void>,
  insisted: Promise<void>,
  deadlineMs: number,
): Promise<number> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  begun.then(() => {
    timer = setTimeout(resolve, deadlineMs).unref()
  })
  try {
    return await Promise.race([work.then(() => 0), late.then(() => 0), insisted.then(() => 130)])
  } finally {
    clearTimeout(timer)
  }
}

// Errors of standard output.

/** The errors of a pipe whose reader went away. */
const QUIET_CODES = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']

/** A reader that ends first, as `head` does, is no failure; an error of the output itself is. */
export function refuseUnlessQuiet(cause: Error): void {
  const code = 'code' in cause ? String(cause.code) : 'EPIPE'
  if (QUIET_CODES.includes(code)) return
  throw new ParleyError(
    'output-failed',
    `standard output can't be written (${cause.message})`,
    'Check where it leads; what was sent is in the log',
    { cause },
  )
}
