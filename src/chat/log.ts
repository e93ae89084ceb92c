/**
 * A peer's log in the application: opened first and closed last, with its event loop, its notices to the
 * user, and its retention.
 */

import type { UiEvent } from '../api/events.ts'
import { ParleyError } from '../common/errors.ts'
import type { Logger } from '../common/logger.ts'
import type { RetentionConfig } from '../config/types.ts'
import type { Crypto } from '../protocol/crypto.ts'
import type { Retention } from '../room/log.ts'
import type { DataFolder } from '../storage/data-folder.ts'
import type { LogStore } from '../storage/log/log-store.ts'
import { openLogStore } from '../storage/log/sqlite/store.ts'
import { EventLoop } from './event-loop.ts'

const DAY_MS = 86_400_000
const BYTES_PER_MEGABYTE = 1_000_000
/** How often expired messages are pruned, milliseconds. */
const PRUNE_INTERVAL_MS = 3_600_000

export interface PeerLogDeps {
  readonly folder: DataFolder
  readonly crypto: Crypto
  readonly logger: Logger
  readonly retention: RetentionConfig
  readonly emit: (event: UiEvent) => void
}

/** A room that can be pruned. */
interface PrunableRoom {
  prune(retention: Retention): void
}

export class PeerLog {
  readonly store: LogStore
  readonly eventLoop: EventLoop
  readonly #deps: PeerLogDeps
  readonly #rooms = new Set<PrunableRoom>()
  #pruneTimer: NodeJS.Timeout | undefined

  private constructor(store: LogStore, deps: PeerLogDeps) {
    const { emit } = deps
    this.store = store
    this.#deps = deps
    this.eventLoop = new EventLoop({
      store,
      onDiskFailed: (cause, unsaid) => emit(diskFailure(cause, unsaid)),
      onRecovered: () => emit({ type: 'notice', code: 'log-ok', text: 'the log can be written again' }),
    })
  }

  /** Opens the log of a data folder. Rejects with a `ParleyError` if it can't be used. */
  static async open(deps: PeerLogDeps): Promise<PeerLog> {
    const { folder, crypto, logger, emit } = deps
    const { store, notices } = await openLogStore(folder.path, { crypto, logger })
    for (const { code, text } of notices) emit({ type: 'notice', code, text })
    return new PeerLog(store, deps)
  }

  /** Prunes this room from now on. */
  startPruning(room: PrunableRoom): void {
    this.#rooms.add(room)
    const retention = this.#retention
    if (retention === undefined) return
    room.prune(retention)
    this.#pruneTimer ??= setInterval(() => this.#pruneAll(), PRUNE_INTERVAL_MS).unref()
  }

  /** The room is closed. */
  stopPruning(room: PrunableRoom): void {
    this.#rooms.delete(room)
  }

  /** The user wrote something that can't be stored now. */
  readonly onNotStored = (): void => {
    this.#deps.emit(notSentText('the log cannot be written at the moment', 1))
  }

  /** Safe to call more than once. */
  close(): void {
    clearInterval(this.#pruneTimer)
    this.eventLoop.stop()
    this.store.close()
  }

  #pruneAll(): void {
    const retention = this.#retention
    if (retention !== undefined) for (const room of this.#rooms) room.prune(retention)
  }

  /** As of now; undefined if everything is kept. */
  get #retention(): Retention | undefined {
    const { days, megabytes } = this.#deps.retention
    if (days === 0 && megabytes === 0) return undefined
    return {
      ...(days > 0 && { since: Date.now() - days * DAY_MS }),
      ...(megabytes > 0 && { bytes: megabytes * BYTES_PER_MEGABYTE }),
    }
  }
}

function diskFailure(cause: unknown, unsaid: number): UiEvent {
  const isKnown = cause instanceof ParleyError
  const why = isKnown ? cause.message : `the log failed (${String(cause)})`
  const remedy = isKnown ? cause.remedy : 'Please report it, with --log-level debug.'
  if (unsaid > 0) return notSentText(why, unsaid, remedy)
  const text = `${why}: nothing is taken in until it works again`
  return { type: 'error', code: 'log-failed', text, remedy }
}

const RETRY_TEXT = 'Make room on the disk; parley tries again every few seconds. Then write it again.'

function notSentText(why: string, count: number, remedy = RETRY_TEXT): UiEvent {
  const what = count === 1 ? 'your message was not sent' : `your last ${count} messages were not sent`
  return { type: 'error', code: 'log-failed', text: `${what}: ${why}`, remedy }
}
