/**
 * Carries out what a user asks for. Every answer is an event; what is wrong with a request is said with what to
 * do instead.
 */

import { helpText } from '../../api/command-parser.ts'
import type { UiEvent } from '../../api/events.ts'
import type { Input } from '../../api/inputs.ts'
import { checkName, checkRoom } from '../../room/names/names.ts'
import { MAX_OPEN_ROOMS } from '../open-rooms.ts'
import type { Rooms } from '../rooms.ts'
import { earlierNotice } from './history-queries.ts'
import { MessageCommands } from './message-commands.ts'
import { QueryCommands } from './query-commands.ts'

export class Commands {
  readonly #rooms: Rooms
  readonly #emit: (event: UiEvent) => void
  readonly #answers: QueryCommands
  readonly #wordings: MessageCommands

  constructor(rooms: Rooms, emit: (event: UiEvent) => void) {
    this.#rooms = rooms
    this.#emit = emit
    this.#answers = new QueryCommands(rooms, emit)
    this.#wordings = new MessageCommands(rooms, emit)
  }

  /** Resolves when it is done. `quit` is the session's. */
  async perform(input: Input): Promise<void> {
    switch (input.kind) {
      case 'say':
      case 'act':
      case 'code':
      case 'reply':
      case 'edit':
      case 'delete':
      case 'react':
        return this.#wordings.perform(input)
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
        return this.#answers.give(input)
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
