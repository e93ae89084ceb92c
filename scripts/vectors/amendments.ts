/**
 * Messages that answer others or change them, by those who may and by one who may not, and what becomes of the talk.
 */
import { type Amendment, encodeContent, type Said } from '../../src/protocol/content.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { toHex } from '../../src/protocol/ids.ts'
import { messageStateOf } from '../../src/room/messages/amendments.ts'
import { after, future, hello, reply, say, second, wave } from './messages.ts'
import type { Speaker } from './world.ts'
import { ALICE, BOB, MALLORY, START_MS } from './world.ts'

/** Fields of a message that says this. */
type Saying<T> = T extends unknown ? Omit<T, 'name'> : never

function write(speaker: Speaker, content: Saying<Said | Amendment>, place = {}): Envelope {
  const words = encodeContent({ ...content, name: speaker.name } as Said | Amendment)
  return say(speaker, '', { ...words, ...place })
}

export const answer = write(
  ALICE,
  { kind: 'reply', text: 'how are you?', ref: reply.id },
  after(wave, START_MS + 4_000),
)
export const edit = write(
  ALICE,
  { kind: 'edit', newText: 'hello everybody', ref: hello.id },
  after(answer, START_MS + 5_000),
)
export const deletion = write(ALICE, { kind: 'deletion', ref: second.id }, after(edit, START_MS + 5_001))
export const reaction = write(
  BOB,
  { kind: 'reaction', emoji: '👍', isOn: true, ref: hello.id },
  after(future, START_MS + 6_000),
)
export const output = write(BOB, { kind: 'code', text: 'ok 1\nok 2' }, after(reaction, START_MS + 6_001))

const earlier = write(
  ALICE,
  { kind: 'edit', newText: 'an earlier edit', ref: hello.id },
  after(deletion, START_MS + 5_002),
)
const last = write(
  ALICE,
  { kind: 'edit', newText: 'hello, everybody!', ref: hello.id },
  after(earlier, START_MS + 5_003),
)
const tooLate = write(
  ALICE,
  { kind: 'edit', newText: 'not deleted after all', ref: second.id },
  after(last, START_MS + 5_004),
)
const tada = write(
  BOB,
  { kind: 'reaction', emoji: '🎉', isOn: true, ref: hello.id },
  after(output, START_MS + 8_000),
)
const taken = write(
  BOB,
  { kind: 'reaction', emoji: '🎉', isOn: false, ref: hello.id },
  after(tada, START_MS + 8_001),
)
const forged = write(
  MALLORY,
  { kind: 'edit', newText: 'mallory was here', ref: hello.id },
  { ts: START_MS + 9_000 },
)
const forgedDeletion = write(MALLORY, { kind: 'deletion', ref: hello.id }, after(forged, START_MS + 9_001))

/** In the order in which they were written; any other must come to the same. */
const TALK = [
  ...[hello, reply, second, wave, future, answer, edit, deletion, earlier, last, tooLate],
  ...[reaction, output, tada, taken, forged, forgedDeletion],
]

export function describeAmendments() {
  const said = TALK.flatMap(message => {
    const standing = messageStateOf(message, TALK)
    if (standing === undefined) return []
    const { edited, deleted, reactions } = standing
    return {
      id: message.id,
      text: standing.said.text,
      editedBy: edited?.id ?? null,
      deletedBy: deleted?.id ?? null,
      reactions: reactions.map(({ author, emoji }) => ({ author, emoji })),
    }
  })
  return {
    about: 'a talk, and what is to be shown of it, whatever order it comes in',
    wires: TALK.map(({ wire }) => toHex(wire)),
    said,
  }
}
