/**
 * Answers queries about a room's people: who is here, how they are reached, who holds what. Each answer is a
 * notice with lines for people and a field for programs. history-queries.ts answers those about messages.
 */

import type { UiEvent } from '../../api/events.ts'
import type { Input } from '../../api/inputs.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { skeleton } from '../../room/names/names.ts'
import { briefly } from '../../text/message-text.ts'
import { bounded } from '../../text/row-layout.ts'
import { pathText, whyText } from '../connection-paths.ts'
import type { OpenRoom } from '../open-rooms.ts'
import type { Rooms } from '../rooms.ts'
import { HistoryQueries, lastNames, Replies } from './history-queries.ts'
import type { Listed } from './member-lookup.ts'
import { findPerson, listNamed, listPeople } from './member-lookup.ts'

type Question = Extract<
  Input,
  {
    kind:
      | 'who'
      | 'peers'
      | 'why'
      | 'ignore'
      | 'unignore'
      | 'who-got'
      | 'history'
      | 'search'
      | 'expand'
      | 'rooms'
  }
>

export class QueryCommands {
  readonly #rooms: Rooms
  readonly #tell: Replies
  readonly #log: HistoryQueries

  constructor(rooms: Rooms, emit: (event: UiEvent) => void) {
    this.#rooms = rooms
    this.#tell = new Replies(emit)
    this.#log = new HistoryQueries(rooms, this.#tell)
  }

  /** Resolves when it is answered. */
  async give(question: Question): Promise<void> {
    if (question.kind === 'rooms') return this.#listRooms()
    const room = this.#rooms.current
    if (room === undefined) this.#tell.error('no-room', 'you are in no room', 'Join one: /join ROOM')
    else await this.#giveIn(room, question)
  }

  async #giveIn(room: OpenRoom, question: Exclude<Question, { kind: 'rooms' }>): Promise<void> {
    switch (question.kind) {
      case 'who':
        this.#who(room)
        break
      case 'peers':
        this.#peers(room)
        break
      case 'why':
        this.#about(room, question.name, person => this.#why(room, person))
        break
      case 'ignore':
        this.#about(room, question.name, person => this.#ignore(person))
        break
      case 'unignore':
        this.#about(room, question.name, person => this.#unignore(person))
        break
      case 'who-got':
        this.#whoGot(room, question.nth)
        break
      case 'history':
        this.#log.history(room, question.count)
        break
      case 'search':
        await this.#log.search(room, question.words)
        break
      case 'expand':
        this.#log.expand(room, question.nth)
        break
    }
  }

  #who(room: OpenRoom): void {
    const people = this.#people(room)
    const { self, name: own } = this.#rooms
    const lines = [
      `${own} (you, ${self.fingerprint})`,
      ...people.map(one => `${one.shown} (${one.fingerprint})`),
    ]
    const text = `${lines.length} in ${room.name}:\n${lines.join('\n')}`
    const others = people.map(({ peer, name, fingerprint }) => ({ peer, name, fingerprint }))
    this.#tell.notice('who', text, { room: room.name, people: others })
  }

  #peers(room: OpenRoom): void {
    const peers = this.#people(room).map(person => ({ person, path: this.#rooms.pathTo(person.key) }))
    const lines = peers.map(({ person, path }) => `${bounded(person.shown)}: ${pathText(path, Date.now())}`)
    const text = lines.length === 0 ? 'nobody else is here' : lines.join('\n')
    const list = peers.map(({ person: { peer, name }, path }) => ({
      peer,
      name,
      ...(path ?? { path: 'indirect' }),
    }))
    this.#tell.notice('peers', text, { room: room.name, peers: list })
  }

  #why(room: OpenRoom, { key, peer, shown: name }: Listed): void {
    const ways = this.#rooms.waysTo(key)
    const connected = this.#people(room).filter(one => this.#rooms.pathTo(one.key) !== undefined)
    const through = connected.filter(one => one.key !== key).map(({ shown }) => bounded(shown))
    const text = whyText({ name, through, ...ways, now: Date.now() })
    const { path, steps, standing } = ways
    this.#tell.notice('why', text, { peer, ...(path ?? { path: 'indirect' }), steps, ...standing })
  }

  #ignore(person: Listed): void {
    this.#rooms.ignored.add(person.key)
    const text = `messages of ${person.shown} are hidden until /unignore, or until you quit`
    this.#tell.notice('ignored', text, { peer: person.peer })
  }

  #unignore(person: Listed): void {
    const wasIgnored = this.#rooms.ignored.delete(person.key)
    const text = wasIgnored
      ? `messages of ${person.shown} are shown again`
      : `${person.shown} was not ignored`
    this.#tell.notice('unignored', text, { peer: person.peer })
  }

  #whoGot(room: OpenRoom, nth: number): void {
    const got = room.runtime.room.whoGot(nth)
    if (got === undefined) {
      const what = nth === 1 ? 'not written' : `written fewer than ${nth} messages`
      const remedy =
        nth === 1 ? 'Write something first.' : 'Ask for a newer one: /who-got is about your last.'
      this.#tell.error('no-message', `you have ${what} in ${room.name} lately`, remedy)
      return
    }
    const { envelope } = got.entry
    const holders = this.#named(room, got.holders)
    const names = holders.map(person => bounded(person.shown)).sort()
    const said = room.runtime.room.find(envelope.id)?.state.said.text ?? ''
    const quoted = said === '' ? 'that message' : `"${briefly(said)}"`
    const text =
      names.length === 0 ? `nobody else holds ${quoted} yet` : `${quoted} is held by ${names.join(', ')}`
    this.#tell.notice('who-got', text, {
      room: room.name,
      id: envelope.id,
      peers: holders.map(person => person.peer),
    })
  }

  /** People who may be long gone: by their last known name. */
  #named(room: OpenRoom, keys: readonly PeerKey[]): readonly Listed[] {
    const { directory, log } = this.#rooms
    const heard = new Map(keys.map(key => [key, room.runtime.room.member(key)?.beacon.name]))
    const isKnown = keys.every(key => heard.get(key) !== undefined)
    const written = isKnown ? undefined : lastNames(log.store.archive, room.id)
    const people = keys.map(key => ({ key, name: heard.get(key) ?? written?.get(key) ?? '' }))
    return listNamed(people, directory)
  }

  #listRooms(): void {
    const { names, current } = this.#rooms
    const lines = names.map(name => (name === current?.name ? `${name} (you speak here)` : name))
    this.#tell.notice('rooms', lines.length === 0 ? 'you are in no room' : lines.join('\n'), { rooms: names })
  }

  #about(room: OpenRoom, name: string, act: (person: Listed) => void): void {
    const found = findPerson(name, this.#people(room))
    switch (found.kind) {
      case 'one':
        act(found.person)
        break
      case 'none':
        this.#nobody(name)
        break
      case 'several': {
        const list = found.people.map(person => `${person.shown} (${person.fingerprint})`).join(', ')
        this.#tell.error(
          'ambiguous-name',
          `${name} fits several people: ${list}`,
          'Write the name with its tag.',
        )
        break
      }
    }
  }

  #nobody(name: string): void {
    const isMe = skeleton(name.replace(/^@/, '')) === skeleton(this.#rooms.name)
    const text = isMe ? `you are ${name} yourself, and nobody else is` : `nobody here is called ${name}`
    this.#tell.error('no-such-person', text, 'See who is here: /who')
  }

  #people(room: OpenRoom): readonly Listed[] {
    return listPeople(room.runtime.room.members, this.#rooms.directory)
  }
}
