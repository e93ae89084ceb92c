/**
 * Carries out what a user says and what he changes of what was said: finds the room and the message that he means,
 * and checks what every peer would refuse, before anything is signed.
 */

import type { UiEvent } from '../../api/events.ts'
import type { Input, Target } from '../../api/inputs.ts'
import type { MessageId, PeerKey } from '../../protocol/ids.ts'
import { MAX_TEXT_BYTES } from '../../protocol/limits.ts'
import type { RoomEvent, Told } from '../../room/events.ts'
import { checkRoom } from '../../room/names/names.ts'
import type { OpenRoom } from '../open-rooms.ts'
import type { Rooms } from '../rooms.ts'

export type MessageCommand = Extract<
  Input,
  { kind: 'say' | 'act' | 'code' | 'reply' | 'edit' | 'delete' | 'react' }
>

/** Why something isn't done. */
class Refusal {
  readonly event: UiEvent

  constructor(code: string, text: string, remedy: string) {
    this.event = { type: 'error', code, text, remedy }
  }
}

export class MessageCommands {
  readonly #rooms: Rooms
  readonly #emit: (event: UiEvent) => void

  constructor(rooms: Rooms, emit: (event: UiEvent) => void) {
    this.#rooms = rooms
    this.#emit = emit
  }

  /** Resolves when it is done. */
  async perform(input: MessageCommand): Promise<void> {
    const room = this.#target(input.room)
    const event = room instanceof Refusal ? room : this.#eventOf(input, room)
    if (event instanceof Refusal) this.#emit(event.event)
    else if (!(room instanceof Refusal)) await room.runtime.handle(event)
  }

  #eventOf(input: MessageCommand, room: OpenRoom): RoomEvent | Refusal {
    switch (input.kind) {
      case 'say':
        return said(input.text, text => ({ kind: 'say', act: 'text', text }))
      case 'act':
        return said(input.text, text => ({ kind: 'say', act: 'action', text }))
      case 'code':
        return said(input.text, text => ({ kind: 'say', act: 'code', text }))
      case 'reply':
        return this.#reply(input, room)
      case 'edit':
        return this.#edit(input, room)
      case 'delete':
        return this.#delete(input, room)
      case 'react':
        return this.#react(input, room)
    }
  }

  #reply({ to, text }: Extract<MessageCommand, { kind: 'reply' }>, room: OpenRoom): RoomEvent | Refusal {
    const told = this.#find(to, room, 'anybody')
    if (told instanceof Refusal) return told
    return said(text, whole => ({ kind: 'say', act: 'text', text: whole, replyTo: told.envelope.id }))
  }

  #edit({ of, text }: Extract<MessageCommand, { kind: 'edit' }>, room: OpenRoom): RoomEvent | Refusal {
    const told = this.#find(of, room, 'me')
    if (told instanceof Refusal) return told
    const { id } = told.envelope
    if (told.standing.said.text === text)
      return new Refusal('unchanged', 'it says that already', 'Write what it should say.')
    return said(text, newText => ({ kind: 'amend', change: { kind: 'edit', ref: id, newText } }))
  }

  #delete({ of }: Extract<MessageCommand, { kind: 'delete' }>, room: OpenRoom): RoomEvent | Refusal {
    const told = this.#find(of, room, 'me')
    if (told instanceof Refusal) return told
    return { kind: 'amend', change: { kind: 'deletion', ref: told.envelope.id } }
  }

  #react(input: Extract<MessageCommand, { kind: 'react' }>, room: OpenRoom): RoomEvent | Refusal {
    const told = this.#find(input.to, room, 'anybody')
    if (told instanceof Refusal) return told
    const { emoji, change } = input
    const { selfKey } = this.#rooms
    const was = told.standing.reactions.some(one => one.author === selfKey && one.emoji === emoji)
    const isOn = change === 'toggle' ? !was : change === 'on'
    if (isOn === was) {
      const text = `your reaction ${emoji} ${was ? 'is there already' : 'was not there'}`
      return new Refusal('unchanged', text, 'There is nothing to do.')
    }
    return { kind: 'amend', change: { kind: 'reaction', ref: told.envelope.id, emoji, isOn } }
  }

  /** The message that is meant, if it is one of `whose` and still says something. */
  #find(target: Target, { name, runtime }: OpenRoom, whose: 'anybody' | 'me'): Told | Refusal {
    const { selfKey } = this.#rooms
    const isMine = (author: PeerKey): boolean => author === selfKey
    if (target.by === 'place') {
      const isSeen = (author: PeerKey): boolean => !this.#rooms.ignored.has(author)
      const isWanted = whose === 'me' ? isMine : isSeen
      const told = runtime.room.nth(target.nth, ({ author }) => isWanted(author))
      return told ?? tooFarBack(target.nth, name, whose)
    }
    const told = runtime.room.find(target.id as MessageId)
    if (told === undefined) {
      return new Refusal(
        'no-such-message',
        `no message in ${name} has the id ${target.id}`,
        'Take the id from its "message" event.',
      )
    }
    if (told.standing.deleted !== undefined) {
      return new Refusal('message-deleted', 'that message was deleted', 'There is nothing left to change.')
    }
    if (whose === 'me' && !isMine(told.envelope.author)) {
      return new Refusal('not-yours', 'only who wrote a message can change it', 'Answer it, or react to it.')
    }
    return told
  }

  #target(name: string | undefined): OpenRoom | Refusal {
    const { current } = this.#rooms
    if (name === undefined) {
      return current ?? new Refusal('no-room', 'you are in no room', 'Join one: /join ROOM')
    }
    const checked = checkRoom(name)
    const room = checked.kind === 'valid' ? this.#rooms.get(checked.room) : undefined
    return room ?? new Refusal('not-in-room', `you are not in the room ${name}`, `Join it: /join ${name}`)
  }
}

function tooFarBack(nth: number, room: string, whose: 'anybody' | 'me'): Refusal {
  const isMine = whose === 'me'
  if (nth === 1) {
    const text = isMine ? `you have not written in ${room} lately` : `nothing was said in ${room} yet`
    return new Refusal('no-such-message', text, 'Write something first.')
  }
  const text = isMine
    ? `you have written fewer than ${nth} messages in ${room} lately`
    : `${room} has fewer than ${nth} messages`
  return new Refusal('no-such-message', text, 'Count from the newest, which is 1: /history shows them.')
}

/** A text that every peer would take. */
function said(raw: string, event: (text: string) => RoomEvent): RoomEvent | Refusal {
  // half a character of a broken program is no text; everything else goes out as it was written
  const text = raw.toWellFormed()
  const bytes = Buffer.byteLength(text)
  if (bytes === 0) return new Refusal('empty-text', 'there is no text to send', 'Write something first.')
  if (bytes <= MAX_TEXT_BYTES) return event(text)
  const what = `the text was not sent: it has ${bytes} bytes, and a message may have ${MAX_TEXT_BYTES}`
  return new Refusal('text-too-long', what, 'Send it in parts.')
}
