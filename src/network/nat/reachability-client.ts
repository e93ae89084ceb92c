/**
 * What this peer has in one connected helper besides the rendezvous: a view from outside, and a relay where others can't
 * reach this peer otherwise. It asks at once, again now and then and when something has changed, and reports to the
 * whereabouts. A helper that knows neither is a rendezvous all the same.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../common/logger.ts'
import type { IpKind } from '../../protocol/multiaddr.ts'
import { isLocal, isRelayed, kindOf, portOf, withoutPeer } from '../../protocol/multiaddr.ts'
import type { Seen, Tried } from '../../protocol/reachability.ts'
import {
  encodeAsk,
  MAX_PORTS,
  MAX_REACH_BYTES,
  REACH_PROTOCOL,
  readSeen,
  readTried,
} from '../../protocol/reachability.ts'
import { deadline } from '../deadline.ts'
import type { PeerNode } from '../node.ts'
import { lengthPrefixed } from '../streams/length-prefixed.ts'
import type { AddressBook } from './address-book.ts'
import { freeLocalPort, sourceAddress6 } from './interfaces.ts'

/** Routers are restarted and providers change addresses: often enough to notice, rare enough to cost nothing. */
const AGAIN_MS = 300_000
/** After an answer that the helper gives without having tried: it was asked too often from this address. */
const SOON_MS = 30_000

/** Set by the relay's transport, and would make libp2p dial a lost helper in a way of its own. */
const KEEP_ALIVE_TAG = 'keep-alive-circuit-relay'

export interface ReachabilityClientDeps {
  readonly node: PeerNode
  readonly whereabouts: AddressBook
  readonly logger: Logger
}

export class ReachabilityClient {
  readonly #deps: ReachabilityClientDeps
  readonly #connection: Connection
  readonly #signal: AbortSignal
  #wake = new AbortController()

  /** It ends when the signal fires. */
  constructor(
    deps: ReachabilityClientDeps,
    connection: Connection,
    localPort: number | undefined,
    signal: AbortSignal,
  ) {
    this.#deps = deps
    this.#connection = connection
    this.#signal = signal
    if (localPort !== undefined) this.#deps.whereabouts.report(this.#helper, { localPort })
    const forget = (): void => {
      deps.whereabouts.forget(this.#helper)
      deps.whereabouts.forget(secondNameOf(this.#helper))
    }
    signal.addEventListener('abort', forget, { once: true })
  }

  get #helper(): string {
    return this.#connection.remotePeer.toString()
  }

  /** By which kind of addresses the helper is reached; undefined if it was given by name. */
  get #kind(): IpKind | undefined {
    return kindOf(this.#connection.remoteAddr)
  }

  /** Begins. What it learns changes what is told to others as it comes. */
  start(): void {
    void this.#run()
  }

  /** Asks again at once: the network has changed. */
  again(): void {
    this.#wake.abort()
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#wake = new AbortController()
      const wasTried = await this.#ask()
      const either = AbortSignal.any([this.#signal, this.#wake.signal])
      const ms = wasTried ? AGAIN_MS : SOON_MS
      await pause(ms, undefined, { signal: either, ref: false }).catch(() => {})
    }
  }

  /** One question, and a reservation if the answer makes it necessary. True if the helper did try. */
  async #ask(): Promise<boolean> {
    const { whereabouts } = this.#deps
    let looking: Promise<void> | undefined
    let reserving = this.#isSurelyHidden ? this.#reserve() : undefined
    const { seen, tried } = await askReachability({
      connection: this.#connection,
      ports: whereabouts.ports(this.#kind),
      signal: this.#signal,
      onSeen: first => {
        if (this.#signal.aborted) return
        whereabouts.report(this.#helper, { seen: first })
        if (!whereabouts.isDirectlySeen) reserving ??= this.#reserve()
        looking = Promise.resolve(reserving).then(() => this.#lookOtherwise())
      },
    })
    if (this.#signal.aborted) return true
    if (tried !== undefined && tried.size > 0) whereabouts.report(this.#helper, { tried })
    if (seen !== undefined && whereabouts.needsRelay) reserving ??= this.#reserve()
    await reserving
    await looking
    // the library renews the reservation by itself, and tags the helper each time
    const tags = { [KEEP_ALIVE_TAG]: undefined }
    await this.#deps.node.peerStore.merge(this.#connection.remotePeer, { tags }).catch(() => {})
    return tried === undefined || tried.size > 0
  }

  #lookOtherwise(): Promise<void> {
    return probeOtherFamily(this.#deps, this.#connection, this.#signal)
  }

  /** A helper on the internet, and this machine has no address there. */
  get #isSurelyHidden(): boolean {
    return this.#deps.whereabouts.isLocalOnly(this.#kind) && !isLocal(this.#connection.remoteAddr)
  }

  async #reserve(): Promise<void> {
    const { node, whereabouts, logger } = this.#deps
    const { remotePeer, remoteAddr } = this.#connection
    if (!whereabouts.needsRelay) return
    try {
      await node.services.internals.reserve(remotePeer)
      if (this.#signal.aborted) return
      const relay = withoutPeer(remoteAddr).encapsulate(`/p2p/${remotePeer}/p2p-circuit`)
      whereabouts.report(this.#helper, { relay })
    } catch (error) {
      logger.debug('a helper does not relay to us', { helper: this.#helper, error })
    }
  }
}

// Asks a helper from where it sees this peer, and whether it can reach it there. Never rejects: a helper that doesn't
// know the question, or doesn't answer, leaves this peer as wise as before.

/** The first answer: two round trips over a bad line. */
const SEEN_MS = 5_000
/** The second one, which waits for the helper's own dials. */
const TRIED_MS = 10_000

export interface ReachabilityAnswer {
  /** Undefined if the helper didn't tell. */
  readonly seen: Seen | undefined
  /** Undefined if the helper didn't get so far; empty if it didn't want to try now. */
  readonly tried: Tried | undefined
}

export interface ReachabilityQuestion {
  readonly connection: Connection
  /** Own ports that might be reached; the first few are asked for. */
  readonly ports: readonly number[]
  readonly signal: AbortSignal
  /** Called with the first answer as soon as it is there. */
  readonly onSeen: (seen: Seen) => void
}

export async function askReachability({
  connection,
  ports,
  signal,
  onSeen,
}: ReachabilityQuestion): Promise<ReachabilityAnswer> {
  let seen: Seen | undefined
  try {
    const first = deadline(SEEN_MS, signal)
    const stream = await connection.newStream(REACH_PROTOCOL, { signal: first })
    const wire = lengthPrefixed(stream, MAX_REACH_BYTES)
    await wire.write(encodeAsk(ports.slice(0, MAX_PORTS)), { signal: first })
    seen = readSeen((await wire.read({ signal: first })).subarray())
    if (seen !== undefined) onSeen(seen)
    const tried = readTried((await wire.read({ signal: deadline(TRIED_MS, signal) })).subarray())
    stream.close({ signal: deadline(SEEN_MS, signal) }).catch(error => stream.abort(error))
    return { seen, tried }
  } catch {
    return { seen, tried: undefined }
  }
}

// A helper that has addresses of both kinds is looked at by the kind that isn't used for the connection to it, too: only
// so a peer knows whether it is reached by IPv6, too, and what its router does to IPv4. It takes a connection for a moment.

/** Most that have an address of a kind can be reached by it. */
const DIAL_MS = 3_000
/** To hang up politely. */
const HANG_UP_MS = 1_000

export interface DualStackProbeDeps {
  readonly node: PeerNode
  readonly whereabouts: AddressBook
}

/** Under which name the whereabouts keep what a helper (peer id) says by its other address. */
export function secondNameOf(helper: string): string {
  return `${helper}/other`
}

/** Never rejects: without such an address, or an answer, this peer is as wise as before. */
async function probeOtherFamily(
  deps: DualStackProbeDeps,
  first: Connection,
  signal: AbortSignal,
): Promise<void> {
  const { node, whereabouts } = deps
  const { seen } = whereabouts.reportOf(first.remotePeer.toString()) ?? {}
  const used = seen && kindOf(seen.observed)
  if (seen === undefined || used === undefined) return
  const kind: IpKind = used === 'ip4' ? 'ip6' : 'ip4'
  const ports = whereabouts.ports(kind)
  const address = addressOf(seen, kind)
  if (address === undefined || ports.length === 0 || (kind === 'ip6' && !(await hasWay6()))) return
  const localPort = await freeLocalPort()
  let connection: Connection | undefined
  try {
    const from = localPort === undefined ? {} : { localPort }
    const to = withoutPeer(address).encapsulate(`/p2p/${first.remotePeer}`)
    connection = await node.services.internals.dial(to, { timeoutMs: DIAL_MS, signal, ...from })
    const answer = await askReachability({ connection, ports, signal, onSeen: () => {} })
    if (signal.aborted || answer.seen === undefined) return
    const tried = answer.tried !== undefined && answer.tried.size > 0 ? { tried: answer.tried } : {}
    whereabouts.report(secondNameOf(first.remotePeer.toString()), { seen: answer.seen, ...tried, ...from })
  } catch {
    // no way by that kind of address
  } finally {
    connection?.close({ signal: deadline(HANG_UP_MS, signal) }).catch(error => connection?.abort(error))
  }
}

/** A public address of this kind that the helper tells of itself. */
function addressOf({ otherwise }: Seen, kind: IpKind): Multiaddr | undefined {
  return otherwise.find(
    address =>
      kindOf(address) === kind && portOf(address) !== undefined && !isRelayed(address) && !isLocal(address),
  )
}

async function hasWay6(): Promise<boolean> {
  return (await sourceAddress6()) !== undefined
}
