/**
 * The log of a data folder for somebody who only wants to read: no identity is needed, and nothing is made where there
 * is nothing. The folder is held meanwhile like by any other program.
 */
import { existsSync } from 'node:fs'
import { ParleyError } from '../../common/errors.ts'
import { HELD, lockFolder } from '../folder-lock.ts'
import type { Archive } from './log-store.ts'
import { type LogNotice, type LogStoreDeps, logPath, openLogStore } from './sqlite/store.ts'

export interface LogReader extends AsyncDisposable {
  readonly archive: Archive
  readonly notices: readonly LogNotice[]
}

/**
 * Opens the log for reading. `who` tells people who holds the folder. Throws a `ParleyError` when there is no log, when
 * another program holds the folder, and when the log can't be used.
 */
export async function openLogReader(folder: string, who: string, deps: LogStoreDeps): Promise<LogReader> {
  if (!existsSync(logPath(folder))) throw missing(folder)
  const lock = await lockFolder(folder, who).catch(refuse)
  try {
    const { store, notices } = await openLogStore(folder, deps)
    async function close(): Promise<void> {
      store.close()
      await lock.release()
    }
    return { archive: store.archive, notices, [Symbol.asyncDispose]: close }
  } catch (error) {
    await lock.release()
    throw error
  }
}

function missing(folder: string): ParleyError {
  return new ParleyError(
    'log-missing',
    `no messages are kept in ${folder}`,
    'Join a room first (parley join ROOM), or name the right folder with --data.',
  )
}

/** Who chats in another window need not end that to look something up. */
function refuse(error: unknown): never {
  if (!(error instanceof ParleyError) || error.code !== HELD) throw error
  throw new ParleyError(
    error.code,
    error.message,
    'Read the log in that program, with /history and /search, or end it first.',
    { cause: error },
  )
}
