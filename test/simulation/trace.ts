/** What happened in a world, line by line: only kept when somebody wants to read it. */

/** An invariant that didn't hold. */
export class Broken extends Error {
  readonly invariant: string

  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`)
    this.invariant = invariant
  }
}

export class Trace {
  readonly lines: string[] = []
  readonly #now: () => number
  readonly #kind: 'kept' | 'off'

  constructor(kind: 'kept' | 'off', now: () => number) {
    this.#kind = kind
    this.#now = now
  }

  /** Notes a line. `line` is only called when traces are kept. */
  note(who: string, line: () => string): void {
    if (this.#kind === 'off') return
    this.lines.push(`${this.#now().toFixed(1).padStart(9)} ${who.padEnd(8)} ${line()}`)
  }
}

/** What names a message for the eye. */
export function short(id: string): string {
  return id.slice(0, 6)
}
