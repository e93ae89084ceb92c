/**
 * Being asked to end: the first time politely, the second time at once. Signals and Ctrl-C at a prompt count
 * alike.
 */

/** The contract says 3 seconds from the first signal to the exit; the rest is for ending the process. */
export const LEAVE_DEADLINE_MS = 2_800

export class Leaving {
  readonly #first = Promise.withResolvers<void>()
  readonly #second = Promise.withResolvers<void>()
  #count = 0

  /** Resolves when the program was asked to end. */
  get asked(): Promise<void> {
    return this.#first.promise
  }

  /** Resolves when it was asked again. */
  get insisted(): Promise<void> {
    return this.#second.promise
  }

  /** Counts one request. */
  readonly ask = (): void => {
    this.#count += 1
    if (this.#count === 1) this.#first.resolve()
    else this.#second.resolve()
  }
}

/**
 * Runs what a command does until it ends: 0 when `work` resolves or takes longer than the deadline after `begun`
 * (when leaving began), 130 at once when the user insists. Rejects as `work` does.
 */
export async function endInTime(
  work: Promise<void>,
  begun: Promise<void>,
  insisted: Promise<void>,
  deadlineMs: number,
): Promise<number> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  begun.then(() => {
    timer = setTimeout(resolve, deadlineMs).unref()
  })
  try {
    return await Promise.race([work.then(() => 0), late.then(() => 0), insisted.then(() => 130)])
  } finally {
    clearTimeout(timer)
  }
}
