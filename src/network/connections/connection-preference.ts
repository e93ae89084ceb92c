/**
 * Which of several connections to one peer is used, by parley and by the library, whose parts take the first that they
 * are given (the relay, its reservations, whoever opens a stream by peer id). A connection may count as open though it is
 * being closed, or though the other side left it long ago and moved; so the first one is made the right one here.
 *
 * The rule needs nothing but what both ends see, so that they agree: open before closed, direct before relayed, and the
 * one that came last before those it replaced; but of two that both sides dialled at the same time the one that the
 * smaller peer id dialled. Only whoever looks after a connection can say more: that it is the one to use, or that it is soon to be closed.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { deadline } from '../deadline.ts'
import { pingOver } from './ping.ts'

/** Of two connections that come up within this, one dialled by each side, none replaces the other: the dials crossed. */
const CROSSING_MS = 3_000

/** What the rule looks at. */
export type Candidate = Pick<Connection, 'status' | 'direct' | 'direction' | 'remotePeer'>

export class ConnectionPreference {
  readonly #self: PeerId
  /** Steady time at which each came up, milliseconds. */
  readonly #openedAt = new WeakMap<Candidate, number>()
  readonly #kept = new WeakSet<Candidate>()
  readonly #aside = new WeakSet<Candidate>()

  constructor(self: PeerId) {
    this.#self = self
  }

  /** It came up. */
  note(connection: Candidate, now: number): void {
    if (!this.#openedAt.has(connection)) this.#openedAt.set(connection, now)
  }

  /** It is the one to use for as long as it is open. */
  keep(connection: Candidate): void {
    this.#kept.add(connection)
  }

  isKept(connection: Candidate): boolean {
    return this.#kept.has(connection)
  }

  /** It is there for one purpose, or about to be closed: nothing else is to begin on it. */
  setAside(connection: Candidate): void {
    this.#aside.add(connection)
  }

  /** True if whoever dialled a connection did so after the other one was up, and so has lost that. */
  replaces(connection: Candidate, other: Candidate): boolean {
    if (connection.direct !== other.direct || !this.#isUsable(connection)) return false
    const laterMs = this.#at(connection) - this.#at(other)
    return connection.direction === other.direction ? laterMs > 0 : laterMs > CROSSING_MS
  }

  /** All of them, the best first. */
  inOrder<Some extends Candidate>(connections: readonly Some[]): Some[] {
    if (connections.length < 2) return [...connections]
    const isReplaced = (one: Some): boolean => connections.some(other => this.replaces(other, one))
    const places = [
      (one: Some) => Number(!this.#isUsable(one)),
      (one: Some) => Number(!this.#kept.has(one)),
      (one: Some) => Number(!one.direct),
      (one: Some) => Number(isReplaced(one)),
      (one: Some) => Number(!isReplaced(one) && !this.#isOfSmaller(one)),
      (one: Some) => -this.#at(one),
    ]
    const compare = (a: Some, b: Some): number => {
      const place = places.find(at => at(a) !== at(b))
      return place === undefined ? 0 : place(a) - place(b)
    }
    return connections.toSorted(compare)
  }

  #isUsable(connection: Candidate): boolean {
    return connection.status === 'open' && !this.#aside.has(connection)
  }

  #at(connection: Candidate): number {
    return this.#openedAt.get(connection) ?? 0
  }

  #isOfSmaller({ direction, remotePeer }: Candidate): boolean {
    const isMine = this.#self.toString() < remotePeer.toString()
    return isMine === (direction === 'outbound')
  }
}

/** The open connections to a peer, the best first, of a node whose connections are in order. */
export function openConnections(node: Pick<Libp2p, 'getConnections'>, peer: PeerId): readonly Connection[] {
  return node.getConnections(peer).filter(({ status }) => status === 'open')
}

/** How a peer is reached now. */
export function preferredConnection(
  node: Pick<Libp2p, 'getConnections'>,
  peer: PeerId,
): 'direct' | 'relayed' | 'none' {
  const open = openConnections(node, peer)
  if (open.some(({ direct }) => direct)) return 'direct'
  return open.length > 0 ? 'relayed' : 'none'
}

// A peer that connects though it is connected has lost its old connection, or so it seems: it moved, was restarted, or
// its router forgot. What it left is dead without a word; so it is asked for a sign of life on both, and the old one is
// cut when the new one has answered long before it. A busy machine is slow on both.

/** How long an old connection may take to answer, at least, milliseconds. */
const DOUBT_MS = 1_500
/** And how many times as long as the new one. */
const DOUBT_TIMES = 4
/** If the new one takes longer than this, nothing is learned. */
const ANSWER_MS = 10_000

/** Asks on those of `all` that `newest` replaces. */
export function checkReplacedConnection(
  newest: Connection,
  all: readonly Connection[],
  choice: ConnectionPreference,
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
