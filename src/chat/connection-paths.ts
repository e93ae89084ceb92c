/**
 * Texts about how someone is reached, and why not better: the attempts, and what would help. Addresses come
 * from others and may contain anything in place of a name: each is sanitised to one line.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import type { UiEvent } from '../api/events.ts'
import { openConnections } from '../network/connections/connection-preference.ts'
import type { DialAttempt, PathKind } from '../network/connections/dialer.ts'
import { pingConnection } from '../network/connections/ping.ts'
import type { OwnReachability, PortMappingKind } from '../network/nat/address-book.ts'
import type { PeerNode } from '../network/node.ts'
import { peerIdOf } from '../network/peer-id.ts'
import type { PeerKey } from '../protocol/ids.ts'
import { sanitiseLine } from '../text/sanitise.ts'
import type { PeerLabels } from './peer-labels.ts'

const PATH_TEXTS: Readonly<Record<PathKind, string>> = {
  direct: 'directly',
  lan: 'on the local network',
  relay: 'through a relay',
  punch: 'through both routers at the same moment',
}

const NOTHING_TRIED =
  'nothing could be tried: no address of theirs can be dialled from here, and no helper relays to them'

/** One failed hole punch may be chance; this many say something about the routers. */
const SIGNIFICANT_FAILURES = 2

/** People named where several may be meant. */
const MAX_NAMED = 5

/** Attempts listed: the latest ones. */
const MAX_ATTEMPTS = 6

/** `directly over tcp, 12 ms round trip, for 3 min`, or similar. */
export function pathText(path: Path | undefined, now: number): string {
  if (path === undefined) return 'not directly, by way of others'
  const speed = path.rttMs === undefined ? '' : `, ${path.rttMs} ms round trip`
  const how = path.path === 'direct' ? 'directly' : 'through a relay'
  return `${how} over ${path.transport}${speed}, for ${spanText(now - path.since)}`
}

function spanText(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'less than a minute'
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} hours`
}

/** How someone is reached, and the attempts so far. */
export interface PathFacts {
  readonly path: Path | undefined
  /** Oldest first. */
  readonly attempts: readonly DialAttempt[]
  readonly ownReachability: OwnReachability
}

interface WhyRequest extends PathFacts {
  /** As shown. */
  readonly name: string
  /** The other members with a connection, as shown. */
  readonly through: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The answer to `/why`: the path, the attempts, the own reachability, and what would help. */
export function whyText({ name, through, path, attempts, ownReachability, now }: WhyRequest): string {
  const how = path === undefined ? indirectText(name, through) : `${name} is connected ${pathText(path, now)}`
  const tried = attempts.slice(-MAX_ATTEMPTS).map(step => `  ${attemptText(step, now)}`)
  const heading = tried.length > 0 ? ['what was tried:'] : path === undefined ? [NOTHING_TRIED] : []
  const because = whyRelayed({ path, attempts, ownReachability })
  const reason = because === undefined ? [] : [`it stays relayed because ${because}`]
  return [
    how,
    ...heading,
    ...tried,
    reachabilityText(ownReachability),
    ...reason,
    ...remedies(path, ownReachability),
  ].join('\n')
}

/**
 * Someone without a connection is heard through others, if there are any; through whom exactly is unknown.
 */
function indirectText(name: string, through: readonly string[]): string {
  const trying = 'parley keeps trying the addresses it knows.'
  if (through.length === 0) {
    return `${name} is not connected, and nobody else is: what you write waits in your log. ${trying}`
  }
  const [named, more] = [through.slice(0, MAX_NAMED).join(', '), through.length - MAX_NAMED]
  const all = more > 0 ? `${named} and ${more} more` : named
  return `${name} is not connected: messages travel by way of others (you are connected with ${all}). ${trying}`
}

/** Why a relayed connection doesn't become direct, as far as is known; undefined if it still may. */
export function whyRelayed({ path, attempts, ownReachability }: PathFacts): string | undefined {
  if (path?.path !== 'relayed') return undefined
  const dialled = attempts.filter(({ path: rung, address }) => rung === 'punch' && address !== '')
  const failures = dialled.slice(dialled.findLastIndex(({ outcome }) => outcome === 'connected') + 1)
  return failures.length < SIGNIFICANT_FAILURES ? undefined : REASONS[ownReachability.mappedPort]
}

const REASONS: Readonly<Record<PortMappingKind, string>> = {
  changed:
    'your router does not keep ports: it most likely takes another one for each destination (symmetric NAT), so nobody can know where to dial you',
  kept: 'your router keeps ports, but theirs most likely takes another one for each destination (symmetric NAT), or a firewall is in the way',
  unknown: 'a router or firewall between you lets neither of you through to the other',
}

function attemptText({ at, path, outcome, tookMs, address, reason }: DialAttempt, now: number): string {
  const where = address === '' ? '' : ` (${sanitiseLine(address)})`
  const took = `after ${(tookMs / 1_000).toFixed(1)} s`
  const result =
    outcome === 'connected'
      ? `connected ${took}`
      : `failed ${took}: ${sanitiseLine(reason ?? 'no reason is known')}`
  return `${Math.max(0, Math.round((now - at) / 1_000))} s ago, ${PATH_TEXTS[path]}${where}: ${result}`
}

/** How others can reach this peer. */
function reachabilityText({ reachability, observedHosts, relays }: OwnReachability): string {
  const relay = relays > 0 ? 'others reach you by a relay first' : 'no helper relays to you'
  const seen = observedHosts.length === 0 ? '' : ` (seen from outside as ${observedHosts.join(', ')})`
  switch (reachability) {
    case 'public':
      return relays > 0
        ? `you can be reached directly by IPv6${seen}; who has only IPv4 reaches you by a relay first`
        : `you can be reached directly${seen}`
    case 'nat':
      return `you are behind a router that translates addresses${seen}; ${relay}`
    case 'blocked':
      return `a firewall keeps connections from you${seen}; ${relay}`
    case 'unknown':
      return 'no helper could say yet whether you can be reached'
  }
}

const ENCRYPTED = 'What you write is encrypted between you two; the helper that relays it cannot read it.'
const REACHABLE =
  'A direct way needs one of you to be reachable, or IPv6 on both sides: switch on UPnP or NAT-PMP in one router, which parley asks by itself (without --no-lan), or pass a TCP port on there and start parley with --listen /ip4/0.0.0.0/tcp/PORT.'
const ANOTHER_RELAY = 'A second helper (--helper) may relay: the one you have is full, or relays for nobody.'

function remedies(path: Path | undefined, { reachability, relays }: OwnReachability): readonly string[] {
  if (path?.path === 'direct') return []
  if (path?.path === 'relayed') return [ENCRYPTED, REACHABLE]
  if (reachability === 'unknown') return ['A helper (--helper) finds members and relays for them.']
  if (reachability === 'public') return []
  return relays === 0 ? [ANOTHER_RELAY, REACHABLE] : [REACHABLE]
}

// The path to a person: direct or relayed, the transport, the round trip, and since when.

export interface Path {
  readonly path: 'direct' | 'relayed'
  /** `tcp`, or whatever carries the connection. */
  readonly transport: string
  /** Milliseconds; undefined until measured. */
  readonly rttMs: number | undefined
  /** When the connection came up, milliseconds since the epoch. */
  readonly since: number
}

/** How long one measurement may take. */
const PING_TIMEOUT_MS = 5_000
/** Closing a surplus connection ends its pings: the next attempt uses the one that stays. */
const PING_TRIES = 5
const PING_PAUSE_MS = 500

/** The current path to a peer; undefined if it isn't connected. */
export function pathTo(node: PeerNode, peer: PeerKey): Path | undefined {
  const [connection] = openConnections(node, peerIdOf(peer))
  return connection && describeConnection(connection)
}

/** The path with its round trip measured; undefined if the peer left meanwhile or doesn't answer. */
async function measurePath(node: PeerNode, peer: PeerKey): Promise<Path | undefined> {
  for (let attempt = 0; attempt < PING_TRIES && pathTo(node, peer) !== undefined; attempt++) {
    const rttMs = await roundTrip(node, peer)
    const path = pathTo(node, peer)
    if (path !== undefined && rttMs !== undefined) return { ...path, rttMs }
    await pause(PING_PAUSE_MS, undefined, { ref: false })
  }
  return undefined
}

/** In milliseconds; undefined if the ping wasn't answered. */
async function roundTrip(node: PeerNode, peer: PeerKey): Promise<number | undefined> {
  try {
    const [connection] = openConnections(node, peerIdOf(peer))
    return connection && (await pingConnection(connection, AbortSignal.timeout(PING_TIMEOUT_MS)))
  } catch {
    return undefined
  }
}

function describeConnection(connection: Connection): Path {
  const names = connection.remoteAddr.getComponents().map(component => component.name)
  return {
    path: connection.direct ? 'direct' : 'relayed',
    transport: names.findLast(name => name === 'tcp' || name === 'quic-v1' || name === 'webrtc') ?? 'other',
    rttMs: connection.rtt,
    since: connection.timeline.open,
  }
}

// Reports each peer's path once for each change: relayed at first, then direct, or why not.

export interface PathReporterDeps {
  /** The node, once it exists. */
  readonly node: () => PeerNode
  readonly facts: (key: PeerKey) => PathFacts
  readonly directory: PeerLabels
  readonly emit: (event: UiEvent) => void
}

/** What was reported about a peer. */
interface Reported {
  readonly path: Path['path']
  readonly because: string | undefined
}

export class PathReporter {
  readonly #deps: PathReporterDeps
  readonly #reported = new Map<PeerKey, Reported>()

  constructor(deps: PathReporterDeps) {
    this.#deps = deps
  }

  /** Measures, and reports unless that is known; again once it is known why the path stays relayed. */
  async report(key: PeerKey): Promise<void> {
    const { node, facts, directory, emit } = this.#deps
    const path = await measurePath(node(), key)
    if (path?.rttMs === undefined) return
    const because = whyRelayed({ ...facts(key), path })
    const before = this.#reported.get(key)
    const isNew = before?.path !== path.path
    if (!isNew && (because === undefined || before.because !== undefined)) return
    this.#reported.set(key, { path: path.path, because })
    const { path: way, transport, rttMs } = path
    const about = { peer: directory.of(key).peer, path: way, transport, rttMs }
    emit({ type: 'path', ...about, ...(because === undefined ? {} : { because }) })
  }

  /** The peer isn't connected any more. */
  forget(key: PeerKey): void {
    this.#reported.delete(key)
  }
}
