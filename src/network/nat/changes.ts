/**
 * Notices that the network may be another one than a moment ago: this machine has other addresses, or it was asleep, which
 * shows in a clock that has jumped ahead. The system tells Node of neither, so both are looked at now and then.
 */
import { ownHosts } from './own-hosts.ts'

/** Changes are noticed within this, at the cost of one system call. */
const LOOK_MS = 500
/** A later look than this was a sleep, of the machine or of this process; busy machines are late by a second or two. */
const SLEEP_MS = 8_000

/** Calls until the signal fires. */
export function watchChanges(onChange: () => void, signal: AbortSignal): void {
  let hosts = ownHosts().join()
  let lookedAt = Date.now()
  const timer = setInterval(() => {
    const [hostsNow, now] = [ownHosts().join(), Date.now()]
    const slept = now - lookedAt > LOOK_MS + SLEEP_MS
    lookedAt = now
    if (hostsNow === hosts && !slept) return
    hosts = hostsNow
    onChange()
  }, LOOK_MS)
  timer.unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}
