/**
 * Limits how many inbound connections there are at a time, in all and from one source, counted from the first
 * byte to the last: a connection that never finishes its handshake takes a place, too. libp2p's own limit counts
 * finished ones only and prunes old connections to make room for strangers; this one refuses the newcomer.
 */
import type { ConnectionGater, MultiaddrConnection } from '@libp2p/interface'
import { sourceOf } from './source.ts'

export interface InboundLimits {
  readonly connections: number
  /** From one IPv4 address or one IPv6 /64. */
  readonly connectionsPerAddress: number
}

export type InboundRefusal = 'connections' | 'connections-per-address'

/** A gater for `createLibp2p`, which copies its own properties: so no class. */
export function inboundGate(
  limits: InboundLimits,
  onRefused: (reason: InboundRefusal) => void,
): ConnectionGater {
  const perSource = new Map<string, number>()
  let total = 0

  function admit(source: string): InboundRefusal | undefined {
    const count = perSource.get(source) ?? 0
    if (total >= limits.connections) return 'connections'
    if (count >= limits.connectionsPerAddress) return 'connections-per-address'
    total++
    perSource.set(source, count + 1)
    return undefined
  }

  function release(source: string): void {
    total--
    const count = (perSource.get(source) ?? 1) - 1
    if (count === 0) perSource.delete(source)
    else perSource.set(source, count)
  }

  return {
    denyInboundConnection(connection: MultiaddrConnection): boolean {
      if (connection.status !== 'open') return true
      const source = sourceOf(connection.remoteAddr)
      const refusal = admit(source)
      if (refusal === undefined) connection.addEventListener('close', () => release(source), { once: true })
      else onRefused(refusal)
      return refusal !== undefined
    },
  }
}
