/**
 * What becomes of a message, told a second time, straight from the words of docs/protocol.md and without any index: all
 * that anybody keeps is looked through for each message. The core's way (room/messages/standing.ts, room/messages/amendments.ts, and the
 * log's index) must come to the same.
 */
import { amendmentIn, saidIn } from '../../src/protocol/content.ts'
import type { Envelope, Position } from '../../src/protocol/envelope.ts'
import { compare } from '../../src/protocol/envelope.ts'
import type { MessageId } from '../../src/protocol/ids.ts'
import type { MessageState } from '../../src/room/messages/amendments.ts'

/** docs/protocol.md: rule 4. */
const REACTIONS_EACH = 16
const AUTHORS = 1_024
const EMOJI = /^\p{RGI_Emoji}$/v

/** What is kept by somebody, by what it amends. */
export function amendmentsAmong(kept: Iterable<Envelope>): ReadonlyMap<MessageId, readonly Envelope[]> {
  const byRef = new Map<MessageId, Envelope[]>()
  for (const envelope of new Set(kept)) {
    const ref = amendmentIn(envelope)?.ref
    if (ref !== undefined) byRef.set(ref, [...(byRef.get(ref) ?? []), envelope])
  }
  return byRef
}

/** One line for what a message has become; undefined if it says nothing. */
export function retell(message: Envelope, amendments: readonly Envelope[]): string | undefined {
  const said = saidIn(message)
  if (said === undefined) return undefined
  const all = amendments.toSorted(compare)
  const own = all.filter(one => one.author === message.author)
  const deletion = own.findLast(one => amendmentIn(one)?.kind === 'deletion')
  if (deletion !== undefined) return line('', undefined, deletion, [])
  let text = said.text
  let edited: Position | undefined
  for (const one of own) {
    const amendment = amendmentIn(one)
    if (amendment?.kind !== 'edit') continue
    text = amendment.newText
    edited = one
  }
  return line(text, edited, undefined, reactionsIn(all))
}

/** The same line for what the core says. */
export function describeStanding({ said, edited, deleted, reactions }: MessageState): string {
  const shown = reactions.map(({ author, emoji, id }) => ({ author, emoji, id }))
  return line(said.text, edited, deleted, shown)
}

interface Shown {
  readonly author: string
  readonly emoji: string
  readonly id: MessageId
}

/** `all` is in order; so is what comes out. */
function reactionsIn(all: readonly Envelope[]): readonly Shown[] {
  const reacting = all.filter(one => amendmentIn(one)?.kind === 'reaction')
  const authors = [...new Set(reacting.map(one => one.author))].sort().slice(0, AUTHORS)
  const counted = authors.flatMap(author =>
    reacting.filter(one => one.author === author).slice(-REACTIONS_EACH),
  )
  const last = new Map<string, Shown | undefined>()
  for (const one of counted.sort(compare)) {
    const amendment = amendmentIn(one)
    if (amendment?.kind !== 'reaction') continue
    const { emoji, isOn } = amendment
    const { author, id } = one
    last.delete(`${author} ${emoji}`)
    last.set(`${author} ${emoji}`, isOn && EMOJI.test(emoji) ? { author, emoji, id } : undefined)
  }
  return [...last.values()].flatMap(shown => shown ?? [])
}

function line(
  text: string,
  edited: Position | undefined,
  deleted: Position | undefined,
  reactions: readonly Shown[],
): string {
  const marks = reactions.map(
    ({ author, emoji, id }) => `${author.slice(0, 4)} ${emoji} by ${id.slice(0, 6)}`,
  )
  return [
    JSON.stringify(text),
    ...(edited === undefined ? [] : [`edited by ${edited.id.slice(0, 6)}`]),
    ...(deleted === undefined ? [] : [`deleted by ${deleted.id.slice(0, 6)}`]),
    ...marks,
  ].join(' | ')
}
