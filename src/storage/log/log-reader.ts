/**
 * The log of a data folder for somebody who only wants to read: no identity is needed, and nothing is made where there
 * is nothing. The folder is held meanwhile like by any other program.
 */

import { existsSync } from 'node:fs'
import { ParleyError } from '../../common/errors.ts'
import type { Position } from '../../protocol/envelope.ts'
import { HELD, lockFolder } from '../folder-lock.ts'
import type { Archive, Kept, Query } from './log-store.ts'
import type { LogNotice, LogStoreDeps } from './sqlite/store.ts'
import { logPath, openLogStore } from './sqlite/store.ts'

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

// Reads as much of a room as there is, the oldest first, in memory for one page. All of it is read from one end to the
// other. Where only some is wanted, the newest so many or what has some words, the way goes back first, to find out
// where pages begin, and then forth. Nothing may be written meanwhile.

/** Messages on a page: of the longest texts some megabytes. */
const PAGE = 512

type Pages = Generator<readonly Kept[], void>

/**
 * All messages that a query asks for, in their order, page by page; none of the pages is empty. Its limit may be
 * infinite.
 */
export function pagesOf(archive: Archive, query: Query, size = PAGE): Pages {
  const { words, before, limit } = query
  const isWhole = words === undefined && before === undefined && limit === Number.POSITIVE_INFINITY
  return isWhole ? onward(archive, query, size) : backAndForth(archive, query, size)
}

function* onward(archive: Archive, { room, since = 0 }: Query, size: number): Pages {
  let page = archive.readOn({ room, since, limit: size })
  while (page.length > 0) {
    yield page
    const last = page.at(-1)
    if (last === undefined || page.length < size) return
    page = archive.readOn({ room, since, after: last, limit: size })
  }
}

interface Page {
  readonly before: Position | undefined
  readonly limit: number
}

function* backAndForth(archive: Archive, query: Query, size: number): Pages {
  const read = ({ before, limit }: Page) => archive.read({ ...query, ...(before && { before }), limit })
  const behind: Page[] = []
  let page: Page = { before: query.before, limit: Math.min(query.limit, size) }
  let messages = read(page)
  for (let left = query.limit - messages.length; left > 0 && messages.length === size; ) {
    const { ts, id } = messages[0] as Kept
    const older: Page = { before: { ts, id }, limit: Math.min(left, size) }
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
