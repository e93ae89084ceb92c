/**
 * Asks the router in between to pass a port on to this peer, by UPnP, where one is found that does. It begins only when a
 * helper has seen that there is a router, holds nothing up, and says nothing when there is none: most networks have no
 * such service. A mapped port counts like any other: it is told to others only once a helper has reached it.
 */
import type { Gateway } from '@achingbrain/nat-port-mapper'
import type { Logger } from '../../core/logger.ts'
import type { Whereabouts } from './whereabouts.ts'

/** How long routers may take to answer a search: the protocol recommends up to 3 seconds. */
const SEARCH_MS = 6_000
/** The question is a single packet to everybody, which gets lost on a radio link: so it is asked a few times. */
const ASK_EVERY_MS = 1_500
/** A search on a network where a router was just restarted finds nothing: so it is repeated, seldom. */
const AGAIN_MS = 120_000
/** For one mapping. */
const MAP_MS = 5_000
/** How long a mapping lasts that isn't renewed: who goes without a word leaves no hole for long. */
const LEASE_MS = 1_200_000

export interface PortMappingDeps {
  readonly whereabouts: Whereabouts
  readonly logger: Logger
  readonly onMapped: () => void
  readonly signal: AbortSignal
}

/** Goes on until the signal fires, which takes the mappings back. */
export function keepPortsMapped(deps: PortMappingDeps): void {
  const { whereabouts, logger, signal } = deps
  let triedAt = Number.NEGATIVE_INFINITY
  const look = (): void => {
    const isDue = performance.now() - triedAt > AGAIN_MS
    if (signal.aborted || whereabouts.state !== 'nat' || !isDue) return
    triedAt = performance.now()
    map(deps).catch((error: unknown) => logger.debug('no router passes on a port', { error }))
  }
  const unlisten = whereabouts.onChange(look)
  const timer = setInterval(look, AGAIN_MS).unref()
  const stop = (): void => {
    unlisten()
    clearInterval(timer)
  }
  signal.addEventListener('abort', stop, { once: true })
}

/** The library is loaded when it is needed: most never do. */
async function map({ whereabouts, logger, onMapped, signal }: PortMappingDeps): Promise<void> {
  const ports = whereabouts.listenPorts
  const { upnpNat } = await import('@achingbrain/nat-port-mapper')
  const client = upnpNat({ description: 'parley', ttl: LEASE_MS })
  const search = AbortSignal.any([signal, AbortSignal.timeout(SEARCH_MS)])
  for await (const gateway of client.findGateways({ signal: search, searchInterval: ASK_EVERY_MS })) {
    const mapped = await mapAt(gateway, ports)
    if (mapped.length === 0) continue
    signal.addEventListener('abort', () => void gateway.stop().catch(() => {}), { once: true })
    logger.info('a router passes on ports', { mapped: mapped.join() })
    whereabouts.setMapped(mapped)
    onMapped()
    return
  }
}

async function mapAt(gateway: Gateway, ports: readonly number[]): Promise<number[]> {
  const mapped: number[] = []
  for (const port of ports) {
    const options = { protocol: 'TCP', signal: AbortSignal.timeout(MAP_MS) } as const
    for await (const mapping of gateway.mapAll(port, options)) mapped.push(mapping.externalPort)
  }
  return mapped
}
