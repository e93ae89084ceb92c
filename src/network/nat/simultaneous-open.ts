/**
 * Two peers behind routers dial each other at the same moment, each from the port whose outside the other dials: each
 * one's first packet opens its own router for the other's. TCP calls that a simultaneous open (RFC 9293, 3.5), and both
 * ends have then dialled the same connection. A packet that comes too early is dropped by some routers, and TCP repeats
 * it; others refuse it, and then it is dialled again a random moment later.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { kindOf, withoutPeer } from '../../protocol/multiaddr.ts'
import type { Internals, Role } from '../libp2p-internals.ts'
import type { Doors } from './doors.ts'

/** From the agreed moment on: TCP repeats its first packet after 1 and 3 seconds. */
const CROSSING_MS = 5_000
/** Between two tries of one address, at least and at most: both sides take another moment each time. */
const GAP_MIN_MS = 50
const GAP_MAX_MS = 200

/** Of one address: what it takes against routers that refuse, and no means to flood somebody else. */
const MAX_TRIES = 24

export interface CrossingOptions {
  readonly peer: PeerId
  readonly addresses: readonly Multiaddr[]
  /** From where addresses of each kind are dialled. */
  readonly from: Doors['from']
  readonly role: Role
  readonly random: () => number
  readonly signal: AbortSignal
}

/**
 * Resolves with the first connection. Rejects when none came up in time. If several come up at once, one side has to
 * choose: the initiator gives up all others, the responder only begins nothing new.
 */
export async function cross(internals: Internals, options: CrossingOptions): Promise<Connection> {
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
  { peer, from, role, random }: CrossingOptions,
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
