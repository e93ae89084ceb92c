/**
 * Gives the space of pruned messages back to the disk, a little at a time. Some stays in the file: a log that is
 * pruned at its end is written at its other end.
 */
import type { Session } from './transactions.ts'

/** Free pages of 4 KiB that stay in the file. */
const KEPT_PAGES = 1_024

/** Pages given back for each message: more than most take. Each may cost moving another one. */
const PAGES_PER_MESSAGE = 1

/** Does its part for so many messages that were deleted in this transaction. */
export function shrink(session: Session, deleted: number): void {
  const free = session.prepare('PRAGMA freelist_count')
  const pages = Number(session.read(() => free.get())?.['freelist_count'])
  if (pages <= KEPT_PAGES) return
  const count = Math.min(deleted * PAGES_PER_MESSAGE, pages - KEPT_PAGES)
  session.write(() => session.run(`PRAGMA incremental_vacuum(${count})`))
}
