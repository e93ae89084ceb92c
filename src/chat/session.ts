/**
 * The composition root of a peer: opens the network and the first room, carries out what the user asks for, and
 * closes everything in reverse order, whether it started whole or in part.
 */

import type { Input } from '../api/inputs.ts'
import type { PeerConfig } from '../config/types.ts'
import type { Session } from './app-session.ts'
import { PeerInputs } from './commands/commands.ts'
import type { PeerDeps } from './rooms.ts'
import { Rooms } from './rooms.ts'
import { Told } from './told.ts'

/** Starts a peer. Rejects with a `ParleyError` when it can't; what had been opened is closed again. */
export async function startPeer(config: PeerConfig, deps: PeerDeps): Promise<Session> {
  const told = new Told(deps.emit)
  const rooms = await Rooms.open(config, { ...deps, emit: told.emit })
  rooms.join(config.room)
  const { self, name } = rooms
  told.emit({
    type: 'ready',
    version: deps.version,
    peer: self.peer,
    name,
    room: config.room,
    addresses: rooms.addresses,
  })
  return new PeerSession(rooms, told)
}

/** How long a script's last words may wait for someone to take them, and how long for someone to come at all. */
const SETTLE_MS = 5_000
const ALONE_MS = 2_000
/** How long the goodbye may take in all, milliseconds: the user has waited enough then. */
const CLOSE_MS = 2_500

class PeerSession implements Session {
  readonly #rooms: Rooms
  readonly #inputs: PeerInputs
  readonly #told: Told
  readonly #closed = Promise.withResolvers<void>()
  #closing: Promise<void> | undefined

  constructor(rooms: Rooms, told: Told) {
    this.#rooms = rooms
    this.#told = told
    this.#inputs = new PeerInputs(rooms, told.emit)
  }

  get closed(): Promise<void> {
    return this.#closed.promise
  }

  async perform(input: Input): Promise<void> {
    if (this.#closing !== undefined) return
    if (input.kind === 'quit') return this.close()
    try {
      await this.#inputs.perform(input)
    } catch (error) {
      // a bug of ours must not end the chat: it is told, and the next input is carried out
      const text = `that did not work (${String(error)})`
      this.#told.emit({
        type: 'error',
        code: 'internal',
        text,
        remedy: 'Please report it, with --log-level debug.',
      })
    }
  }

  async settled(): Promise<void> {
    const alone = AbortSignal.timeout(ALONE_MS)
    const end = AbortSignal.timeout(SETTLE_MS)
    while (this.#rooms.undelivered > 0 && this.#closing === undefined) {
      const limit = this.#rooms.isAlone ? alone : end
      if (limit.aborted) return
      await this.#told.next(limit)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const timer = Promise.withResolvers<void>()
    const timeout = setTimeout(timer.resolve, CLOSE_MS)
    await Promise.race([this.#rooms.close(), timer.promise])
    clearTimeout(timeout)
    const { undelivered } = this.#rooms
    this.#rooms.log.close()
    this.#told.last({ type: 'bye', undelivered })
    this.#closed.resolve()
  }
}
