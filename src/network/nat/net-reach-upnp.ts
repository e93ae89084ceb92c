/**
 * Has a router pass ports on by UPnP, for as long as it is wanted. gateway-search.ts finds routers, gateway.ts speaks with
 * one; here is what is asked, and that it is asked again in time.
 */
import type { Logger } from '../../common/logger.ts'
import { deadline } from '../deadline.ts'
import type { SearchOptions } from './gateway-search.ts'
import { searchGateways } from './gateway-search.ts'
import type { Held } from './nat-pmp.ts'
import type { Gateway } from './upnp.ts'
import { addMapping, deleteMapping, openGateway } from './upnp.ts'

/** How long routers may take to answer a search: the protocol recommends up to 3 seconds. */
const SEARCH_MS = 6_000
/** For one question to a router. */
const ASK_MS = 5_000
/** How long a mapping lasts that isn't renewed: who goes without a word leaves no hole for long. */
const LEASE_SECONDS = 1_200
/** Twice before it ends, on a machine that sleeps now and then. */
const RENEW_MS = (LEASE_SECONDS * 1_000) / 3
/** Outside ports to ask for, one after the other, where the first is taken. */
const MAX_TRIES = 4

export interface UpnpOptions {
  readonly ports: readonly number[]
  /** How routers are looked for. */
  readonly search: Omit<SearchOptions, 'signal'>
  /** Ends the search; what is held already is kept. */
  readonly signal: AbortSignal
  readonly logger: Logger
}

/** Outside and inside port. */
type Mapping = readonly [number, number]

/** Rejects when no router is found that does. */
export async function holdPortsByUpnp(options: UpnpOptions): Promise<Held> {
  const { search, signal, logger } = options
  for (const location of await searchGateways({ ...search, signal: deadline(SEARCH_MS, signal) })) {
    try {
      const gateway = await openGateway(location, deadline(ASK_MS, signal))
      return keep(gateway, await mapAll(gateway, options), logger)
    } catch (error) {
      logger.debug('a router passes on no port', { router: location.host, error })
    }
  }
  throw new Error('no router speaks UPnP')
}

async function mapAll(gateway: Gateway, { ports, signal }: UpnpOptions): Promise<readonly Mapping[]> {
  const mapped: Mapping[] = []
  for (const port of ports) mapped.push([await mapOne(gateway, port, signal), port])
  return mapped
}

/** Tries the next port where one is taken. */
async function mapOne(gateway: Gateway, internalPort: number, signal: AbortSignal): Promise<number> {
  let refusal: unknown = signal.reason
  for (let tries = 0; tries < MAX_TRIES && !signal.aborted; tries++) {
    const lease = { internalPort, externalPort: internalPort + tries, seconds: LEASE_SECONDS }
    try {
      return await addMapping(gateway, lease, deadline(ASK_MS, signal))
    } catch (cause) {
      refusal = cause
    }
  }
  throw refusal
}

/** A router that is gone is looked for again once a helper sees that the port is. */
function keep(gateway: Gateway, mapped: readonly Mapping[], logger: Logger): Held {
  const renew = ([externalPort, internalPort]: Mapping): void => {
    const lease = { internalPort, externalPort, seconds: LEASE_SECONDS }
    addMapping(gateway, lease, AbortSignal.timeout(ASK_MS)).catch((error: unknown) =>
      logger.debug('a router no longer passes on a port', { port: externalPort, error }),
    )
  }
  const timer = setInterval(() => mapped.forEach(renew), RENEW_MS).unref()
  return {
    ports: mapped.map(([port]) => port),
    async release() {
      clearInterval(timer)
      const given = mapped.map(([port]) => deleteMapping(gateway, port, AbortSignal.timeout(ASK_MS)))
      await Promise.allSettled(given)
    },
  }
}
