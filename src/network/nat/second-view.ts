/**
 * A helper that has addresses of both kinds is looked at by the kind that isn't used for the connection to it, too: only
 * so a peer knows whether it is reached by IPv6, too, and what its router does to IPv4. It takes a connection for a moment.
 */
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { IpKind } from '../../protocol/multiaddr.ts'
import { isLocal, isRelayed, kindOf, portOf, withoutPeer } from '../../protocol/multiaddr.ts'
import type { Seen } from '../../protocol/reachability.ts'
import { deadline } from '../deadline.ts'
import type { PeerNode } from '../node.ts'
import type { Whereabouts } from './address-book.ts'
import { askReach } from './client.ts'
import { freeLocalPort } from './local-port.ts'
import { routedHost6 } from './routed-host.ts'

/** Most that have an address of a kind can be reached by it. */
const DIAL_MS = 3_000
/** To hang up politely. */
const HANG_UP_MS = 1_000

export interface SecondViewDeps {
  readonly node: PeerNode
  readonly whereabouts: Whereabouts
}

/** Under which name the whereabouts keep what a helper (peer id) says by its other address. */
export function secondNameOf(helper: string): string {
  return `${helper}/other`
}

/** Never rejects: without such an address, or an answer, this peer is as wise as before. */
export async function lookOtherwise(
  deps: SecondViewDeps,
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
    const answer = await askReach({ connection, ports, signal, onSeen: () => {} })
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
  return (await routedHost6()) !== undefined
}
