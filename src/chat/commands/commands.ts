/**
 * Carries out the user's inputs. Every answer is an event; an error says what to do instead.
 */
import { helpText } from '../../api/command-parser.ts'
import type { UiEvent } from '../../api/events.ts'
import type { Input, Target } from '../../api/inputs.ts'
import type { MessageId, PeerKey } from '../../protocol/ids.ts'
import { MAX_TEXT_BYTES } from '../../protocol/limits.ts'
import type { MessageWithState, RoomEvent } from '../../room/events.ts'
import { checkName, checkRoom } from '../../room/names/names.ts'
import type { OpenRoom } from '../open-rooms.ts'
import { MAX_OPEN_ROOMS } from '../open-rooms.ts'
import type { Rooms } from '../rooms.ts'
import { earlierNotice } from './history-queries.ts'
import { QueryCommands } from './query-commands.ts'

export class Commands {
  readonly #rooms: Rooms
  readonly #emit: (event: UiEvent) => void
  readonly #queries: QueryCommands
  readonly #messageCommands: MessageCommands

  constructor(rooms: Rooms, emit: (event: UiEvent) => void) {
    this.#rooms = rooms
    this.#emit = emit
    this.#queries = new QueryCommands(rooms, emit)
    this.#messageCommands = new MessageCommands(rooms, emit)
  }

  /** Resolves when it is done. The session itself handles `quit`. */
  async perform(input: Input): Promise<void> {
    switch (input.kind) {
      case 'say':
      case 'act':
      case 'code':
      case 'reply':
      case 'edit':
      case 'delete':
      case 'react':
        return this.#messageCommands.perform(input)
      case 'nick':
        return this.#nick(input.name)
      case 'join':
        return this.#join(input.room)
      case 'leave':
        return this.#leave()
      case 'help':
        return this.#notice('help', helpText(input.topic))
      case 'invalid':
        return this.#error(input.code, input.text, input.remedy)
      case 'earlier':
        return this.#emit(earlierNotice(input, this.#rooms))
      case 'quit':
        return
      default:
        return this.#queries.answer(input)
    }
  }

  async #nick(raw: string): Promise<void> {
    const checked = checkName(raw)
    if (checked.kind === 'invalid') {
      return this.#error('bad-name', `the name ${checked.reason}`, 'Choose another: /nick NAME')
    }
    const was = this.#rooms.name
    if (checked.name === was) return
    await this.#rooms.rename(checked.name)
    for (const room of this.#rooms.names) {
      this.#emit({ type: 'renamed', room, name: checked.name, was, ...this.#rooms.self })
    }
  }

  #join(raw: string): void {
    const checked = checkRoom(raw)
    if (checked.kind === 'invalid') {
      this.#error('bad-room', `the room ${checked.reason}`, 'Choose another: /join ROOM')
      return
    }
    const isNew = this.#rooms.get(checked.room) === undefined
    if (isNew && this.#rooms.names.length >= MAX_OPEN_ROOMS) {
      const text = `you are in ${MAX_OPEN_ROOMS} rooms, which is as many as one program opens`
      this.#error('too-many-rooms', text, 'Leave one first: /leave')
      return
    }
    this.#rooms.join(checked.room)
    const verb = isNew ? 'you joined' : 'you now speak in'
    this.#emit({ type: 'notice', code: 'room', text: `${verb} ${checked.room}`, room: checked.room })
  }

  async #leave(): Promise<void> {
    const { current } = this.#rooms
    if (current === undefined) return this.#error('no-room', 'you are in no room', 'End with /quit.')
    await this.#rooms.leave(current)
    const { self, name } = this.#rooms
    this.#emit({ type: 'left', room: current.name, peer: self.peer, name, reason: 'quit' })
    const now = this.#rooms.current?.name
    const next = now === undefined ? 'you are in no room now' : `you now speak in ${now}`
    const where = now === undefined ? {} : { room: now }
    this.#emit({
      type: 'notice',
      code: 'room',
      text: `you left ${current.name}; ${next}`,
      left: current.name,
      ...where,
    })
  }

  #notice(code: string, text: string): void {
    this.#emit({ type: 'notice', code, text })
  }

  #error(code: string, text: string, remedy: string): void {
    this.#emit({ type: 'error', code, text, remedy })
  }
}

// The commands that send or amend messages: each finds the room and the message referred to, and checks what
// every peer would refuse, before anything is signed.

export type MessageCommand = Extract<
  Input,
  { kind: 'say' | 'act' | 'code' | 'reply' | 'edit' | 'delete' | 'react' }
>

/** Why an input isn't carried out. */
class Refusal {
  readonly event: UiEvent

  constructor(code: string, text: string, remedy: string) {
    this.event = { type: 'error', code, text, remedy }
  }
}

class MessageCommands {
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
    else if (!(room instanceof Refusal)) await room.runner.handle(event)
  }

  #eventOf(input: MessageCommand, room: OpenRoom): RoomEvent | Refusal {
    switch (input.kind) {
      case 'say':
        return textEvent(input.text, text => ({ kind: 'say', act: 'text', text }))
      case 'act':
        return textEvent(input.text, text => ({ kind: 'say', act: 'action', text }))
      case 'code':
        return textEvent(input.text, text => ({ kind: 'say', act: 'code', text }))
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
    return textEvent(text, whole => ({ kind: 'say', act: 'text', text: whole, replyTo: told.envelope.id }))
  }

  #edit({ of, text }: Extract<MessageCommand, { kind: 'edit' }>, room: OpenRoom): RoomEvent | Refusal {
    const told = this.#find(of, room, 'me')
    if (told instanceof Refusal) return told
    const { id } = told.envelope
    if (told.state.said.text === text)
      return new Refusal('unchanged', 'it says that already', 'Write what it should say.')
    return textEvent(text, newText => ({ kind: 'amend', change: { kind: 'edit', ref: id, newText } }))
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
    const was = told.state.reactions.some(one => one.author === selfKey && one.emoji === emoji)
    const isOn = change === 'toggle' ? !was : change === 'on'
    if (isOn === was) {
      const text = `your reaction ${emoji} ${was ? 'is there already' : 'was not there'}`
      return new Refusal('unchanged', text, 'There is nothing to do.')
    }
    return { kind: 'amend', change: { kind: 'reaction', ref: told.envelope.id, emoji, isOn } }
  }

  /** The message referred to, if it is one of `whose` and still says something. */
  #find(target: Target, { name, runner }: OpenRoom, whose: 'anybody' | 'me'): MessageWithState | Refusal {
    const { selfKey } = this.#rooms
    const isMine = (author: PeerKey): boolean => author === selfKey
    if (target.by === 'place') {
      const isSeen = (author: PeerKey): boolean => !this.#rooms.ignored.has(author)
      const isWanted = whose === 'me' ? isMine : isSeen
      const told = runner.room.nth(target.nth, ({ author }) => isWanted(author))
      return told ?? tooFarBack(target.nth, name, whose)
    }
    const told = runner.room.find(target.id as MessageId)
    if (told === undefined) {
      return new Refusal(
        'no-such-message',
        `no message in ${name} has the id ${target.id}`,
        'Take the id from its "message" event.',
      )
    }
    if (told.state.deleted !== undefined) {
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

/** A text that every peer would accept. */
function textEvent(raw: string, event: (text: string) => RoomEvent): RoomEvent | Refusal {
  // half a character from a broken program is no text; everything else is sent as written
  const text = raw.toWellFormed()
  const bytes = Buffer.byteLength(text)
  if (bytes === 0) return new Refusal('empty-text', 'there is no text to send', 'Write something first.')
  if (bytes <= MAX_TEXT_BYTES) return event(text)
  const what = `the text was not sent: it has ${bytes} bytes, and a message may have ${MAX_TEXT_BYTES}`
  return new Refusal('text-too-long', what, 'Send it in parts.')
}
