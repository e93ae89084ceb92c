/**
 * The reachability client of one connected helper: its view of this peer from outside, and a relay
 * reservation if others can't reach this peer otherwise. It asks at once, periodically, and when something
 * has changed, and reports to the address book. A helper that supports neither is still a rendezvous point.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../common/logger.ts'
import type { IpFamily } from '../../protocol/multiaddr.ts'
import { familyOf, isLocal, isRelayed, portOf, withoutPeer, withoutZone } from '../../protocol/multiaddr.ts'
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

/** Routers restart and providers change addresses: often enough to notice, rarely enough to cost nothing. */
const ASK_INTERVAL_MS = 300_000
/** After an answer that the helper gave without trying, because this address asked too often. */
const RETRY_MS = 30_000

/** Set by the relay's transport; it would make libp2p redial a lost helper by its own rules. */
const KEEP_ALIVE_TAG = 'keep-alive-circuit-relay'

export interface ReachabilityClientDeps {
  readonly node: PeerNode
  readonly addressBook: AddressBook
  readonly logger: Logger
}

export class ReachabilityClient {
  readonly #deps: ReachabilityClientDeps
  readonly #connection: Connection
  readonly #signal: AbortSignal
  #wake = new AbortController()

  /** Ends when the signal fires. */
  constructor(
    deps: ReachabilityClientDeps,
    connection: Connection,
    localPort: number | undefined,
    signal: AbortSignal,
  ) {
    this.#deps = deps
    this.#connection = connection
    this.#signal = signal
    if (localPort !== undefined) this.#deps.addressBook.report(this.#helper, { localPort })
    const forget = (): void => {
      deps.addressBook.forget(this.#helper)
      deps.addressBook.forget(otherFamilyName(this.#helper))
    }
    signal.addEventListener('abort', forget, { once: true })
  }

  get #helper(): string {
    return this.#connection.remotePeer.toString()
  }

  /** The address family of the connection; undefined if the helper was given by name. */
  get #kind(): IpFamily | undefined {
    return familyOf(this.#connection.remoteAddr)
  }

  /** Starts. What it learns changes the announced addresses immediately. */
  start(): void {
    void this.#run()
  }

  /** Asks again at once: the network changed. */
  askAgain(): void {
    this.#wake.abort()
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#wake = new AbortController()
      const wasTried = await this.#ask()
      const either = AbortSignal.any([this.#signal, this.#wake.signal])
      const ms = wasTried ? ASK_INTERVAL_MS : RETRY_MS
      await pause(ms, undefined, { signal: either, ref: false }).catch(() => {})
    }
  }

  /** One request, and a reservation if the answer makes it necessary. True if the helper did try. */
  async #ask(): Promise<boolean> {
    const { addressBook } = this.#deps
    let looking: Promise<void> | undefined
    let reserving = this.#isBehindNat ? this.#reserve() : undefined
    const { seen, tried } = await askReachability({
      connection: this.#connection,
      ports: addressBook.ports(this.#kind),
      signal: this.#signal,
      onSeen: first => {
        if (this.#signal.aborted) return
        addressBook.report(this.#helper, { seen: first })
        if (!addressBook.isObservedDirectly) reserving ??= this.#reserve()
        looking = Promise.resolve(reserving).then(() => this.#probeOtherFamily())
      },
    })
    if (this.#signal.aborted) return true
    if (tried !== undefined && tried.size > 0) addressBook.report(this.#helper, { tried })
    if (seen !== undefined && addressBook.needsRelay) reserving ??= this.#reserve()
    await reserving
    await looking
    // the library renews the reservation itself, and tags the helper each time
    const tags = { [KEEP_ALIVE_TAG]: undefined }
    await this.#deps.node.peerStore.merge(this.#connection.remotePeer, { tags }).catch(() => {})
    return tried === undefined || tried.size > 0
  }

  #probeOtherFamily(): Promise<void> {
    return probeOtherFamily(this.#deps, this.#connection, this.#signal)
  }

  /** The helper is on the internet, and this machine has no address there. */
  get #isBehindNat(): boolean {
    return this.#deps.addressBook.isLocalOnly(this.#kind) && !isLocal(this.#connection.remoteAddr)
  }

  async #reserve(): Promise<void> {
    const { node, addressBook, logger } = this.#deps
    const { remotePeer, remoteAddr } = this.#connection
    if (!addressBook.needsRelay) return
    try {
      await node.services.internals.reserve(remotePeer)
      if (this.#signal.aborted) return
      const relay = withoutZone(withoutPeer(remoteAddr)).encapsulate(`/p2p/${remotePeer}/p2p-circuit`)
      addressBook.report(this.#helper, { relay })
    } catch (error) {
      logger.debug('a helper does not relay to us', { helper: this.#helper, error })
    }
  }
}

// Asks a helper from which address it sees this peer, and whether it can dial it there. Never rejects:
// without an answer, nothing is learned.

/** For the first answer: two round trips over a bad line. */
const SEEN_MS = 5_000
/** For the second answer, which waits for the helper's own dials. */
const TRIED_MS = 10_000

export interface ReachabilityAnswer {
  /** Undefined if the helper didn't answer. */
  readonly seen: Seen | undefined
  /** Undefined if the helper didn't get so far; empty if it declined to try now. */
  readonly tried: Tried | undefined
}

export interface ReachabilityQuestion {
  readonly connection: Connection
  /** Own ports that might be reachable; the first few are asked for. */
  readonly ports: readonly number[]
  readonly signal: AbortSignal
  /** Called with the first answer as soon as it arrives. */
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

// The dual-stack probe: asks a helper with addresses of both families over the family that its connection
// doesn't use, too. Only then does a peer know whether IPv6 reaches it, and what its router does to IPv4. It
// needs a short connection.

/** Most helpers with an address of a family can be reached over it. */
const DIAL_MS = 3_000
/** To close politely. */
const HANG_UP_MS = 1_000

export interface DualStackProbeDeps {
  readonly node: PeerNode
  readonly addressBook: AddressBook
}

/** The name under which the address book keeps a helper's (peer id) report over its other address. */
export function otherFamilyName(helper: string): string {
  return `${helper}/other`
}

/** Never rejects: without such an address, or an answer, nothing is learned. */
async function probeOtherFamily(
  deps: DualStackProbeDeps,
  first: Connection,
  signal: AbortSignal,
): Promise<void> {
  const { node, addressBook } = deps
  const { seen } = addressBook.reportFrom(first.remotePeer.toString()) ?? {}
  const used = seen && familyOf(seen.observed)
  if (seen === undefined || used === undefined) return
  const kind: IpFamily = used === 'ip4' ? 'ip6' : 'ip4'
  const ports = addressBook.ports(kind)
  const address = addressOf(seen, kind)
  if (address === undefined || ports.length === 0 || (kind === 'ip6' && !(await hasRoute6()))) return
  const localPort = await freeLocalPort()
  let connection: Connection | undefined
  try {
    const from = localPort === undefined ? {} : { localPort }
    const to = withoutPeer(address).encapsulate(`/p2p/${first.remotePeer}`)
    connection = await node.services.internals.dial(to, { timeoutMs: DIAL_MS, signal, ...from })
    const answer = await askReachability({ connection, ports, signal, onSeen: () => {} })
    if (signal.aborted || answer.seen === undefined) return
    const tried = answer.tried !== undefined && answer.tried.size > 0 ? { tried: answer.tried } : {}
    addressBook.report(otherFamilyName(first.remotePeer.toString()), { seen: answer.seen, ...tried, ...from })
  } catch {
    // no route over that family
  } finally {
    connection?.close({ signal: deadline(HANG_UP_MS, signal) }).catch(error => connection?.abort(error))
  }
}

/** A public address of this family that the helper announces for itself. */
function addressOf({ otherFamily }: Seen, kind: IpFamily): Multiaddr | undefined {
  return otherFamily.find(
    address =>
      familyOf(address) === kind && portOf(address) !== undefined && !isRelayed(address) && !isLocal(address),
  )
}

async function hasRoute6(): Promise<boolean> {
  return (await sourceAddress6()) !== undefined
}
