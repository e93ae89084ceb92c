/**
 * Reads as much of a room as there is, the oldest first, in memory for one page. All of it is read from one end to the
 * other. Where only some is wanted, the newest so many or what has some words, the way goes back first, to find out
 * where pages begin, and then forth. Nothing may be written meanwhile.
 */
import type { Position } from '../../protocol/order.ts'
import type { Archive, Kept, Query } from './log-store.ts'

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
