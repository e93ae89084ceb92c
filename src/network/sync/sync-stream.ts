/**
 * One sync session over one stream: writes what the core's `SyncSession` has to send, at the partner's pace,
 * and passes it the partner's messages one at a time. Every step has a deadline, and a partner that violates
 * the protocol is reset. While many messages are transferred, other work gets its turn now and then.
 */
import { setImmediate } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import { decodeSync, encodeSync, MAX_SYNC_MESSAGE_BYTES } from '../../protocol/sync-message.ts'
import type { SyncFault, SyncResult } from '../../room/sync/accounting.ts'
import type { SyncSessionDeps } from '../../room/sync/session.ts'
import { SyncSession } from '../../room/sync/session.ts'
import { MalformedMessageError, MessageStream } from '../streams/message-stream.ts'

/** The partner's time limits, milliseconds. */
export interface SyncTimeouts {
  /** For one message, or to make room for one: a link of 40 kB/s manages the largest. */
  readonly stepMs: number
  /** For the comparison of frontiers: two megabytes over such a link. */
  readonly identifyMs: number
}

export const SYNC_TIMEOUTS: SyncTimeouts = { stepMs: 10_000, identifyMs: 60_000 }

/** Small messages are sent together, up to this many bytes. */
const BATCH_BYTES = 64 * 1024
/** Work between yields to the event loop, milliseconds: less than a frame on the screen. */
const TURN_MS = 10

export interface SyncStreamDeps extends SyncSessionDeps {
  readonly stream: Stream
  /** The partner sent something. */
  readonly onHeard: () => void
  readonly timeouts: SyncTimeouts
  /** Ends the session; its reason says why. */
  readonly stop: AbortSignal
}

/** Runs a session to its end. Never rejects. */
export async function runSyncSession(deps: SyncStreamDeps): Promise<SyncResult> {
  const run = new SessionRun(deps)
  const stop = (): void => run.reset(asError(deps.stop.reason))
  deps.stop.addEventListener('abort', stop)
  if (deps.stop.aborted) stop()
  try {
    return await run.outcome()
  } finally {
    deps.stop.removeEventListener('abort', stop)
  }
}

/** Ends a session from within. */
class SessionFaultError extends Error {
  override readonly name = 'FaultError'
  readonly fault: SyncFault

  constructor(fault: SyncFault) {
    super(fault.reason)
    this.fault = fault
  }
}

class SessionRun {
  readonly #deps: SyncStreamDeps
  readonly #exchange: SyncSession
  readonly #stream: MessageStream
  readonly #startedAt = performance.now()
  #readAt = this.#startedAt
  #wroteAt = this.#startedAt
  #turnAt = this.#startedAt
  /** Resolved when the partner sends something. */
  #received = Promise.withResolvers<void>()

  constructor(deps: SyncStreamDeps) {
    this.#deps = deps
    this.#exchange = new SyncSession(deps)
    this.#stream = new MessageStream(deps.stream, MAX_SYNC_MESSAGE_BYTES)
  }

  async outcome(): Promise<SyncResult> {
    try {
      await Promise.all([this.#read(), this.#write()])
      await this.#stream.close(this.#deps.timeouts.stepMs)
      return this.#exchange.result()
    } catch (error) {
      const fault = faultOf(asError(error))
      this.reset(asError(error))
      return this.#exchange.result(fault)
    }
  }

  reset(cause: Error): void {
    this.#stream.abort(cause)
  }

  async #read(): Promise<void> {
    try {
      while (this.#exchange.phase !== 'read') {
        const bytes = await this.#stream.read(() => this.#readBy())
        this.#readAt = performance.now()
        this.#deps.onHeard()
        const message = decodeSync(bytes)
        if (message === undefined) throw new MalformedMessageError('no message of this protocol')
        const fault = this.#exchange.onMessage(message)
        if (fault !== undefined) throw new SessionFaultError(fault)
        this.#wakeWriter()
        await this.#yieldTurn()
      }
    } finally {
      this.#wakeWriter()
    }
  }

  /** Wakes the other half. */
  #wakeWriter(): void {
    this.#received.resolve()
    this.#received = Promise.withResolvers()
  }

  async #write(): Promise<void> {
    for (;;) {
      const said = this.#received.promise
      const batch = this.#batch()
      if (batch.length === 0 && this.#exchange.phase === 'read') return
      if (batch.length === 0) {
        await said
        continue
      }
      const by = performance.now() + this.#deps.timeouts.stepMs
      await this.#stream.write(batch, () => by)
      this.#wroteAt = performance.now()
      await this.#yieldTurn()
    }
  }

  #batch(): readonly Uint8Array[] {
    const batch: Uint8Array[] = []
    for (let bytes = 0; bytes < BATCH_BYTES; ) {
      const message = this.#exchange.next()
      if (message === undefined) break
      const encoded = encodeSync(message)
      batch.push(encoded)
      bytes += encoded.length
    }
    return batch
  }

  /** The deadline for the partner's next message. While it must first read mine, it can't send one. */
  #readBy(): number {
    const { stepMs, identifyMs } = this.#deps.timeouts
    const step = Math.max(this.#readAt, this.#wroteAt) + stepMs
    const isMoving = this.#exchange.phase === 'moving'
    return isMoving ? step : Math.min(step, this.#startedAt + identifyMs)
  }

  async #yieldTurn(): Promise<void> {
    if (performance.now() - this.#turnAt < TURN_MS) return
    await setImmediate()
    this.#turnAt = performance.now()
  }
}

/** A broken connection, a deadline, or a failing disk here: nobody is to blame for these. */
function faultOf(error: Error): SyncFault {
  if (error instanceof SessionFaultError) return error.fault
  const blame = error instanceof MalformedMessageError ? 'partner' : 'nobody'
  return { reason: error.message, blame }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause))
}
