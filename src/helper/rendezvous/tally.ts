/**
 * How often something was refused, by reason, for the metrics and the status page.
 */

export class Tally {
  readonly #counts = new Map<string, number>()

  /** `reason` is one of the program's own words, never a stranger's, so there are few. */
  count(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  entries(): ReadonlyMap<string, number> {
    return this.#counts
  }
}
