/**
 * Opens the log of the folder named by its argument in a process of its own and does what the second one says:
 *
 *     write   writes messages for ever, one a commit, and says a line for each that is safe
 *     open    opens and closes it
 *
 * It says in one JSON line what came of opening. Tests start it, kill it, and take away its rights and its disk.
 */
import { writeSync } from 'node:fs'
import { ParleyError } from '../../../src/core/parley-error.ts'
import { ROOM } from '../../support/core-world.ts'
import { appendAll, opening, Scribe } from './log-kit.ts'

const [folder = '', act = 'open'] = process.argv.slice(2)

function say(what: unknown): void {
  writeSync(1, `${JSON.stringify(what)}\n`)
}

try {
  const { store, notices } = await opening(folder)
  const log = store.room(ROOM, 'tea')
  store.commit()
  say({ opened: log.logId, notices })
  if (act === 'write') {
    const scribe = new Scribe(`writer ${process.pid}`)
    for (;;) {
      const said = scribe.said('x'.repeat(500), { log: log.logId })
      appendAll(log, [said])
      store.commit()
      say({ safe: said.id, seq: said.seq, author: said.author })
    }
  }
  store.close()
} catch (error) {
  const { code, message, remedy } = error as ParleyError
  say({ refused: error instanceof ParleyError, code, message, remedy })
}
