/**
 * A peer that connects though it is connected has lost its old connection, or so it seems: it moved, was restarted, or
 * its router forgot. What it left is dead without a word; so it is asked for a sign of life, and cut without one.
 */
import type { Connection } from '@libp2p/interface'
import type { Choice } from './choice.ts'
import { cutIfSilent } from './ping.ts'

/** How long an old connection may take to answer when a new one comes, milliseconds. */
const DOUBT_MS = 1_500

/** Asks on those of `all` that `newest` replaces. */
export function doubtReplaced(
  newest: Connection,
  all: readonly Connection[],
  choice: Choice,
  stop: AbortSignal,
): void {
  const doubtful = all.filter(other => other.status === 'open' && choice.replaces(newest, other))
  for (const other of doubtful) void cutIfSilent(other, DOUBT_MS, 'it was replaced', stop)
}
