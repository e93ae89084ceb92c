/**
 * The connection preference: which of several connections to one peer is used, by parley and by libp2p's own
 * parts, which take the first one (the relay, its reservations, any stream opened by peer id). A connection
 * may count as open while it is being closed, or long after the other side moved away; so the right one is
 * put first here.
 *
 * The rule uses only what both ends see, so that they agree: open before closed, direct before relayed, and
 * the latest before those that it replaced; but if both sides dialled at the same time, the one that the
 * smaller peer id dialled. The owner of a connection can add: use this one, or it will soon be closed.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { deadline } from '../deadline.ts'
import { pingConnection } from './ping.ts'

/**
 * Two connections that come up within this time, one dialled by each side, crossed: neither replaces the
 * other.
 */
const CROSSED_DIALS_MS = 3_000

/** The properties that the rule considers. */
export type Candidate = Pick<Connection, 'status' | 'direct' | 'direction' | 'remotePeer'>

export class ConnectionPreference {
  readonly #self: PeerId
  /** Steady time at which each came up, milliseconds. */
  readonly #openedAt = new WeakMap<Candidate, number>()
  readonly #preferred = new WeakSet<Candidate>()
  readonly #deprecated = new WeakSet<Candidate>()

  constructor(self: PeerId) {
    this.#self = self
  }

  /** A connection came up. */
  onOpen(connection: Candidate, now: number): void {
    if (!this.#openedAt.has(connection)) this.#openedAt.set(connection, now)
  }

  /** Use this connection as long as it is open. */
  prefer(connection: Candidate): void {
    this.#preferred.add(connection)
  }

  isPreferred(connection: Candidate): boolean {
    return this.#preferred.has(connection)
  }

  /** This connection serves one purpose or is about to be closed: start nothing else on it. */
  deprecate(connection: Candidate): void {
    this.#deprecated.add(connection)
  }

  /** True if the peer dialled `connection` after `other` was up, and so has probably lost `other`. */
  replaces(connection: Candidate, other: Candidate): boolean {
    if (connection.direct !== other.direct || !this.#isUsable(connection)) return false
    const laterMs = this.#openedAtOf(connection) - this.#openedAtOf(other)
    return connection.direction === other.direction ? laterMs > 0 : laterMs > CROSSED_DIALS_MS
  }

  /** All of them, preferred first. */
  inOrder<Some extends Candidate>(connections: readonly Some[]): Some[] {
    if (connections.length < 2) return [...connections]
    const isReplaced = (one: Some): boolean => connections.some(other => this.replaces(other, one))
    const places = [
      (one: Some) => Number(!this.#isUsable(one)),
      (one: Some) => Number(!this.#preferred.has(one)),
      (one: Some) => Number(!one.direct),
      (one: Some) => Number(isReplaced(one)),
      (one: Some) => Number(!isReplaced(one) && !this.#isDialledBySmallerId(one)),
      (one: Some) => -this.#openedAtOf(one),
    ]
    const compare = (a: Some, b: Some): number => {
      const place = places.find(at => at(a) !== at(b))
      return place === undefined ? 0 : place(a) - place(b)
    }
    return connections.toSorted(compare)
  }

  #isUsable(connection: Candidate): boolean {
    return connection.status === 'open' && !this.#deprecated.has(connection)
  }

  #openedAtOf(connection: Candidate): number {
    return this.#openedAt.get(connection) ?? 0
  }

  #isDialledBySmallerId({ direction, remotePeer }: Candidate): boolean {
    const isMine = this.#self.toString() < remotePeer.toString()
    return isMine === (direction === 'outbound')
  }
}

/** The open connections to a peer, preferred first, of a node whose connections are ordered. */
export function openConnections(node: Pick<Libp2p, 'getConnections'>, peer: PeerId): readonly Connection[] {
  return node.getConnections(peer).filter(({ status }) => status === 'open')
}

/** The path to a peer now. */
export function preferredConnection(
  node: Pick<Libp2p, 'getConnections'>,
  peer: PeerId,
): 'direct' | 'relayed' | 'none' {
  const open = openConnections(node, peer)
  if (open.some(({ direct }) => direct)) return 'direct'
  return open.length > 0 ? 'relayed' : 'none'
}

// The stale-connection check. A peer that connects again has probably lost its old connection: it moved,
// restarted, or its router forgot the mapping. The old one may be dead without notice, so both are pinged,
// and the old one is closed if the new one answers much sooner. A busy machine is slow on both.

/** The least time that an old connection has to answer, milliseconds. */
const MIN_STALE_MS = 1_500
/** And how many times as long as the new one. */
const STALE_FACTOR = 4
/** If the new one takes longer than this, nothing follows. */
const ANSWER_MS = 10_000

/** Pings those of `all` that `newest` replaces. */
export function checkReplacedConnection(
  newest: Connection,
  all: readonly Connection[],
  choice: ConnectionPreference,
  stop: AbortSignal,
): void {
  const isDoubtful = (other: Connection): boolean =>
    // a peer with a direct connection doesn't connect through a relay
    choice.replaces(newest, other) || (other.direct && !newest.direct)
  for (const other of all)
    if (other.status === 'open' && isDoubtful(other)) void closeIfStale(other, newest, stop)
}

async function closeIfStale(old: Connection, newest: Connection, stop: AbortSignal): Promise<void> {
  const startedAt = performance.now()
  const signal = deadline((STALE_FACTOR + 1) * ANSWER_MS, stop)
  let answer: 'none' | 'came' = 'none'
  const came = (): void => {
    answer = 'came'
  }
  // a connection that ends meanwhile needs no closing
  pingConnection(old, signal).then(came, came)
  try {
    await pingConnection(newest, deadline(ANSWER_MS, stop))
    const tookMs = performance.now() - startedAt
    await pause(Math.max(MIN_STALE_MS, STALE_FACTOR * tookMs) - tookMs, undefined, {
      signal: stop,
      ref: false,
    })
    if (answer === 'none') old.abort(new Error('it was replaced'))
  } catch {
    // the heartbeat decides, as always
  }
}
