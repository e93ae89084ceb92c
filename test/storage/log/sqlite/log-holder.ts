/**
 * Opens the log of the folder named by its argument in a process of its own and does what the second one says:
 *
 *     open        opens and closes it
 *     write       writes messages for ever, one a commit, and says a line for each that is safe
 *     roll back   takes messages back, commits something else, says so, and waits
 *     remove      removes the last message again, says so, and waits
 *
 * It says in one JSON line what came of opening. Tests start it, kill it, and take away its rights and its disk.
 */
import { writeSync } from 'node:fs'
import { ParleyError } from '../../../../src/common/errors.ts'
import type { RoomLog } from '../../../../src/room/log.ts'
import { ROOM } from '../../../support/core-world.ts'
import { appendAll, opening, Scribe } from '../log-kit.ts'

const [folder = '', act = 'open'] = process.argv.slice(2)

function say(what: unknown): void {
  writeSync(1, `${JSON.stringify(what)}\n`)
}

function write(log: RoomLog): never {
  const scribe = new Scribe(`writer ${process.pid}`)
  for (;;) {
    const said = scribe.said('x'.repeat(500), { log: log.logId })
    appendAll(log, [said])
    log.commit()
    say({ safe: said.id, seq: said.seq, author: said.author })
  }
}

function rollBack(log: RoomLog): void {
  appendAll(log, new Scribe('ann').many(5))
  log.rollback()
  log.save({ author: new Scribe('bo').author, log: log.logId, heads: [], base: 0, closedAt: 1 })
  log.commit()
}

function remove(log: RoomLog): void {
  const all = new Scribe('ann').many(5)
  appendAll(log, all)
  log.commit()
  const last = all.at(-1)
  if (last !== undefined) log.remove(last.id)
  log.commit()
}

/** Until somebody kills it. */
function wait(): Promise<never> {
  setInterval(() => {}, 1_000_000)
  return new Promise(() => {})
}

try {
  const { store, notices } = await opening(folder)
  const log = store.room(ROOM, 'tea')
  store.commit()
  say({ opened: log.logId, notices })
  if (act === 'write') write(log)
  if (act === 'roll back') rollBack(log)
  if (act === 'remove') remove(log)
  say({ done: act })
  if (act !== 'open') await wait()
  store.close()
} catch (error) {
  const { code, message, remedy } = error as ParleyError
  say({ refused: error instanceof ParleyError, code, message, remedy })
}
