/**
 * Who saw what when, by one clock for all: the laboratory's. Programs' own times don't do, since a clock may be what is
 * being broken.
 */
import type { UiEvent } from '../../src/api/events.ts'
import type { JsonProgram } from '../support/process-peer.ts'

export interface Entry {
  /** Whose program told it. */
  readonly by: string
  readonly atMs: number
  readonly event: UiEvent
}

export class Diary {
  readonly entries: Entry[] = []
  /** When a text was handed to its author's program. */
  readonly #saidMs = new Map<string, number>()
  readonly #watchers = new Set<() => void>()
  #death: string | undefined

  /** Takes down everything this program tells from now on. */
  watch(by: string, program: JsonProgram): void {
    program.lines.follow({
      onItem: line => this.#add({ by, atMs: performance.now(), event: JSON.parse(line) }),
      onEnd: () => {},
    })
  }

  /** A program ended that shouldn't have: whoever waits for anything learns that at once. */
  died(how: string): void {
    this.#death ??= how
    this.#wake()
  }

  said(text: string): void {
    this.#saidMs.set(text, performance.now())
  }

  saidMs(text: string): number {
    return this.#saidMs.get(text) ?? Number.POSITIVE_INFINITY
  }

  /** Entries of one kind from this time on, in order. */
  since<T extends UiEvent['type']>(
    type: T,
    markMs: number,
  ): readonly (Entry & { readonly event: Extract<UiEvent, { type: T }> })[] {
    return this.entries.filter(
      (entry): entry is Entry & { readonly event: Extract<UiEvent, { type: T }> } => {
        return entry.atMs >= markMs && entry.event.type === type
      },
    )
  }

  /** The first value that `look` gives, which is asked again after each entry; rejects when it gives none in time. */
  async until<Found>(look: () => Found | undefined, what: () => string, patienceMs: number): Promise<Found> {
    const { promise, resolve, reject } = Promise.withResolvers<Found>()
    const watcher = (): void => {
      const found = look()
      if (found !== undefined) resolve(found)
      else if (this.#death !== undefined) reject(new Error(`it died: ${this.#death}`))
    }
    const timer = setTimeout(() => reject(new Error(`no ${what()} in ${patienceMs} ms`)), patienceMs)
    this.#watchers.add(watcher)
    watcher()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#watchers.delete(watcher)
    }
  }

  #add(entry: Entry): void {
    this.entries.push(entry)
    this.#wake()
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}
