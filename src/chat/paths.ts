/**
 * How each person is reached: directly or through a relay, over which transport, how fast, and since when.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import { openConnections } from '../network/connections/connection-preference.ts'
import { pingOver } from '../network/connections/ping.ts'
import type { PeerNode } from '../network/node.ts'
import { peerIdOf } from '../network/peer-id.ts'
import type { PeerKey } from '../protocol/ids.ts'

export interface Path {
  readonly path: 'direct' | 'relayed'
  /** `tcp`, or whatever carries the connection. */
  readonly transport: string
  /** Round trip in milliseconds; undefined until it was measured. */
  readonly rttMs: number | undefined
  /** When the connection came up, milliseconds since the epoch. */
  readonly since: number
}

/** How long one measurement may take. */
const PING_TIMEOUT_MS = 5_000
/** A surplus connection that is closed takes its pings along: the next try runs over the one that stays. */
const PING_TRIES = 5
const PING_PAUSE_MS = 500

/** The path to a peer as it is now; undefined if it isn't connected. */
export function pathTo(node: PeerNode, peer: PeerKey): Path | undefined {
  const [connection] = openConnections(node, peerIdOf(peer))
  return connection && describe(connection)
}

/** The path to a peer with its round trip measured; undefined if it went away meanwhile or doesn't answer. */
export async function measurePath(node: PeerNode, peer: PeerKey): Promise<Path | undefined> {
  for (let attempt = 0; attempt < PING_TRIES && pathTo(node, peer) !== undefined; attempt++) {
    const rttMs = await roundTrip(node, peer)
    const path = pathTo(node, peer)
    if (path !== undefined && rttMs !== undefined) return { ...path, rttMs }
    await pause(PING_PAUSE_MS, undefined, { ref: false })
  }
  return undefined
}

/** In milliseconds; undefined if the ping didn't come back. */
async function roundTrip(node: PeerNode, peer: PeerKey): Promise<number | undefined> {
  try {
    const [connection] = openConnections(node, peerIdOf(peer))
    return connection && (await pingOver(connection, AbortSignal.timeout(PING_TIMEOUT_MS)))
  } catch {
    return undefined
  }
}

function describe(connection: Connection): Path {
  const names = connection.remoteAddr.getComponents().map(component => component.name)
  return {
    path: connection.direct ? 'direct' : 'relayed',
    transport: names.findLast(name => name === 'tcp' || name === 'quic-v1' || name === 'webrtc') ?? 'other',
    rttMs: connection.rtt,
    since: connection.timeline.open,
  }
}
