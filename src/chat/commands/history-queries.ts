/**
 * Queries of the log, for `/history` and `/search`: the newest messages that match, in bounded memory.
 */
import type { Recalled, UiEvent } from '../../api/events.ts'
import type { Input } from '../../api/inputs.ts'
import { contentOf, KIND } from '../../protocol/content.ts'
import type { MessageId, PeerKey, RoomId } from '../../protocol/ids.ts'
import type { MessageWithState } from '../../room/events.ts'
import { messageStateOf } from '../../room/messages/amendments.ts'
import type { Archive, Query, StoredWithState } from '../../storage/log/log-store.ts'
import type { OpenRoom } from '../open-rooms.ts'
import type { QuoteContext } from '../room-notices.ts'
import { fullMessageOf, quoteOf } from '../room-notices.ts'
import type { Rooms } from '../rooms.ts'

/** Messages read at a time. */
const PAGE = 512
/**
 * UTF-16 units of text in one answer: thousands of ordinary messages, and no more than a terminal can take.
 */
const MAX_UNITS = 4_194_304

/** Newest messages that are searched for the names of absent people. */
const NAME_SEARCH_COUNT = 1_024

/** A room's messages in the log, and how they are shown. */
export interface HistoryContext extends QuoteContext {
  readonly archive: Archive
  readonly room: RoomId
}

/** Stored messages as they are shown, without unknown kinds. */
export function shownMessagesOf(
  page: readonly StoredWithState[],
  context: HistoryContext,
): readonly Recalled[] {
  const told = page.flatMap(kept => withStateOf(kept) ?? [])
  const refs = told.flatMap(({ state: { said } }) => (said.kind === 'reply' ? said.ref : []))
  const answered = context.archive.find(context.room, refs)
  return told.map(one => {
    const { said } = one.state
    const kept = said.kind === 'reply' ? answered.get(said.ref) : undefined
    const replied = kept && withStateOf(kept)
    return { ...fullMessageOf(one, context), ...(replied && { replied: quoteOf(replied, context) }) }
  })
}

function withStateOf(kept: StoredWithState): MessageWithState | undefined {
  const state = kept.state ?? messageStateOf(kept, [])
  return state && { envelope: kept, state }
}

/** The result of a query, without ignored people; of very long texts only the newest. */
function queryHistory(query: Omit<Query, 'room'>, context: HistoryContext): readonly Recalled[] {
  const { archive, room } = context
  const found: Recalled[] = []
  let { before } = query
  let units = 0
  for (let left = query.limit; left > 0; ) {
    const limit = Math.min(left, PAGE)
    const page = archive.read({ ...query, room, ...(before && { before }), limit })
    const heard = page.filter(({ author }) => context.isIgnored?.(author) !== true)
    for (const recalled of shownMessagesOf(heard, context).toReversed()) {
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

/** The names under which people wrote the newest messages of a room. */
export function lastNames(archive: Archive, room: RoomId): ReadonlyMap<PeerKey, string> {
  const names = new Map<PeerKey, string>()
  for (const envelope of archive.read({ room, limit: NAME_SEARCH_COUNT })) {
    const content = contentOf(envelope)
    if ('name' in content) names.set(envelope.author, content.name)
  }
  return names
}

/** The nth newest block of program output, from 1, that isn't hidden. */
function nthBlock({ runner }: OpenRoom, nth: number, context: QuoteContext): Recalled | undefined {
  const isHidden = (author: PeerKey): boolean => context.isIgnored?.(author) === true
  const told = runner.room.nth(nth, ({ kind, author }) => kind === KIND.code && !isHidden(author))
  return told && fullMessageOf(told, context)
}

// Answers queries about a room's messages: the last ones, search results, a block.

/** The most messages that one search shows. */
const MAX_RESULTS = 500

const COUNT = new Intl.NumberFormat('en')

export class HistoryQueries {
  readonly #rooms: Rooms
  readonly #replies: Replies

  constructor(rooms: Rooms, tell: Replies) {
    this.#rooms = rooms
    this.#replies = tell
  }

  history(room: OpenRoom, count: number): void {
    const messages = this.#query(room, { limit: count })
    const last =
      messages.length === 1 ? 'the last message' : `the last ${COUNT.format(messages.length)} messages`
    const text = messages.length === 0 ? `nothing was said in ${room.name} yet` : `${last} of ${room.name}`
    this.#replies.notice('history', text, { room: room.name, messages })
  }

  /** Resolves when it is answered. */
  async search(room: OpenRoom, words: string): Promise<void> {
    await this.#rooms.log.eventLoop.completeIndex()
    const messages = this.#query(room, { words, limit: MAX_RESULTS })
    const count = messages.length === 1 ? '1 message' : `${COUNT.format(messages.length)} messages`
    const most = messages.length === MAX_RESULTS ? 'the newest ' : ''
    const verb = messages.length === 1 ? 'has' : 'have'
    const text =
      messages.length === 0
        ? `nothing found in ${room.name}`
        : `${most}${count} of ${room.name} that ${verb} "${words}"`
    this.#replies.notice('search', text, { room: room.name, messages })
  }

  expand(room: OpenRoom, nth: number): void {
    const block = nthBlock(room, nth, this.#context)
    if (block === undefined) {
      const what = nth === 1 ? 'no block' : `no ${nth} blocks`
      this.#replies.error(
        'no-block',
        `${room.name} has ${what} of program output`,
        'They come from parley send --code.',
      )
      return
    }
    this.#replies.notice('expand', `the block in ${room.name}`, { room: room.name, messages: [block] })
  }

  #query(room: OpenRoom, wanted: Omit<Query, 'room'>): readonly Recalled[] {
    const { archive } = this.#rooms.log.store
    return queryHistory(wanted, { ...this.#context, archive, room: room.id })
  }

  get #context(): QuoteContext {
    const { labels, ignored, selfKey } = this.#rooms
    return { labels, self: selfKey, isIgnored: author => ignored.has(author) }
  }
}

// Earlier messages for a screen that scrolls back: read page by page.

/** The answer: a notice with the messages, in order; empty if there are none before. */
export function earlierNotice(
  { room: name, before, count }: Extract<Input, { kind: 'earlier' }>,
  rooms: Rooms,
): UiEvent {
  const room = rooms.get(name)
  const { labels, ignored, log, selfKey } = rooms
  const isIgnored = (author: PeerKey): boolean => ignored.has(author)
  const { archive } = log.store
  const place = { ts: before.sentAt, id: before.id as MessageId }
  const context = room && { archive, room: room.id, labels, self: selfKey, isIgnored }
  const messages = context === undefined ? [] : queryHistory({ limit: count, before: place }, context)
  return {
    type: 'notice',
    code: 'earlier',
    text: `${messages.length} earlier messages`,
    room: name,
    messages,
  }
}

// Answers to the user: notices, and errors with a remedy.

export class Replies {
  readonly #emit: (event: UiEvent) => void

  constructor(emit: (event: UiEvent) => void) {
    this.#emit = emit
  }

  /** `text` is for people, `detail` for programs. */
  notice(code: string, text: string, detail: Readonly<Record<string, unknown>>): void {
    this.#emit({ ...detail, type: 'notice', code, text })
  }

  error(code: string, text: string, remedy: string): void {
    this.#emit({ type: 'error', code, text, remedy })
  }
}
