/**
 * A chat from its start to its end: the user's lines go into a session, its events to the surface, and whatever
 * asks for the end (end of input, `/quit`, a signal, a reader that went away) leads to one proper goodbye.
 */

import type { Input } from '../../api/inputs.ts'
import type { Session } from '../../chat/app-session.ts'
import { type Line, MAX_LINE_BYTES } from '../input/lines.ts'
import type { Surface } from '../output/surface.ts'
import { refuseUnlessQuiet } from './broken-output.ts'
import { endInTime, LEAVE_DEADLINE_MS, type Leaving } from './leaving.ts'

export interface ChatDeps {
  readonly surface: Surface
  readonly leaving: Leaving
  /** One line of input, understood; undefined if it asks for nothing. */
  readonly parse: (line: string) => Input | undefined
  /** Starts the session that emits to the surface. */
  readonly start: () => Promise<Session>
}

/** Runs the chat. Resolves with the exit code; rejects with what kept it from starting or showing. */
export function chat(deps: ChatDeps, deadlineMs = LEAVE_DEADLINE_MS): Promise<number> {
  const { leaving } = deps
  const begun = Promise.withResolvers<void>()
  leaving.asked.then(begun.resolve)
  return endInTime(converse(deps, begun.resolve), begun.promise, leaving.insisted, deadlineMs)
}

async function converse(deps: ChatDeps, leave: () => void): Promise<void> {
  const { surface, leaving } = deps
  try {
    const session = await deps.start()
    const broken = surface.broken.then(refuseUnlessQuiet)
    try {
      await Promise.race([session.closed, leaving.asked, broken, feed(session, deps)])
    } finally {
      leave()
      await session.close()
    }
  } finally {
    leave()
    await surface.close()
  }
}

/** Carries out what the user writes, until there is no more or `/quit`. */
async function feed(session: Session, { surface, parse }: ChatDeps): Promise<void> {
  for await (const batch of surface.lines) {
    const inputs = batch.map(line => inputOf(line, parse)).filter(input => input !== undefined)
    const quit = inputs.findIndex(input => input.kind === 'quit')
    const wanted = quit === -1 ? inputs : inputs.slice(0, quit + 1)
    // Started together: one round of the log's fsync serves all of them.
    await Promise.all(wanted.map(input => session.perform(input)))
    if (quit !== -1) return
    await surface.ready()
  }
  // nobody is there to write it again: what a script piped in should not end with the process
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
