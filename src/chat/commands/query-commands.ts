/**
 * Answers queries about a room's people: who is here, how they are reached, who holds what. Each answer is a
 * notice with lines for people and a field for programs. history-queries.ts answers those about messages.
 */

import type { UiEvent } from '../../api/events.ts'
import type { Input } from '../../api/inputs.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { skeleton } from '../../room/names/names.ts'
import { excerpt } from '../../text/message-text.ts'
import { delimited } from '../../text/row-layout.ts'
import { pathText, whyText } from '../connection-paths.ts'
import type { OpenRoom } from '../open-rooms.ts'
import type { Rooms } from '../rooms.ts'
import { HistoryQueries, lastNames, Replies } from './history-queries.ts'
import type { ListedPerson } from './member-lookup.ts'
import { findPerson, listNamed, listPeople } from './member-lookup.ts'

type QueryInput = Extract<
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
  readonly #replies: Replies
  readonly #history: HistoryQueries

  constructor(rooms: Rooms, emit: (event: UiEvent) => void) {
    this.#rooms = rooms
    this.#replies = new Replies(emit)
    this.#history = new HistoryQueries(rooms, this.#replies)
  }

  /** Resolves when it is answered. */
  async answer(question: QueryInput): Promise<void> {
    if (question.kind === 'rooms') return this.#listRooms()
    const room = this.#rooms.current
    if (room === undefined) this.#replies.error('no-room', 'you are in no room', 'Join one: /join ROOM')
    else await this.#giveIn(room, question)
  }

  async #giveIn(room: OpenRoom, question: Exclude<QueryInput, { kind: 'rooms' }>): Promise<void> {
    switch (question.kind) {
      case 'who':
        this.#who(room)
        break
      case 'peers':
        this.#peers(room)
        break
      case 'why':
        this.#withPerson(room, question.name, person => this.#why(room, person))
        break
      case 'ignore':
        this.#withPerson(room, question.name, person => this.#ignore(person))
        break
      case 'unignore':
        this.#withPerson(room, question.name, person => this.#unignore(person))
        break
      case 'who-got':
        this.#whoGot(room, question.nth)
        break
      case 'history':
        this.#history.history(room, question.count)
        break
      case 'search':
        await this.#history.search(room, question.words)
        break
      case 'expand':
        this.#history.expand(room, question.nth)
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
    this.#replies.notice('who', text, { room: room.name, people: others })
  }

  #peers(room: OpenRoom): void {
    const peers = this.#people(room).map(person => ({ person, path: this.#rooms.pathTo(person.key) }))
    const lines = peers.map(({ person, path }) => `${delimited(person.shown)}: ${pathText(path, Date.now())}`)
    const text = lines.length === 0 ? 'nobody else is here' : lines.join('\n')
    const list = peers.map(({ person: { peer, name }, path }) => ({
      peer,
      name,
      ...(path ?? { path: 'indirect' }),
    }))
    this.#replies.notice('peers', text, { room: room.name, peers: list })
  }

  #why(room: OpenRoom, { key, peer, shown: name }: ListedPerson): void {
    const ways = this.#rooms.pathFactsOf(key)
    const connected = this.#people(room).filter(one => this.#rooms.pathTo(one.key) !== undefined)
    const through = connected.filter(one => one.key !== key).map(({ shown }) => delimited(shown))
    const text = whyText({ name, through, ...ways, now: Date.now() })
    const { path, attempts, ownReachability } = ways
    this.#replies.notice('why', text, {
      peer,
      ...(path ?? { path: 'indirect' }),
      steps: attempts,
      ...ownReachability,
    })
  }

  #ignore(person: ListedPerson): void {
    this.#rooms.ignored.add(person.key)
    const text = `messages of ${person.shown} are hidden until /unignore, or until you quit`
    this.#replies.notice('ignored', text, { peer: person.peer })
  }

  #unignore(person: ListedPerson): void {
    const wasIgnored = this.#rooms.ignored.delete(person.key)
    const text = wasIgnored
      ? `messages of ${person.shown} are shown again`
      : `${person.shown} was not ignored`
    this.#replies.notice('unignored', text, { peer: person.peer })
  }

  #whoGot(room: OpenRoom, nth: number): void {
    const got = room.runner.room.whoGot(nth)
    if (got === undefined) {
      const what = nth === 1 ? 'not written' : `written fewer than ${nth} messages`
      const remedy =
        nth === 1 ? 'Write something first.' : 'Ask for a newer one: /who-got is about your last.'
      this.#replies.error('no-message', `you have ${what} in ${room.name} lately`, remedy)
      return
    }
    const { envelope } = got.entry
    const holders = this.#named(room, got.holders)
    const names = holders.map(person => delimited(person.shown)).sort()
    const said = room.runner.room.find(envelope.id)?.state.said.text ?? ''
    const quoted = said === '' ? 'that message' : `"${excerpt(said)}"`
    const text =
      names.length === 0 ? `nobody else holds ${quoted} yet` : `${quoted} is held by ${names.join(', ')}`
    this.#replies.notice('who-got', text, {
      room: room.name,
      id: envelope.id,
      peers: holders.map(person => person.peer),
    })
  }

  /** People who may be long gone: by their last known name. */
  #named(room: OpenRoom, keys: readonly PeerKey[]): readonly ListedPerson[] {
    const { labels, log } = this.#rooms
    const heard = new Map(keys.map(key => [key, room.runner.room.member(key)?.beacon.name]))
    const isKnown = keys.every(key => heard.get(key) !== undefined)
    const written = isKnown ? undefined : lastNames(log.store.archive, room.id)
    const people = keys.map(key => ({ key, name: heard.get(key) ?? written?.get(key) ?? '' }))
    return listNamed(people, labels)
  }

  #listRooms(): void {
    const { names, current } = this.#rooms
    const lines = names.map(name => (name === current?.name ? `${name} (you speak here)` : name))
    this.#replies.notice('rooms', lines.length === 0 ? 'you are in no room' : lines.join('\n'), {
      rooms: names,
    })
  }

  #withPerson(room: OpenRoom, name: string, act: (person: ListedPerson) => void): void {
    const found = findPerson(name, this.#people(room))
    switch (found.kind) {
      case 'one':
        act(found.person)
        break
      case 'none':
        this.#noSuchPerson(name)
        break
      case 'several': {
        const list = found.people.map(person => `${person.shown} (${person.fingerprint})`).join(', ')
        this.#replies.error(
          'ambiguous-name',
          `${name} fits several people: ${list}`,
          'Write the name with its tag.',
        )
        break
      }
    }
  }

  #noSuchPerson(name: string): void {
    const isMe = skeleton(name.replace(/^@/, '')) === skeleton(this.#rooms.name)
    const text = isMe ? `you are ${name} yourself, and nobody else is` : `nobody here is called ${name}`
    this.#replies.error('no-such-person', text, 'See who is here: /who')
  }

  #people(room: OpenRoom): readonly ListedPerson[] {
    return listPeople(room.runner.room.members, this.#rooms.labels)
  }
}
