/**
 * The helper, the door of this folder: a node that peers find, the rendezvous server on it, and what its
 * operator sees, wired together. Opened in order, closed in reverse, after a failed start as after a normal
 * stop.
 */
import { randomBytes } from 'node:crypto'
import { isLoopback, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { UiEvent } from '../api/events.ts'
import type { Logger } from '../common/logger.ts'
import type { HelperConfig, HelperLimits } from '../config/types.ts'
import { Heartbeat } from '../network/connections/heartbeat.ts'
import { startNode, usableListen } from '../network/start-node.ts'
import { MAX_NAMESPACE_BYTES, MAX_RECORD_BYTES, PARLEY_NAMESPACES } from '../protocol/rendezvous.ts'
import type { DataFolder } from '../storage/data-folder.ts'
import type { HelperStatus } from './admin/metrics.ts'
import { DialBack } from './dial-back.ts'
import type { HelperNode } from './node.ts'
import { createHelperNode } from './node.ts'
import { relayedConnections } from './relay-policy.ts'
import { SEND_TIMEOUT_MS } from './rendezvous/limits.ts'
import type { RegistryConfig } from './rendezvous/registry.ts'
import { EPOCH_BYTES, Registry } from './rendezvous/registry.ts'
import { RequestCounters } from './rendezvous/responses.ts'
import { RendezvousServer } from './rendezvous/server.ts'

export interface HelperDeps {
  readonly version: string
  /** The helper's identity. Its owner closes it. */
  readonly folder: Pick<DataFolder, 'privateKey'>
  readonly logger: Logger
  readonly emit: (event: UiEvent) => void
}

export interface RunningHelper {
  /** The address of the admin server, if there is one. */
  readonly admin: { readonly host: string; readonly port: number } | undefined
  /** Resolves when everything is closed. Safe to call more than once. */
  close(): Promise<void>
  /** Resolves when `close` is done. */
  readonly closed: Promise<void>
}

/** Peers listed in one namespace: the specification's recommendation. */
const PER_NAMESPACE = 1_000

/** The part of the registry, and of a namespace, that one address may hold: a quarter. */
const SOURCE_SHARE = 4

/** The part of the registry for registrations without a connection: half. */
const LASTING_SHARE = 2

/** The shortest TTL, seconds: a shorter one would mean registering all the time. */
const MIN_TTL_SECONDS = 60

/**
 * How long a member that lost its connection stays listed: time to reconnect, but few failed dials for
 * newcomers.
 */
const GRACE_MS = 60_000

/** The same pace as peers: one that is silent for longer is gone, and its socket is worth reclaiming. */
const HEARTBEAT = { pingIntervalMs: 3_000, pingTimeoutMs: 4_000 }

/** Starts a helper and emits `ready`. Throws a `ParleyError` if it can't listen. */
export async function startHelper(config: HelperConfig, deps: HelperDeps): Promise<RunningHelper> {
  const stack = new AsyncDisposableStack()
  try {
    return await openParts(config, deps, stack)
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

async function openParts(
  config: HelperConfig,
  { version, folder, logger, emit }: HelperDeps,
  stack: AsyncDisposableStack,
): Promise<RunningHelper> {
  const tally = new RequestCounters()
  const listen = await usableListen(config.listen)
  const registry = new Registry(registryConfig(config.limits), randomBytes(EPOCH_BYTES))
  const node = await createHelperNode(
    { ...config, ...config.limits, listen, version },
    {
      privateKey: folder.privateKey,
      onRefused: reason => tally.count(reason),
      shareNamespace: (a, b) => registry.shareNamespace(a, b),
    },
  )
  stack.defer(() => node.stop())
  // the peer closes a dial-back at once
  const heartbeat = stack.use(new Heartbeat(HEARTBEAT, { node, logger, opensOn: () => false }))
  await heartbeat.start()
  await stack.use(new DialBack({ node, logger })).start()
  const point = { registry, server: rendezvousServer(node, registry, config.limits, tally, logger) }
  stack.defer(() => point.server.close())
  await point.server.start()
  const admin =
    config.admin && (await openAdmin(config.admin, { version, node, tally, logger, ...point }, stack))
  await startNode(node, listen)
  const peer = node.peerId.toString()
  const addresses = byReach(node.getMultiaddrs()).map(address => address.toString())
  logger.info('helper is up', { peer, listen: listen.join(' ') })
  emit({ type: 'ready', version, peer, name: 'helper', room: '', addresses })
  return running(stack, admin, logger)
}

interface RendezvousPoint {
  readonly registry: Registry
  readonly server: RendezvousServer
}

function rendezvousServer(
  node: HelperNode,
  registry: Registry,
  limits: HelperLimits,
  counters: RequestCounters,
  logger: Logger,
): RendezvousServer {
  const ownLimits = {
    ...limits,
    takeAnswerMs: SEND_TIMEOUT_MS,
    watchers: limits.registrations,
    watchersPerPeer: limits.registrationsPerPeer,
  }
  const now = () => performance.now()
  return new RendezvousServer({ node, registry, now, limits: ownLimits, logger, counters })
}

function registryConfig({
  registrations,
  registrationsPerPeer,
  registrationTtlSeconds,
}: HelperLimits): RegistryConfig {
  return {
    registrations,
    lasting: Math.ceil(registrations / LASTING_SHARE),
    perPeer: registrationsPerPeer,
    perNamespace: PER_NAMESPACE,
    perSource: Math.ceil(registrations / SOURCE_SHARE),
    perSourceAndNamespace: Math.ceil(PER_NAMESPACE / SOURCE_SHARE),
    namespaceBytes: MAX_NAMESPACE_BYTES,
    recordBytes: MAX_RECORD_BYTES,
    ttlSeconds: { min: MIN_TTL_SECONDS, ...registrationTtlSeconds },
    attachedPrefix: PARLEY_NAMESPACES,
    graceMs: GRACE_MS,
  }
}

interface AdminDeps extends RendezvousPoint {
  readonly version: string
  readonly node: HelperNode
  readonly tally: RequestCounters
  readonly logger: Logger
}

type Endpoint = NonNullable<HelperConfig['admin']>

/** Loaded on demand: most helpers run without. */
async function openAdmin(wanted: Endpoint, deps: AdminDeps, stack: AsyncDisposableStack): Promise<Endpoint> {
  const { version, node, tally, logger, registry, server } = deps
  const { startAdmin } = await import('./admin/server.ts')
  const { measureTraffic } = await import('./admin/metrics.ts')
  const startedAt = performance.now()
  let adminPort = wanted.port
  const traffic = stack.use(measureTraffic(({ localPort }) => localPort !== adminPort))
  const status = (): HelperStatus => ({
    version,
    peer: node.peerId.toString(),
    uptimeMs: Math.round(performance.now() - startedAt),
    connections: node.getConnections().length,
    ...registry.stats(),
    watchers: server.watchers,
    reservations: node.services.relay.reservations.size,
    relayed: relayedConnections(node),
    refused: tally.entries(),
    receivedBytes: traffic.receivedBytes,
    sentBytes: traffic.sentBytes,
  })
  const admin = stack.use(await startAdmin({ ...wanted, status, logger }))
  adminPort = admin.port
  return admin
}

function running(stack: AsyncDisposableStack, admin: Endpoint | undefined, logger: Logger): RunningHelper {
  const ended = Promise.withResolvers<void>()
  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    await stack.disposeAsync().catch(cause => logger.error('closing went wrong', { cause }))
    ended.resolve()
  }
  return {
    admin,
    close() {
      closing ??= close()
      return closing
    },
    closed: ended.promise,
  }
}

/** Addresses reachable from anywhere first, those valid only on this machine last. */
function byReach(addresses: readonly Multiaddr[]): Multiaddr[] {
  const reach = (address: Multiaddr) => Number(isLoopback(address)) + Number(isPrivate(address) === true)
  return addresses.toSorted((a, b) => reach(a) - reach(b))
}
