/** What a simulated user does to a message that he sees, as the program lets him (src/chat/commands/message-commands.ts). */
import type { MessageWithState, RoomEvent } from '../../src/room/events.ts'
import type { Life } from './life.ts'
import type { Action } from './plan.ts'

type Amend = Extract<Action, { readonly kind: 'amend' }>

/** What he reacts with. */
const EMOJI = ['👍', '🎉', '❤️'] as const

/** The event that it makes; undefined if there is no such message. */
export function amending({ room, key }: Life, amend: Amend, words: string): RoomEvent | undefined {
  const { act, nth } = amend
  const isOwn = act === 'edit' || act === 'delete'
  const told = room.nth(nth, ({ author }) => !isOwn || author === key)
  if (told === undefined) return undefined
  const ref = told.envelope.id
  switch (act) {
    case 'reply':
      return { kind: 'say', act: 'text', text: words, replyTo: ref }
    case 'edit':
      return { kind: 'amend', change: { kind: 'edit', ref, newText: words } }
    case 'delete':
      return { kind: 'amend', change: { kind: 'deletion', ref } }
    case 'react':
      return reacting(told, key, amend)
  }
}

/** The emoji goes on where it isn't, and off where it is. */
function reacting(
  { envelope, state }: MessageWithState,
  key: Life['key'],
  { emoji: number }: Amend,
): RoomEvent {
  const emoji = EMOJI[number % EMOJI.length] ?? EMOJI[0]
  const was = state.reactions.some(one => one.author === key && one.emoji === emoji)
  return { kind: 'amend', change: { kind: 'reaction', ref: envelope.id, emoji, isOn: !was } }
}
