/**
 * A chat session, the door of this folder and the composition root of a peer: opens the network and the first
 * room, carries out the user's inputs, and closes everything in reverse order, whether it started in full or
 * in part.
 */
import type { UiEvent } from '../api/events.ts'
import type { Input } from '../api/inputs.ts'
import type { PeerConfig } from '../config/types.ts'
import { Commands } from './commands/commands.ts'
import { noDiscovery } from './helper-trust.ts'
import type { PeerDeps } from './rooms.ts'
import { Rooms } from './rooms.ts'

/** Starts a peer. Rejects with a `ParleyError` if it can't; what was opened is closed again. */
export async function startPeer(config: PeerConfig, deps: PeerDeps): Promise<Session> {
  const told = new EventOutlet(deps.emit)
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
  if (config.helpers.length === 0 && config.lan === 'off') told.emit(noDiscovery())
  return new PeerSession(rooms, told)
}

/**
 * How long the end of a script waits for someone to confirm its last messages, and for someone to join at
 * all.
 */
const CONFIRM_MS = 5_000
const ALONE_MS = 2_000
/** How long leaving may take in all, milliseconds: then the user has waited enough. */
const CLOSE_MS = 2_500

class PeerSession implements Session {
  readonly #rooms: Rooms
  readonly #commands: Commands
  readonly #events: EventOutlet
  readonly #closed = Promise.withResolvers<void>()
  #closing: Promise<void> | undefined

  constructor(rooms: Rooms, told: EventOutlet) {
    this.#rooms = rooms
    this.#events = told
    this.#commands = new Commands(rooms, told.emit)
  }

  get closed(): Promise<void> {
    return this.#closed.promise
  }

  async perform(input: Input): Promise<void> {
    if (this.#closing !== undefined) return
    if (input.kind === 'quit') return this.close()
    try {
      await this.#commands.perform(input)
    } catch (error) {
      // a bug of ours must not end the chat: it is reported, and the next input is carried out
      const text = `that did not work (${String(error)})`
      this.#events.emit({
        type: 'error',
        code: 'internal',
        text,
        remedy: 'Please report it, with --log-level debug.',
      })
    }
  }

  async settled(): Promise<void> {
    const alone = AbortSignal.timeout(ALONE_MS)
    const end = AbortSignal.timeout(CONFIRM_MS)
    while (this.#rooms.undelivered > 0 && this.#closing === undefined) {
      const limit = this.#rooms.isAlone ? alone : end
      if (limit.aborted) return
      await this.#events.next(limit)
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
    this.#events.last({ type: 'bye', undelivered })
    this.#closed.resolve()
  }
}

// A chat session as its front ends see it: it takes inputs, reports events through the `emit` it was started
// with, and ends once, properly.

export interface Session {
  /**
   * Carries out one input. Resolves when it was handed over; for text, when it is in the log and its `sent`
   * event was emitted, so awaiting it is the backpressure for whoever reads input. Never rejects: a failure
   * becomes an `error` event.
   */
  perform(input: Input): Promise<void>

  /**
   * Resolves when another peer holds everything the user wrote in this session, or when further waiting is
   * pointless: nobody joined within a moment, or those online don't confirm.
   */
  settled(): Promise<void>

  /** Says goodbye, flushes, closes everything within 3 seconds, emits `bye`. Safe to call more than once. */
  close(): Promise<void>

  /** Resolves after `bye`, however the end came (`/quit` or `close`). */
  readonly closed: Promise<void>
}

// The events in order: `bye` is the last, whatever else happens during closing. It also lets callers wait for
// the next event.

class EventOutlet {
  readonly #emit: (event: UiEvent) => void
  #isOver = false
  #next = Promise.withResolvers<void>()

  constructor(emit: (event: UiEvent) => void) {
    this.#emit = emit
  }

  readonly emit = (event: UiEvent): void => {
    if (this.#isOver) return
    this.#emit(event)
    this.#next.resolve()
    this.#next = Promise.withResolvers()
  }

  /** Emits this event, and none after it. */
  last(event: UiEvent): void {
    this.emit(event)
    this.#isOver = true
  }

  /** Resolves with the next event, or when the signal fires. */
  async next(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const onAbort = (): void => resolve()
    signal.addEventListener('abort', onAbort)
    await Promise.race([this.#next.promise, promise])
    signal.removeEventListener('abort', onAbort)
  }
}
