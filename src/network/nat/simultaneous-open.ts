/**
 * Simultaneous open: two peers behind NATs dial each other at the same moment, each from the port that the
 * other one dials, so that each one's first packet opens its own router for the other's. TCP (RFC 9293 §3.5)
 * then gives both the same connection. Some routers drop a packet that comes too early, and TCP retransmits
 * it; others refuse it, and the dial is repeated after a random delay.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import type { IpFamily } from '../../protocol/multiaddr.ts'
import { familyOf, withoutPeer } from '../../protocol/multiaddr.ts'
import type { HandshakeRole, Internals } from '../libp2p-internals.ts'
import type { AddressBook } from './address-book.ts'
import { freeLocalPort, sourceAddress6 } from './interfaces.ts'
import { otherFamilyName } from './reachability-client.ts'

/** From the agreed moment on: TCP retransmits its first packet after 1 and 3 seconds. */
const OPEN_MS = 5_000
/**
 * The least and the longest delay between two dials of one address, random so that the sides don't repeat in
 * step.
 */
const GAP_MIN_MS = 50
const GAP_MAX_MS = 200

/** Dials of one address: enough against routers that refuse, and no means to flood anyone. */
const MAX_DIALS = 24

export interface SimultaneousOpenOptions {
  readonly peer: PeerId
  readonly addresses: readonly Multiaddr[]
  /** The local endpoints of each family. */
  readonly from: PunchEndpoints['from']
  readonly role: HandshakeRole
  readonly random: () => number
  readonly signal: AbortSignal
}

/**
 * Resolves with the first connection; rejects if none came up in time. If several come up at once, the
 * initiator chooses and closes the others, and the responder just starts nothing new.
 */
export async function simultaneousOpen(
  internals: Internals,
  options: SimultaneousOpenOptions,
): Promise<Connection> {
  const [over, won] = [new AbortController(), new AbortController()]
  const timer = setTimeout(() => over.abort(new Error('no answer')), OPEN_MS).unref()
  const signal = AbortSignal.any([options.signal, over.signal])
  const { addresses, role } = options
  try {
    return await Promise.any(
      addresses.map(address => dialRepeatedly(internals, address, options, { signal, won: won.signal })),
    )
  } finally {
    won.abort()
    if (role === 'initiator') {
      clearTimeout(timer)
      over.abort(new Error('another address was faster'))
    }
  }
}

interface StopSignals {
  /** Aborts what is in progress. */
  readonly signal: AbortSignal
  /** Nothing new starts any more. */
  readonly won: AbortSignal
}

/** Dials one address repeatedly until time is up. */
async function dialRepeatedly(
  internals: Internals,
  address: Multiaddr,
  { peer, from, role, random }: SimultaneousOpenOptions,
  { signal, won }: StopSignals,
): Promise<Connection> {
  const to = withoutPeer(address).encapsulate(`/p2p/${peer}`)
  const place = from[familyOf(address) ?? 'ip4']
  let last: unknown = new Error('there was no answer')
  for (let tries = 0; tries < MAX_DIALS && !signal.aborted && !won.aborted; tries++) {
    try {
      return await internals.dial(to, { timeoutMs: OPEN_MS, signal, role, ...place })
    } catch (cause) {
      if (!signal.aborted) last = cause
    }
    const gap = GAP_MIN_MS + random() * (GAP_MAX_MS - GAP_MIN_MS)
    await pause(gap, undefined, { signal, ref: false }).catch(() => {})
  }
  throw last
}

// The punch endpoints: where this peer dials from in a simultaneous open, and where the other side has to
// dial. Over IPv4 that is the port whose mapping a helper has seen. Over IPv6 nothing translates: any free
// port of the address with the default route will do, and firewalls admit replies.

/** The local end of a dial; the system chooses what isn't given. */
export interface DialFrom {
  readonly localPort?: number
  readonly localAddress?: string
}

export interface PunchEndpoints {
  /** The addresses that the other side should dial. */
  readonly announced: readonly Multiaddr[]
  /** The local end for each family; without one, addresses of that family lead nowhere from this machine. */
  readonly from: Readonly<Partial<Record<IpFamily, DialFrom>>>
}

/**
 * `relay`: the helper (peer id) in between. The responder acts as the server on whatever it dials, as a
 * listener does. So only the initiator can dial a listening address, and only the responder announces some.
 */
export async function openPunchEndpoints(
  addressBook: AddressBook,
  relay: string,
  role: HandshakeRole,
): Promise<PunchEndpoints> {
  const seen = [relay, otherFamilyName(relay)].map(view => observedEndpoint(addressBook, view))
  const own = addressBook.listenPorts('ip6').length > 0 ? await ownEndpoint() : undefined
  // of a family, the last one counts: where nothing translates, that is the one certain to be used
  const all = [...seen, own].filter(door => door !== undefined)
  const doors = [...new Map(all.map(door => [door.kind, door])).values()]
  const listened = role === 'responder' ? addressBook.confirmed : []
  return {
    announced: [...listened, ...doors.map(({ outside }) => outside)],
    from: { ip4: {}, ...Object.fromEntries(doors.map(({ kind, from }) => [kind, from])) },
  }
}

interface Endpoint {
  readonly kind: IpFamily
  readonly outside: Multiaddr
  readonly from: DialFrom
}

/** The endpoint of a connection to a helper. */
function observedEndpoint(addressBook: AddressBook, view: string): Endpoint | undefined {
  const { seen, localPort } = addressBook.reportFrom(view) ?? {}
  const kind = seen && familyOf(seen.observed)
  if (seen === undefined || kind === undefined) return undefined
  return { kind, outside: seen.observed, from: localPort === undefined ? {} : { localPort } }
}

async function ownEndpoint(): Promise<Endpoint | undefined> {
  const [host, localPort] = await Promise.all([sourceAddress6(), freeLocalPort()])
  if (host === undefined || localPort === undefined) return undefined
  const outside = multiaddr(`/ip6/${host}/tcp/${localPort}`)
  return { kind: 'ip6', outside, from: { localPort, localAddress: host } }
}
