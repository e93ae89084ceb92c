/**
 * Deadlines: every wait for another node ends by itself.
 */

/** Fires after `ms`, or when `signal` does. Its timer keeps no process alive. */
export function deadline(ms: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)])
}

/** Resolves when a signal fires. */
export function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
