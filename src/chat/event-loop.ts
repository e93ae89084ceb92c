/**
 * The event loop with group commit: everything that one turn brings to any room is made durable by one
 * commit, and only then shown and published, so that a power cut can't take back what anyone was told. If the
 * disk fails, everything returns to the last commit, nobody is told anything, and writing is retried now and
 * then.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LogStore } from '../storage/log/log-store.ts'

/** How long nothing is written after the disk failed, milliseconds. */
const RETRY_MS = 5_000
/**
 * The search index is updated when nothing was written for a moment, in steps that leave time for other work.
 */
const INDEX_AFTER_MS = 250
const INDEX_STEP_MS = 10

/** A room's part in a turn. */
export interface TurnParticipant {
  /** Collects the turn's effects. The log may be written here. */
  end(): void
  /** Performs them: the log is durable now. */
  perform(): void
  /** Drops them: the log is as before. Returns how many own messages that takes back. */
  rollback(): number
}

export interface EventLoopDeps {
  readonly store: Pick<LogStore, 'commit' | 'rollback' | 'indexSome'>
  /** The disk failed, and so many own messages were taken back. */
  readonly onDiskFailed: (cause: unknown, unsaid: number) => void
  readonly onRecovered: () => void
  /** Steady time, milliseconds. */
  readonly now?: () => number
}

export class EventLoop {
  readonly #deps: EventLoopDeps
  readonly #now: () => number
  readonly #participants = new Set<TurnParticipant>()
  #turn: Promise<void> | undefined
  #failedAt: number | undefined
  #indexing: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(deps: EventLoopDeps) {
    this.#deps = deps
    this.#now = deps.now ?? (() => performance.now())
  }

  /** Joins the current turn. Resolves when it is over. */
  join(participant: TurnParticipant): Promise<void> {
    this.#participants.add(participant)
    this.#turn ??= new Promise(resolve => {
      setImmediate(() => {
        this.#turn = undefined
        this.#end()
        resolve()
      })
    })
    return this.#turn
  }

  /** Ends the current turn at once, if there is one: what is read next is durable. */
  endTurn(): void {
    if (this.#participants.size > 0) this.#end()
  }

  /** False for a while after the disk failed: then nothing that must be stored should be accepted. */
  get mayWrite(): boolean {
    return this.#failedAt === undefined || this.#now() >= this.#failedAt + RETRY_MS
  }

  /** Runs work that may write the log; if the disk fails, everything of this turn is taken back. */
  guard<Result>(work: () => Result, otherwise: Result): Result {
    try {
      return work()
    } catch (cause) {
      this.#rollback(cause)
      return otherwise
    }
  }

  /** Completes the search index, however far it lags behind, while everything else continues. */
  async completeIndex(): Promise<void> {
    while (!this.#isStopped && this.#indexSome() === 'more') await nextTurn()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#indexing)
  }

  #end(): void {
    const participants = [...this.#participants]
    const isDone = this.guard(() => {
      for (const participant of participants) participant.end()
      this.#onCommitted(this.#deps.store.commit())
      return true
    }, false)
    this.#participants.clear()
    if (isDone) for (const participant of participants) participant.perform()
  }

  #onCommitted(what: 'written' | 'nothing'): void {
    if (what === 'nothing') return
    this.#indexSoon(INDEX_AFTER_MS)
    if (this.#failedAt === undefined) return
    this.#failedAt = undefined
    this.#deps.onRecovered()
  }

  #rollback(cause: unknown): void {
    this.#failedAt = this.#now()
    this.#deps.store.rollback()
    let unsaid = 0
    for (const participant of this.#participants) unsaid += participant.rollback()
    this.#deps.onDiskFailed(cause, unsaid)
  }

  #indexSoon(ms: number): void {
    clearTimeout(this.#indexing)
    this.#indexing = setTimeout(() => this.#index(), ms).unref()
  }

  #index(): void {
    if (this.#indexSome() === 'more') this.#indexSoon(INDEX_STEP_MS)
  }

  #indexSome(): 'more' | 'done' {
    try {
      return this.#deps.store.indexSome()
    } catch {
      // a full disk is reported where it matters; the index follows after the next write
      return 'done'
    }
  }
}
