/**
 * Messages looked up in the log, for `/history` and `/search`: the newest that fit, in bounded memory.
 */

import type { Recalled } from '../../api/events.ts'
import { contentOf, KIND } from '../../protocol/content.ts'
import type { PeerKey, RoomId } from '../../protocol/ids.ts'
import type { Told } from '../../room/events.ts'
import { standingOf } from '../../room/messages/standing.ts'
import type { Archive, Kept, Query } from '../../storage/log/log-store.ts'
import type { OpenRoom } from '../open-rooms.ts'
import { type QuoteContext, quoteOf, wholeOf } from '../quotes.ts'

/** Messages read at a time. */
const PAGE = 512
/** Characters of texts in one answer: thousands of ordinary messages, and no more than a terminal can take. */
const MAX_UNITS = 4_194_304

/** Newest messages that are looked through for the names of people who aren't here. */
const NAMED_IN = 1_024

/** A room's messages in the log, and how they are shown. */
export interface RecallContext extends QuoteContext {
  readonly archive: Archive
  readonly room: RoomId
}

/** Messages of the log as they are shown, without those of a kind that isn't. */
export function recalledOf(page: readonly Kept[], context: RecallContext): readonly Recalled[] {
  const told = page.flatMap(kept => toldOf(kept) ?? [])
  const refs = told.flatMap(({ standing: { said } }) => (said.kind === 'reply' ? said.ref : []))
  const answered = context.archive.find(context.room, refs)
  return told.map(one => {
    const { said } = one.standing
    const kept = said.kind === 'reply' ? answered.get(said.ref) : undefined
    const replied = kept && toldOf(kept)
    return { ...wholeOf(one, context), ...(replied && { replied: quoteOf(replied, context) }) }
  })
}

function toldOf(kept: Kept): Told | undefined {
  const standing = kept.standing ?? standingOf(kept, [])
  return standing && { envelope: kept, standing }
}

/** What a query finds, without the people whose messages aren't wanted; of very long texts only the newest. */
export function recall(query: Omit<Query, 'room'>, context: RecallContext): readonly Recalled[] {
  const { archive, room } = context
  const found: Recalled[] = []
  let { before } = query
  let units = 0
  for (let left = query.limit; left > 0; ) {
    const limit = Math.min(left, PAGE)
    const page = archive.read({ ...query, room, ...(before && { before }), limit })
    const heard = page.filter(({ author }) => context.isIgnored?.(author) !== true)
    for (const recalled of recalledOf(heard, context).toReversed()) {
      units += recalled.text.length
      if (units > MAX_UNITS) return found.reverse()
      found.push(recalled)
    }
    if (page.length < limit) break
    before = page[0]
    left -= page.length
  }
  return found.reverse()
}

/** Under which names people wrote the newest messages of a room. */
export function lastNames(archive: Archive, room: RoomId): ReadonlyMap<PeerKey, string> {
  const names = new Map<PeerKey, string>()
  for (const envelope of archive.read({ room, limit: NAMED_IN })) {
    const content = contentOf(envelope)
    if ('name' in content) names.set(envelope.author, content.name)
  }
  return names
}

/** The nth newest block of program output, from 1, of those that aren't hidden. */
export function nthBlock({ runtime }: OpenRoom, nth: number, context: QuoteContext): Recalled | undefined {
  const isHidden = (author: PeerKey): boolean => context.isIgnored?.(author) === true
  const told = runtime.room.nth(nth, ({ kind, author }) => kind === KIND.code && !isHidden(author))
  return told && wholeOf(told, context)
}
