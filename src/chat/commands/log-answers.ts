/** Answers questions about what was said in a room, from the log: the last messages, those that a search finds, a block. */

import type { Recalled } from '../../api/events.ts'
import type { Query } from '../../storage/log/log-store.ts'
import type { OpenRoom } from '../open-rooms.ts'
import type { QuoteContext } from '../quotes.ts'
import type { Rooms } from '../rooms.ts'
import { nthBlock, recall } from './history-queries.ts'
import type { Teller } from './replies.ts'

/** Messages that one search shows at most. */
const MAX_FOUND = 500

const COUNT = new Intl.NumberFormat('en')

export class LogAnswers {
  readonly #rooms: Rooms
  readonly #tell: Teller

  constructor(rooms: Rooms, tell: Teller) {
    this.#rooms = rooms
    this.#tell = tell
  }

  history(room: OpenRoom, count: number): void {
    const messages = this.#recall(room, { limit: count })
    const last =
      messages.length === 1 ? 'the last message' : `the last ${COUNT.format(messages.length)} messages`
    const text = messages.length === 0 ? `nothing was said in ${room.name} yet` : `${last} of ${room.name}`
    this.#tell.notice('history', text, { room: room.name, messages })
  }

  /** Resolves when it is answered. */
  async search(room: OpenRoom, words: string): Promise<void> {
    await this.#rooms.log.turns.catchUp()
    const messages = this.#recall(room, { words, limit: MAX_FOUND })
    const count = messages.length === 1 ? '1 message' : `${COUNT.format(messages.length)} messages`
    const most = messages.length === MAX_FOUND ? 'the newest ' : ''
    const verb = messages.length === 1 ? 'has' : 'have'
    const text =
      messages.length === 0
        ? `nothing found in ${room.name}`
        : `${most}${count} of ${room.name} that ${verb} "${words}"`
    this.#tell.notice('search', text, { room: room.name, messages })
  }

  expand(room: OpenRoom, nth: number): void {
    const block = nthBlock(room, nth, this.#context)
    if (block === undefined) {
      const what = nth === 1 ? 'no block' : `no ${nth} blocks`
      this.#tell.error(
        'no-block',
        `${room.name} has ${what} of program output`,
        'They come from parley send --code.',
      )
      return
    }
    this.#tell.notice('expand', `the block in ${room.name}`, { room: room.name, messages: [block] })
  }

  #recall(room: OpenRoom, wanted: Omit<Query, 'room'>): readonly Recalled[] {
    const { archive } = this.#rooms.log.store
    return recall(wanted, { ...this.#context, archive, room: room.id })
  }

  get #context(): QuoteContext {
    const { directory, ignored, selfKey } = this.#rooms
    return { directory, self: selfKey, isIgnored: author => ignored.has(author) }
  }
}
