/**
 * A peer that connects though it is connected has lost its old connection, or so it seems: it moved, was restarted, or
 * its router forgot. What it left is dead without a word; so it is asked for a sign of life on both, and the old one is
 * cut when the new one has answered long before it. A busy machine is slow on both.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import { deadline } from '../deadline.ts'
import type { Choice } from './connection-preference.ts'
import { pingOver } from './ping.ts'

/** How long an old connection may take to answer, at least, milliseconds. */
const DOUBT_MS = 1_500
/** And how many times as long as the new one. */
const DOUBT_TIMES = 4
/** If the new one takes longer than this, nothing is learned. */
const ANSWER_MS = 10_000

/** Asks on those of `all` that `newest` replaces. */
export function doubtReplaced(
  newest: Connection,
  all: readonly Connection[],
  choice: Choice,
  stop: AbortSignal,
): void {
  const isDoubtful = (other: Connection): boolean =>
    // nobody comes through a relay who has a direct connection
    choice.replaces(newest, other) || (other.direct && !newest.direct)
  for (const other of all) if (other.status === 'open' && isDoubtful(other)) void doubt(other, newest, stop)
}

async function doubt(old: Connection, newest: Connection, stop: AbortSignal): Promise<void> {
  const startedAt = performance.now()
  const signal = deadline((DOUBT_TIMES + 1) * ANSWER_MS, stop)
  let answer: 'none' | 'came' = 'none'
  const came = (): void => {
    answer = 'came'
  }
  // a connection that ends meanwhile needs no cutting
  pingOver(old, signal).then(came, came)
  try {
    await pingOver(newest, deadline(ANSWER_MS, stop))
    const tookMs = performance.now() - startedAt
    await pause(Math.max(DOUBT_MS, DOUBT_TIMES * tookMs) - tookMs, undefined, { signal: stop, ref: false })
    if (answer === 'none') old.abort(new Error('it was replaced'))
  } catch {
    // the heartbeat decides, as ever
  }
}
