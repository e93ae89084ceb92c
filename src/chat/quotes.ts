/** Messages as events carry them, with what became of them: whole, or quoted by others. */

import type { Quote, Recalled } from '../api/events.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { PeerKey } from '../protocol/ids.ts'
import type { Told } from '../room/events.ts'
import type { Reaction } from '../room/messages/standing.ts'
import type { Directory } from './peer-labels.ts'

export interface QuoteContext {
  readonly self: PeerKey
  readonly directory: Directory
  /** True for people of whom the user doesn't want to see anything. */
  readonly isIgnored?: (author: PeerKey) => boolean
}

/** UTF-16 units of a text that are quoted: some lines. */
const MAX_QUOTED = 300

/** The message with all that is shown of it. */
export function wholeOf({ envelope, standing }: Told, context: QuoteContext): Recalled {
  const { said, edited, deleted } = standing
  const reactions = standing.reactions.filter(({ author }) => !context.isIgnored?.(author))
  return {
    ...writtenBy(envelope, context),
    name: said.name,
    text: said.text,
    action: said.kind === 'action',
    sentAt: envelope.ts,
    ...(said.kind === 'code' && { code: true }),
    ...(said.kind === 'reply' && { replyTo: said.ref }),
    ...(edited && { editedAt: edited.ts }),
    ...(deleted && { deletedAt: deleted.ts }),
    ...(reactions.length > 0 && { reactions: reactions.map(reaction => reactionOf(reaction, context)) }),
  }
}

/** What a user needs to see of a message to know which it is. */
export function quoteOf({ envelope, standing: { said } }: Told, context: QuoteContext): Quote {
  const text =
    context.isIgnored?.(envelope.author) === true ? '' : said.text.slice(0, MAX_QUOTED).toWellFormed()
  return { ...writtenBy(envelope, context), name: said.name, sentAt: envelope.ts, text }
}

function writtenBy({ id, author }: Envelope, { self, directory }: QuoteContext) {
  return { id, peer: directory.of(author).peer, own: author === self }
}

function reactionOf({ author, name, emoji }: Reaction, { directory }: QuoteContext) {
  return { peer: directory.of(author).peer, name, emoji }
}
