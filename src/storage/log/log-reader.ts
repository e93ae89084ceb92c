/**
 * Read-only access to the log of a data folder: no identity is needed, and nothing is created. The folder is
 * locked meanwhile, as by any other program.
 */

import { existsSync } from 'node:fs'
import { ParleyError } from '../../common/errors.ts'
import type { Position } from '../../protocol/envelope.ts'
import { HELD_CODE, lockFolder } from '../folder-lock.ts'
import type { Archive, Query, StoredWithState } from './log-store.ts'
import type { LogNotice, LogStoreDeps } from './sqlite/store.ts'
import { logPath, openLogStore } from './sqlite/store.ts'

export interface LogReader extends AsyncDisposable {
  readonly archive: Archive
  readonly notices: readonly LogNotice[]
}

/**
 * Opens the log for reading. `who` names this program to others. Throws a `ParleyError` if there is no log,
 * if another program uses the folder, or if the log can't be used.
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

/** A user with a running chat needn't end it to look something up. */
function refuse(error: unknown): never {
  if (!(error instanceof ParleyError) || error.code !== HELD_CODE) throw error
  throw new ParleyError(
    error.code,
    error.message,
    'Read the log in that program, with /history and /search, or end it first.',
    { cause: error },
  )
}

// Pages of a room's messages, oldest first, in memory for one page. A full read goes from one end to the
// other. If only the newest messages or search results are wanted, it first goes backwards to find where
// pages begin, and then forwards. Nothing may be written meanwhile.

/** Messages on a page: a few megabytes if all have the longest text. */
const PAGE = 512

type Pages = Generator<readonly StoredWithState[], void>

/**
 * All messages that match a query, in order, page by page, without empty pages. The limit may be infinite.
 */
export function pagesOf(archive: Archive, query: Query, size = PAGE): Pages {
  const { words, before, limit } = query
  const isWhole = words === undefined && before === undefined && limit === Number.POSITIVE_INFINITY
  return isWhole ? forwardPages(archive, query, size) : pagesByBoundaries(archive, query, size)
}

function* forwardPages(archive: Archive, { room, since = 0 }: Query, size: number): Pages {
  let page = archive.readForward({ room, since, limit: size })
  while (page.length > 0) {
    yield page
    const last = page.at(-1)
    if (last === undefined || page.length < size) return
    page = archive.readForward({ room, since, after: last, limit: size })
  }
}

interface PageBoundary {
  readonly before: Position | undefined
  readonly limit: number
}

function* pagesByBoundaries(archive: Archive, query: Query, size: number): Pages {
  const read = ({ before, limit }: PageBoundary) =>
    archive.read({ ...query, ...(before && { before }), limit })
  const behind: PageBoundary[] = []
  let page: PageBoundary = { before: query.before, limit: Math.min(query.limit, size) }
  let messages = read(page)
  for (let left = query.limit - messages.length; left > 0 && messages.length === size; ) {
    const { ts, id } = messages[0] as StoredWithState
    const older: PageBoundary = { before: { ts, id }, limit: Math.min(left, size) }
    const found = read(older)
    if (found.length === 0) break
    behind.push(page)
    page = older
    messages = found
    left -= found.length
  }
  if (messages.length > 0) yield messages
  for (const next of behind.toReversed()) yield read(next)
}
