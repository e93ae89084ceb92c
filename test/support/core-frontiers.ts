/** Frontiers of any size, and two sides that find out how theirs differ, by way of encoded messages. */
import { hash } from 'node:crypto'
import { nodeCrypto } from '../../src/chat/node-crypto.ts'
import type { ChainHeads } from '../../src/protocol/frontier.ts'
import { chainKey } from '../../src/protocol/frontier.ts'
import type { LogId, MessageId, PeerKey } from '../../src/protocol/ids.ts'
import type { RoundPart } from '../../src/protocol/ranges.ts'
import { rangeHashes } from '../../src/protocol/ranges.ts'
import { decodeSync, encodeSync } from '../../src/protocol/sync-message.ts'
import type { Role } from '../../src/room/sync/reconciliation.ts'
import { Reconciliation } from '../../src/room/sync/reconciliation.ts'

const crypto = nodeCrypto()

/** Any chain: `number` names it, `version` says how it stands. */
export function chainAt(number: number, version = 0): ChainHeads {
  const name = hash('sha256', `chain ${number}`)
  const seq = 100 + version
  const id = hash('sha256', `head ${number} ${version}`) as MessageId
  const log = hash('sha256', `log ${number}`).slice(0, 16) as LogId
  return { author: name as PeerKey, log, heads: [{ seq, id }], base: version % 3 }
}

/** Chains in the order of a frontier. */
export function sorted(chains: readonly ChainHeads[]): readonly ChainHeads[] {
  return chains.toSorted((a, b) => (chainKey(a) < chainKey(b) ? -1 : 1))
}

/** How chains are compared in these exchanges. */
export const COMPARING = rangeHashes(crypto, new Uint8Array(32))

export function reconciliationOf(frontier: readonly ChainHeads[], role: Role = 'lists'): Reconciliation {
  return new Reconciliation(frontier, COMPARING, role)
}

/** What a part is on the other side. */
function overTheWire(part: RoundPart): { readonly part: RoundPart; readonly bytes: number } {
  const bytes = encodeSync({ kind: 'ranges', ...part })
  const read = decodeSync(bytes)
  if (read?.kind !== 'ranges') throw new Error(`a part of ${bytes.length} bytes is not read`)
  return { part: read, bytes: bytes.length }
}

export interface Reconciled {
  /** What each side found the other to have. */
  readonly byA: readonly ChainHeads[]
  readonly byB: readonly ChainHeads[]
  readonly bytes: number
  readonly rounds: number
}

/** Two sides come to know how their frontiers differ; the first one begins, and lists if it is told to. */
export function reconcile(
  a: readonly ChainHeads[],
  b: readonly ChainHeads[],
  role: Role = 'lists',
): Reconciled {
  const [first, second] = [
    reconciliationOf(a, role),
    reconciliationOf(b, role === 'lists' ? 'tells' : 'lists'),
  ]
  let [from, to] = [first, second]
  let [bytes, rounds] = [0, 0]
  let parts = from.begin()
  let isLast = false
  for (;;) {
    const sent = [...parts].map(overTheWire)
    const turns = sent.map(({ part }) => to.take(part))
    const turn = turns.pop() ?? 'wrong'
    bytes += sent.reduce((sum, one) => sum + one.bytes, 0)
    rounds++
    const isFine = turns.every(one => one === 'theirs') && (isLast ? turn === 'over' : turn !== 'theirs')
    if (!isFine || turn === 'wrong') throw new Error(`round ${rounds} of ${sent.length} parts: ${turn}`)
    if (turn === 'over') return { byA: first.theirs, byB: second.theirs, bytes, rounds }
    isLast = turn === 'mine and over'
    ;[from, to] = [to, from]
    parts = from.reply()
  }
}
