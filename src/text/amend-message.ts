/** A message as it is after a change of it was told: for whoever keeps messages that it showed, or is going to. */

import type {
  DeletedEvent,
  EditedEvent,
  MessageEvent,
  ReactedEvent,
  Recalled,
  UiEvent,
} from '../api/events.ts'
import { MAX_REACTIONS_PER_AUTHOR } from '../protocol/limits.ts'

export type AmendingEvent = EditedEvent | DeletedEvent | ReactedEvent

export function isAmendingEvent(event: UiEvent): event is AmendingEvent {
  return event.type === 'edited' || event.type === 'deleted' || event.type === 'reacted'
}

/** The message with the change, whose `id` is its own. */
export function amendMessage(message: MessageEvent, event: AmendingEvent): MessageEvent {
  switch (event.type) {
    case 'edited':
      return { ...message, text: event.text, editedAt: event.editedAt }
    case 'deleted': {
      const { reactions: _, ...rest } = message
      return { ...rest, text: '', deletedAt: event.deletedAt }
    }
    case 'reacted': {
      const { peer, name, emoji, on } = event
      const { reactions = [], ...rest } = message
      const others = reactions.filter(one => one.peer !== peer || one.emoji !== emoji)
      const all = on ? withReaction(others, { peer, name, emoji }) : others
      return all.length === 0 ? rest : { ...rest, reactions: all }
    }
  }
}

type Reactions = NonNullable<Recalled['reactions']>

/** Of each author so many as count for everybody. */
function withReaction(reactions: Reactions, added: Reactions[number]): Reactions {
  const own = reactions.filter(({ peer }) => peer === added.peer)
  const first = own.length < MAX_REACTIONS_PER_AUTHOR ? undefined : own[0]
  return [...reactions.filter(one => one !== first), added]
}

/** The message with what it answers, or with the change of that; the same one if that changes nothing. */
export function amendQuote(message: Recalled, event: MessageEvent | EditedEvent | DeletedEvent): Recalled {
  const { replied } = message
  if (event.type === 'message') {
    const { id, peer, name, sentAt, own, text } = event
    return replied === undefined ? { ...message, replied: { id, peer, name, sentAt, own, text } } : message
  }
  const text = event.type === 'deleted' ? '' : event.text
  if (replied === undefined || replied.text === text) return message
  return { ...message, replied: { ...replied, text } }
}
