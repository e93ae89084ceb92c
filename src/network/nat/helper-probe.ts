/**
 * The helper probe, for the doctor: whether a helper answers, what it reports about our clock and address,
 * whether it can dial us, and whether our router maps one port alike for two destinations, on which hole
 * punching rests. It measures and doesn't judge.
 */
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { isOwn, portOf } from '../../protocol/multiaddr.ts'
import type { Seen, Tried } from '../../protocol/reachability.ts'
import { pingConnection } from '../connections/ping.ts'
import type { HelperFailure } from '../discovery/dial-failure.ts'
import { classifyError } from '../discovery/dial-failure.ts'
import type { DialledHelper, HelperTarget } from '../discovery/helper-connection.ts'
import { checkHelper, dialHelper } from '../discovery/helper-connection.ts'
import type { PeerNode } from '../node.ts'
import { sourceAddress6 } from './interfaces.ts'
import { askReachability } from './reachability-client.ts'

/** For reaching a helper: TCP retransmits a lost first packet after 1 and 3 seconds. */
const DIAL_MS = 8_000
/** For everything else. */
const ASK_MS = 15_000

/**
 * How a router chooses outside ports. `none`: no router translates. `steady`: one for each inside port
 * (endpoint-independent mapping, RFC 4787). `changing`: another one for each destination (symmetric).
 * `unknown`: there was only one place to look from.
 */
export type PortMappingBehaviour = 'none' | 'steady' | 'changing' | 'unknown'

export interface HelperProbeResult {
  /** As the user wrote it. */
  readonly text: string
  readonly peer: string
  readonly roundTripMs: number
  /** How far our clock is ahead of the helper's; undefined if it doesn't report its own. */
  readonly clockAheadMs: number | undefined
  readonly seen: Seen | undefined
  readonly tried: Tried | undefined
  readonly mapping: PortMappingBehaviour
  /** Whether it would relay for us. */
  readonly relay: 'yes' | 'no'
  /** Whether there is a route to the internet over IPv6, where routers translate nothing. */
  readonly ip6: 'yes' | 'no'
}

export type HelperProbe =
  | { readonly kind: 'examined'; readonly examined: HelperProbeResult }
  | { readonly kind: 'unreached'; readonly trouble: HelperFailure }
  /** Another key answers than the expected one; it is asked nothing. */
  | { readonly kind: 'wrong-key'; readonly expected: string; readonly shown: string }

export interface HelperProbeDeps {
  readonly node: PeerNode
  readonly interfaceAddresses: readonly string[]
  /** Own ports that might be reachable. */
  readonly ports: readonly number[]
  /** Another place to look from, if there is one: a second helper. */
  readonly otherHelper: string | undefined
}

/** Never rejects, whatever the other side does. */
export async function probeHelper(target: HelperTarget, deps: HelperProbeDeps): Promise<HelperProbe> {
  const { internals } = deps.node.services
  const signal = AbortSignal.timeout(DIAL_MS + ASK_MS)
  let dialled: DialledHelper
  try {
    dialled = await dialHelper(internals, target.multiaddr, { timeoutMs: DIAL_MS, signal })
  } catch (cause) {
    return { kind: 'unreached', trouble: classifyError(cause) }
  }
  const { connection } = dialled
  const [expected, shown] = [target.expected, connection.remotePeer.toString()]
  if (expected !== undefined && expected !== shown) {
    connection.abort(new Error('not the helper that was expected'))
    return { kind: 'wrong-key', expected, shown }
  }
  const trouble = await checkHelper(connection, signal)
  if (trouble !== undefined) return { kind: 'unreached', trouble }
  try {
    return { kind: 'examined', examined: await probeConnection(dialled, target, deps, signal) }
  } catch {
    // it answered as a helper and then fell silent
    return { kind: 'unreached', trouble: { kind: connection.status === 'open' ? 'silent' : 'hung-up' } }
  }
}

async function probeConnection(
  dialled: DialledHelper,
  target: HelperTarget,
  deps: HelperProbeDeps,
  signal: AbortSignal,
): Promise<HelperProbeResult> {
  const { node, ports, interfaceAddresses } = deps
  const { connection } = dialled
  // the helper dials back, too, to see whether it can
  node.services.internals.preference.prefer(connection)
  const roundTripMs = await pingConnection(connection, signal)
  const relay = await node.services.internals.reserve(connection.remotePeer).then(
    () => 'yes' as const,
    () => 'no' as const,
  )
  let clockAheadMs: number | undefined
  const onSeen = ({ time }: Seen): void => {
    clockAheadMs = Date.now() - roundTripMs / 2 - time
  }
  const { seen, tried } = await askReachability({ connection, ports, signal, onSeen })
  const isDirect = seen !== undefined && isOwn(seen.observed, interfaceAddresses)
  const mapping = isDirect ? 'none' : await compareMappings(dialled, seen, target, deps)
  const ip6 = (await sourceAddress6()) === undefined ? 'no' : 'yes'
  return {
    text: target.text,
    peer: connection.remotePeer.toString(),
    roundTripMs,
    clockAheadMs,
    seen,
    tried,
    mapping,
    relay,
    ip6,
  }
}

/**
 * Looks from a second place, another port of the same helper or another helper, through the same local port.
 */
async function compareMappings(
  { localPort }: DialledHelper,
  seen: Seen | undefined,
  target: HelperTarget,
  { node, otherHelper }: HelperProbeDeps,
): Promise<PortMappingBehaviour> {
  const second = otherHelper ?? furtherPort(target.multiaddr, seen)
  if (seen === undefined || localPort === undefined || second === undefined) return 'unknown'
  const signal = AbortSignal.timeout(ASK_MS)
  let connection: Connection | undefined
  try {
    connection = await node.services.internals.dial(multiaddr(second), {
      timeoutMs: DIAL_MS,
      signal,
      localPort,
    })
    const answer = await askReachability({ connection, ports: [], signal, onSeen: () => {} })
    if (answer.seen === undefined) return 'unknown'
    return answer.seen.observed.equals(seen.observed) ? 'steady' : 'changing'
  } catch {
    return 'unknown'
  } finally {
    connection?.close({ signal }).catch(() => {})
  }
}

/** The helper's address with another of its ports. */
function furtherPort(address: string, seen: Seen | undefined): string | undefined {
  const port = portOf(multiaddr(address))
  const further = seen?.otherPorts.find(other => other !== port)
  return further === undefined ? undefined : address.replace(/\/tcp\/\d+$/, `/tcp/${further}`)
}
