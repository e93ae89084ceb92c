/** Which messages a retention lets go, when all are at hand. */
import type { Envelope } from '../../../src/protocol/envelope.ts'
import type { Retention } from '../../../src/room/log.ts'

/**
 * Of messages in their order those that may go, the earliest first. A chain loses its beginning only: in the order
 * of time a message never comes before its predecessor, so the first of a chain that must stay keeps all later ones.
 */
export function prunable(
  sorted: readonly Envelope[],
  { since = 0, bytes = Number.POSITIVE_INFINITY }: Retention,
  mayGo: (envelope: Envelope) => boolean,
): readonly Envelope[] {
  let kept = sorted.reduce((sum, { wire }) => sum + wire.length, 0)
  const gone: Envelope[] = []
  for (const envelope of sorted) {
    if (envelope.ts >= since && kept <= bytes) break
    if (!mayGo(envelope)) continue
    gone.push(envelope)
    kept -= envelope.wire.length
  }
  return gone
}
