/**
 * The helper's status and its process in the form that Prometheus reads.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { HelperStatus } from './status.ts'

export interface Metrics {
  readonly contentType: string
  /** The state at this moment. */
  text(): Promise<string>
}

/** What goes up and down, and what it is. */
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

/** Reads the status whenever somebody asks. */
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
