/** A whole helper, as `parley helper` runs it. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import type { UiEvent } from '../../src/api/events.ts'
import { SILENT_LOGGER } from '../../src/common/logger.ts'
import type { HelperConfig, HelperLimits } from '../../src/config/types.ts'
import type { RunningHelper } from '../../src/helper/helper.ts'
import { startHelper } from '../../src/helper/helper.ts'

const LIMITS: HelperLimits = {
  connections: 100,
  connectionsPerAddress: 64,
  registrations: 1_000,
  registrationsPerPeer: 16,
  registrationTtlSeconds: { default: 7_200, max: 259_200 },
  streamsPerConnection: 32,
  messageBytes: 65_536,
  relayReservations: 100,
  relayConnections: 100,
  relayConnectionsPerPeer: 64,
  relayMegabytes: 64,
  relayMinutes: 720,
}

const CONFIG: HelperConfig = {
  role: 'helper',
  listen: ['/ip4/127.0.0.1/tcp/0'],
  announce: [],
  dataDir: '/nowhere',
  logLevel: 'silent',
  output: 'json',
  limits: LIMITS,
}

export interface Started extends RunningHelper {
  readonly ready: Extract<UiEvent, { type: 'ready' }>
  /** Its addresses. */
  readonly at: Multiaddr[]
  /** Its port. */
  readonly port: number
}

/** Helpers started here end with `end`. */
export class Helpers {
  readonly #running: RunningHelper[] = []

  async start(
    config: Partial<Omit<HelperConfig, 'limits'>> & { limits?: Partial<HelperLimits> } = {},
    privateKey?: Ed25519PrivateKey,
  ): Promise<Started> {
    const events: UiEvent[] = []
    const emit = (event: UiEvent) => void events.push(event)
    const folder = { privateKey: privateKey ?? (await generateKeyPair('Ed25519')) }
    const limits = { ...LIMITS, ...config.limits }
    const deps = { version: '1.2.3', folder, logger: SILENT_LOGGER, emit }
    const helper = await startHelper({ ...CONFIG, ...config, limits }, deps)
    this.#running.push(helper)
    const [ready] = events
    if (ready?.type !== 'ready') throw new Error('not ready')
    const at = ready.addresses.map(address => multiaddr(address))
    return { ...helper, ready, at, port: portOf(at[0]) }
  }

  async end(): Promise<void> {
    await Promise.all(this.#running.splice(0).map(helper => helper.close()))
  }
}

function portOf(address: Multiaddr | undefined): number {
  return Number(address?.getComponents().find(({ name }) => name === 'tcp')?.value)
}
