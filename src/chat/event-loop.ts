/**
 * The turns of all rooms on one log: what one turn of the event loop brings is made durable once, and only then
 * shown and published, so that nobody is told what a power cut could take back. Where the disk refuses, everything
 * goes back to the last commit, nobody is told anything, and now and then it is tried again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LogStore } from '../storage/log/log-store.ts'

/** How long nothing is written after the disk refused, milliseconds. */
const RETRY_MS = 5_000
/** The search index follows when nothing was written for a moment, in steps that leave time for other things. */
const INDEX_AFTER_MS = 250
const INDEX_STEP_MS = 10

/** A room's part in a turn. */
export interface Participant {
  /** Collects what is to be done about this turn. Here the log may be written. */
  end(): void
  /** Does it: the log is durable now. */
  perform(): void
  /** Forgets it: the log is as it was before. Returns how many own messages that takes back. */
  takeBack(): number
}

export interface EventLoopDeps {
  readonly store: Pick<LogStore, 'commit' | 'rollback' | 'indexSome'>
  /** The disk refused, and took back so many own messages. */
  readonly onRefused: (cause: unknown, unsaid: number) => void
  readonly onRecovered: () => void
  /** Steady time, milliseconds. */
  readonly now?: () => number
}

export class EventLoop {
  readonly #deps: EventLoopDeps
  readonly #now: () => number
  readonly #participants = new Set<Participant>()
  #turn: Promise<void> | undefined
  #refusedAt: number | undefined
  #indexing: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(deps: EventLoopDeps) {
    this.#deps = deps
    this.#now = deps.now ?? (() => performance.now())
  }

  /** Takes part in this turn. Resolves when it is over. */
  join(participant: Participant): Promise<void> {
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

  /** Ends this turn at once, if there is one: what is read next is durable. */
  settle(): void {
    if (this.#participants.size > 0) this.#end()
  }

  /** False for a while after the disk refused: then nothing that has to be kept should be taken in. */
  get mayWrite(): boolean {
    return this.#refusedAt === undefined || this.#now() >= this.#refusedAt + RETRY_MS
  }

  /** Does what may write the log; if the disk refuses, everything of this turn is taken back. */
  guard<Result>(work: () => Result, otherwise: Result): Result {
    try {
      return work()
    } catch (cause) {
      this.#takeBack(cause)
      return otherwise
    }
  }

  /** Brings the search index up to date, however far behind it is, while everything else goes on. */
  async catchUp(): Promise<void> {
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
    if (this.#refusedAt === undefined) return
    this.#refusedAt = undefined
    this.#deps.onRecovered()
  }

  #takeBack(cause: unknown): void {
    this.#refusedAt = this.#now()
    this.#deps.store.rollback()
    let unsaid = 0
    for (const participant of this.#participants) unsaid += participant.takeBack()
    this.#deps.onRefused(cause, unsaid)
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
      // a full disk is told of where it matters; the index follows after the next write
      return 'done'
    }
  }
}
