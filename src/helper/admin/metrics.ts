/**
 * The metrics of a helper and its process, in Prometheus' format.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

export interface Metrics {
  readonly contentType: string
  /** The current state. */
  text(): Promise<string>
}

/** The gauges with their help texts. */
const GAUGES = {
  connections: 'Open connections',
  registrations: 'Registrations held',
  peers: 'Peers with at least one registration',
  namespaces: 'Namespaces with at least one registration',
  watchers: 'Open watches',
  reservations: 'Peers that can be reached through the relay',
  relayed: 'Connections that are relayed',
} as const

const BYTES = {
  received: 'Bytes received from peers over TCP',
  sent: 'Bytes sent to peers over TCP',
} as const

/** Reads the status on each scrape. */
export function metricsOf(status: () => HelperStatus): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  for (const [name, help] of Object.entries(GAUGES)) {
    gauge(register, name, help, () => status()[name as keyof typeof GAUGES])
  }
  for (const [name, help] of Object.entries(BYTES)) {
    counter(register, `${name}_bytes`, help, () => [[{}, status()[`${name as keyof typeof BYTES}Bytes`]]])
  }
  counter(register, 'refused', 'What was refused, by reason', () =>
    [...status().refused].map(([reason, count]) => [{ reason }, count]),
  )
  counter(register, 'starts', 'One, with the version', () => [[{ version: status().version }, 1]])
  return { contentType: register.contentType, text: () => register.metrics() }
}

function gauge(register: Registry, name: string, help: string, read: () => number): void {
  const collect = (): void => made.set(read())
  const made = new Gauge({ name: `parley_helper_${name}`, help, registers: [register], collect })
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

function counter(register: Registry, name: string, help: string, read: () => readonly Sample[]): void {
  const collect = (): void => {
    made.reset()
    for (const [labels, value] of read()) made.inc(labels, value)
  }
  const labelNames = ['reason', 'version']
  const made = new Counter({
    name: `parley_helper_${name}_total`,
    help,
    labelNames,
    registers: [register],
    collect,
  })
}

// What a helper shows its operator. Counts only: no room, no peer, no address.

export interface HelperStatus {
  readonly version: string
  /** The helper's own peer id. */
  readonly peer: string
  readonly uptimeMs: number
  readonly connections: number
  readonly registrations: number
  /** Peers with a registration. */
  readonly peers: number
  /** Namespaces with at least one registration: for parley, rooms. */
  readonly namespaces: number
  readonly watchers: number
  /** Relay reservations, and relayed connections at the moment. */
  readonly reservations: number
  readonly relayed: number
  /** Refusals by reason since the start. */
  readonly refused: ReadonlyMap<string, number>
  /** Bytes over all TCP connections with peers since the start. */
  readonly receivedBytes: number
  readonly sentBytes: number
}

// Counts the bytes of all TCP connections that this process accepted, as Node itself counts them: what a
// provider bills, and what shows that a helper carries no chat.

/** Node announces each accepted socket here: https://nodejs.org/api/diagnostics_channel.html#net */
const ACCEPTED = 'net.server.socket'

export interface Traffic extends Disposable {
  readonly receivedBytes: number
  readonly sentBytes: number
}

/** Counts from now on, for sockets that `counts` accepts. */
export function measureTraffic(counts: (socket: Socket) => boolean): Traffic {
  const open = new Set<Socket>()
  const closed = { received: 0, sent: 0 }
  const onAccepted = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    if (!counts(socket)) return
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      closed.received += socket.bytesRead
      closed.sent += socket.bytesWritten
    })
  }
  subscribe(ACCEPTED, onAccepted)
  return {
    get receivedBytes() {
      return [...open].reduce((sum, { bytesRead }) => sum + bytesRead, closed.received)
    },
    get sentBytes() {
      return [...open].reduce((sum, { bytesWritten }) => sum + bytesWritten, closed.sent)
    },
    [Symbol.dispose]: () => void unsubscribe(ACCEPTED, onAccepted),
  }
}
