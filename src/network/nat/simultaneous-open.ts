/**
 * Two peers behind routers dial each other at the same moment, each from the port whose outside the other dials: each
 * one's first packet opens its own router for the other's. TCP calls that a simultaneous open (RFC 9293, 3.5), and both
 * ends have then dialled the same connection. A packet that comes too early is dropped by some routers, and TCP repeats
 * it; others refuse it, and then it is dialled again a random moment later.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import type { IpKind } from '../../protocol/multiaddr.ts'
import { kindOf, withoutPeer } from '../../protocol/multiaddr.ts'
import type { Internals, Role } from '../libp2p-internals.ts'
import type { AddressBook } from './address-book.ts'
import { freeLocalPort, sourceAddress6 } from './interfaces.ts'
import { secondNameOf } from './reachability-client.ts'

/** From the agreed moment on: TCP repeats its first packet after 1 and 3 seconds. */
const CROSSING_MS = 5_000
/** Between two tries of one address, at least and at most: both sides take another moment each time. */
const GAP_MIN_MS = 50
const GAP_MAX_MS = 200

/** Of one address: what it takes against routers that refuse, and no means to flood somebody else. */
const MAX_TRIES = 24

export interface SimultaneousOpenOptions {
  readonly peer: PeerId
  readonly addresses: readonly Multiaddr[]
  /** From where addresses of each kind are dialled. */
  readonly from: PunchEndpoints['from']
  readonly role: Role
  readonly random: () => number
  readonly signal: AbortSignal
}

/**
 * Resolves with the first connection. Rejects when none came up in time. If several come up at once, one side has to
 * choose: the initiator gives up all others, the responder only begins nothing new.
 */
export async function simultaneousOpen(
  internals: Internals,
  options: SimultaneousOpenOptions,
): Promise<Connection> {
  const [over, won] = [new AbortController(), new AbortController()]
  const timer = setTimeout(() => over.abort(new Error('no answer')), CROSSING_MS).unref()
  const signal = AbortSignal.any([options.signal, over.signal])
  const { addresses, role } = options
  try {
    return await Promise.any(
      addresses.map(address => persist(internals, address, options, { signal, won: won.signal })),
    )
  } finally {
    won.abort()
    if (role === 'initiator') {
      clearTimeout(timer)
      over.abort(new Error('another address was faster'))
    }
  }
}

interface Ends {
  /** Ends what is under way. */
  readonly signal: AbortSignal
  /** Nothing new is begun any more. */
  readonly won: AbortSignal
}

/** Dials one address again and again, until it is time to give up. */
async function persist(
  internals: Internals,
  address: Multiaddr,
  { peer, from, role, random }: SimultaneousOpenOptions,
  { signal, won }: Ends,
): Promise<Connection> {
  const to = withoutPeer(address).encapsulate(`/p2p/${peer}`)
  const place = from[kindOf(address) ?? 'ip4']
  let last: unknown = new Error('there was no answer')
  for (let tries = 0; tries < MAX_TRIES && !signal.aborted && !won.aborted; tries++) {
    try {
      return await internals.dial(to, { timeoutMs: CROSSING_MS, signal, role, ...place })
    } catch (cause) {
      if (!signal.aborted) last = cause
    }
    const gap = GAP_MIN_MS + random() * (GAP_MAX_MS - GAP_MIN_MS)
    await pause(gap, undefined, { signal, ref: false }).catch(() => {})
  }
  throw last
}

// From where this peer dials when two dial each other at the same moment, and where the other side has to dial then. By
// IPv4 that is the port whose outside a helper has seen. By IPv6 nobody translates: any free port of the address that
// leads to the internet does, whatever router there is by IPv4, and firewalls let in what answers.

/** What a dial leaves from; the system chooses what isn't given. */
export interface DialFrom {
  readonly localPort?: number
  readonly localAddress?: string
}

export interface PunchEndpoints {
  /** Where the other side should dial. */
  readonly told: readonly Multiaddr[]
  /** From where its addresses are dialled; those of a kind that isn't here lead nowhere from this machine. */
  readonly from: Readonly<Partial<Record<IpKind, DialFrom>>>
}

/**
 * `relay`: the helper (peer id) in between. The responder is the server on whatever it dials, and so is whoever listens:
 * so only the initiator can use an address that is listened on, and only the responder tells some.
 */
export async function openPunchEndpoints(
  whereabouts: AddressBook,
  relay: string,
  role: Role,
): Promise<PunchEndpoints> {
  const seen = [relay, secondNameOf(relay)].map(view => seenDoor(whereabouts, view))
  const own = whereabouts.listenPorts('ip6').length > 0 ? await ownDoor() : undefined
  // of a kind the last one counts: where nobody translates, that is the one that is sure to be used
  const all = [...seen, own].filter(door => door !== undefined)
  const doors = [...new Map(all.map(door => [door.kind, door])).values()]
  const listened = role === 'responder' ? whereabouts.confirmed : []
  return {
    told: [...listened, ...doors.map(({ outside }) => outside)],
    from: { ip4: {}, ...Object.fromEntries(doors.map(({ kind, from }) => [kind, from])) },
  }
}

interface Door {
  readonly kind: IpKind
  readonly outside: Multiaddr
  readonly from: DialFrom
}

/** Of a connection to a helper. */
function seenDoor(whereabouts: AddressBook, view: string): Door | undefined {
  const { seen, localPort } = whereabouts.reportOf(view) ?? {}
  const kind = seen && kindOf(seen.observed)
  if (seen === undefined || kind === undefined) return undefined
  return { kind, outside: seen.observed, from: localPort === undefined ? {} : { localPort } }
}

async function ownDoor(): Promise<Door | undefined> {
  const [host, localPort] = await Promise.all([sourceAddress6(), freeLocalPort()])
  if (host === undefined || localPort === undefined) return undefined
  const outside = multiaddr(`/ip6/${host}/tcp/${localPort}`)
  return { kind: 'ip6', outside, from: { localPort, localAddress: host } }
}
