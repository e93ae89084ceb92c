/**
 * What one side of a sync session sends, as messages made one at a time, when the partner has room for them.
 */
import { restoreEnvelope } from '../../protocol/envelope.ts'
import type { ChainHeads } from '../../protocol/frontier.ts'
import { chainKey } from '../../protocol/frontier.ts'
import type { MessageId } from '../../protocol/ids.ts'
import type { RoundPart } from '../../protocol/ranges.ts'
import type { SyncMessage } from '../../protocol/sync-message.ts'
import { MAX_HAVE_CHAINS, MAX_WANTS, MESSAGES_LIMIT } from '../../protocol/sync-message.ts'
import type { StoredMessage } from '../log.ts'
import type { Request, SyncRoom } from './sync-room.ts'

export type Outgoing = Iterator<SyncMessage, void>

/** What one session may transfer in one direction, in bytes; the rest follows in the next one. */
export const MAX_TRANSFER_BYTES = 64 * 1024 * 1024

export function* singleMessage(message: SyncMessage): Outgoing {
  yield message
}

/** The whole frontier. */
export function* haveMessages(chains: readonly ChainHeads[]): Outgoing {
  for (const [list, part] of cut(chains, MAX_HAVE_CHAINS)) yield { kind: 'have', chains: list, part }
}

/** One round of a reconciliation. */
export function* rangesMessages(parts: Iterable<RoundPart>): Outgoing {
  for (const part of parts) yield { kind: 'ranges', ...part }
}

/** What is wanted of the partner's chains. */
export function* wantMessages({ wants, tail, earlier }: Request, theirs: readonly ChainHeads[]): Outgoing {
  const indices = new Map(theirs.map((chain, index) => [chainKey(chain), index]))
  const places = wants.flatMap(want => {
    const index = indices.get(chainKey(want))
    return index === undefined ? [] : { index, seq: want.seq }
  })
  for (const [list, part] of cut(places, MAX_WANTS)) {
    const isLast = part === 'last'
    yield { kind: 'want', wants: list, part, tail: isLast ? tail : 0, earlier: isLast ? earlier : [] }
  }
}

/** What was requested, and the end. Reports how many messages each part has. */
export function* responseMessages(
  room: SyncRoom,
  wanted: Request,
  onSent: (count: number) => void,
): Outgoing {
  if (wanted.tail > 0) yield { kind: 'tail', wires: fitting(room.newest(wanted.tail)) }
  let budget = MAX_TRANSFER_BYTES
  for (const { kind, pieces } of partsOf(room, wanted)) {
    budget -= pieces.reduce((sum, piece) => sum + piece.wire.length, 0)
    if (budget < 0) break
    yield { kind, wires: pieces.map(piece => piece.wire) }
    onSent(pieces.length)
  }
  yield { kind: 'end' }
}

interface ServedPart {
  readonly kind: 'messages' | 'earlier'
  readonly pieces: readonly StoredMessage[]
}

function* partsOf(room: SyncRoom, { wants, earlier }: Request): Iterable<ServedPart> {
  for (const want of wants) {
    let { seq } = want
    for (;;) {
      const pieces = room.chainPart({ ...want, seq }, MESSAGES_LIMIT)
      const last = pieces.at(-1)
      if (last === undefined) break
      yield { kind: 'messages', pieces }
      seq = last.seq + 1
    }
  }
  for (const id of earlier) yield* partsUpTo(room, id)
}

/** A message and its predecessors, the last of them first. */
function* partsUpTo(room: SyncRoom, id: MessageId): Iterable<ServedPart> {
  let wanted: MessageId | null = id
  while (wanted !== null) {
    const pieces = room.backFrom(wanted, MESSAGES_LIMIT)
    const [first] = pieces
    if (first === undefined) return
    yield { kind: 'earlier', pieces }
    wanted = restoreEnvelope(first.wire, first.id)?.prev ?? null
  }
}

/** The last ones, as many as fit into one message. */
function fitting(wires: readonly Uint8Array[]): readonly Uint8Array[] {
  let bytes = 0
  const from = wires.findLastIndex(wire => {
    bytes += wire.length
    return bytes > MESSAGES_LIMIT.bytes
  })
  return wires.slice(from + 1)
}

/** Pieces of a list, at least one. */
function* cut<T>(
  list: readonly T[],
  size: number,
): Generator<readonly [readonly T[], 'more' | 'last'], void> {
  let from = 0
  do {
    const to = from + size
    yield [list.slice(from, to), to < list.length ? 'more' : 'last']
    from = to
  } while (from < list.length)
}
