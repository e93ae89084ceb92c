/**
 * NAT-PMP and PCP: has a router forward ports as long as they are wanted. Each lease is renewed after half
 * its time. Only packets from the router itself are read. port-mapping.ts decides which router to ask, and
 * when.
 */
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Retransmission times of an unanswered packet: RFC 6886 §3.1 doubles from 250. The last is how long to wait.
 */
const RETRANSMIT_MS = [250, 500, 1_000, 2_000]
/** The lease requested: if we leave without notice, the router closes the port soon. */
const LEASE_S = 1_200
/** The least and the longest renewal interval, whatever the router grants. */
const RENEW_MIN_S = 30

/** Ports that a router forwards. */
export interface PortMappings {
  /** The outside ports. */
  readonly ports: readonly number[]
  /** Releases them, if the router hears it. Never rejects. */
  release(): Promise<void>
}

export interface NatPmpOptions {
  /** The router's IPv4 address. */
  readonly router: string
  /** The router's port. @default 5351 */
  readonly routerPort?: number
  readonly ports: readonly number[]
  /** Ends the requests; existing mappings stay. */
  readonly signal: AbortSignal
  /** The router didn't renew, or only with other ports: the mappings are void. */
  readonly onLost: () => void
}

interface Lease {
  readonly port: number
  readonly outside: number
  readonly seconds: number
  readonly nonce: Uint8Array
}

type Router = Required<Pick<NatPmpOptions, 'router' | 'routerPort'>>

/** Rejects if the router speaks neither protocol, or refuses. */
export async function keepPortsMapped(options: NatPmpOptions): Promise<PortMappings> {
  const { ports, signal, router, routerPort = PORT_CONTROL_PORT } = options
  const at = { router, routerPort }
  const leases: Lease[] = []
  for (const port of ports) {
    const nonce = randomBytes(NONCE_BYTES)
    leases.push(await requestMapping(at, { port, outside: port, seconds: LEASE_S, nonce }, signal))
  }
  const over = new AbortController()
  void keepRenewed(at, leases, over.signal).catch(() => over.signal.aborted || options.onLost())
  return {
    ports: leases.map(({ outside }) => outside),
    async release() {
      over.abort(new Error('it is not wanted any more'))
      const quit = new AbortController()
      await Promise.allSettled(leases.map(lease => requestMapping(at, { ...lease, seconds: 0 }, quit.signal)))
    },
  }
}

/** Rejects if a lease wasn't renewed unchanged. */
async function keepRenewed(at: Router, leases: readonly Lease[], signal: AbortSignal): Promise<never> {
  for (let current = leases; ; ) {
    const seconds = Math.min(LEASE_S, ...current.map(lease => lease.seconds))
    await pause(Math.max(RENEW_MIN_S, seconds / 2) * 1_000, undefined, { signal, ref: false })
    const renewed: Lease[] = []
    for (const lease of current) {
      const next = await requestMapping(at, { ...lease, seconds: LEASE_S }, signal)
      if (next.outside !== lease.outside) throw new Error('the router chose another port')
      renewed.push(next)
    }
    current = renewed
  }
}

/** By NAT-PMP, which most PCP routers understand, too; then by PCP. */
async function requestMapping(at: Router, what: Lease, signal: AbortSignal): Promise<Lease> {
  const pmp: PacketExchange = { write: () => encodePmp(what), read: bytes => readPmp(bytes, what) }
  const pcp: PacketExchange = {
    write: own => encodePcp({ ...what, own }),
    read: bytes => readPcp(bytes, what),
  }
  const first = await exchangePackets(at, pmp, signal)
  const answer = first.kind === 'other-version' ? await exchangePackets(at, pcp, signal) : first
  if (answer.kind === 'granted') return { ...what, outside: answer.outside, seconds: answer.seconds }
  if (answer.kind === 'refused') throw new Error(`the router refuses (${answer.code})`)
  throw new Error('the router speaks another version')
}

interface PacketExchange {
  /** `own`: the address of this machine that it is sent from. */
  readonly write: (own: string) => Uint8Array
  readonly read: (bytes: Uint8Array) => PortAnswer | undefined
}

/**
 * One request, sent until it is answered. A connected socket receives only from the router, and reports if
 * nothing listens there.
 */
async function exchangePackets(
  { router, routerPort }: Router,
  { write, read }: PacketExchange,
  signal: AbortSignal,
): Promise<PortAnswer> {
  signal.throwIfAborted()
  const socket = createSocket('udp4')
  const over = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<PortAnswer>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  socket.on('error', reject)
  socket.on('message', bytes => {
    const answer = bytes.length <= MAX_ANSWER_BYTES ? read(bytes) : undefined
    if (answer !== undefined) resolve(answer)
  })
  socket.connect(routerPort, router, () => {
    const request = write(socket.address().address)
    const send = (): void => socket.send(request, error => error && reject(error))
    void retransmit(send, over.signal).then(() => reject(new Error('the router does not answer')))
  })
  try {
    return await promise
  } finally {
    over.abort()
    signal.removeEventListener('abort', stop)
    socket.close()
  }
}

/** Resolves after the last retransmission, or when it is over. */
async function retransmit(send: () => void, signal: AbortSignal): Promise<void> {
  for (const ms of RETRANSMIT_MS) {
    if (signal.aborted) return
    send()
    await pause(ms, undefined, { signal, ref: false }).catch(() => {})
  }
}

// The packets of NAT-PMP (RFC 6886) and its successor PCP (RFC 6887): one request and one response for a
// port. Bytes only.

/** The routers' port for both. */
const PORT_CONTROL_PORT = 5_351

/** The longest response, RFC 6887 §7. */
const MAX_ANSWER_BYTES = 1_100

const NONCE_BYTES = 12

const TCP = 6
const PMP = { version: 0, mapTcp: 2, bytes: 16 } as const
const PCP = { version: 2, map: 1, bytes: 60 } as const
/** Set in a response. */
const ANSWER = 0x80
const SUCCESS = 0
const UNSUPPORTED_VERSION = 1

export interface PortRequest {
  /** This machine's port. */
  readonly port: number
  /** The suggested outside port: the previous one, or the same. */
  readonly outside: number
  /** Lifetime; 0 releases the mapping. */
  readonly seconds: number
}

/** PCP's additional fields. */
export interface PcpRequest extends PortRequest {
  /** This machine's address, as the router sees it. */
  readonly own: string
  /** Twelve random bytes, the same in all requests for one port. */
  readonly nonce: Uint8Array
}

/** `other-version`: the router speaks the other protocol. */
export type PortAnswer =
  | { readonly kind: 'granted'; readonly outside: number; readonly seconds: number }
  | { readonly kind: 'refused'; readonly code: number }
  | { readonly kind: 'other-version' }

export function encodePmp({ port, outside, seconds }: PortRequest): Uint8Array {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt8(PMP.mapTcp, 1)
  bytes.writeUInt16BE(port, 4)
  bytes.writeUInt16BE(seconds === 0 ? 0 : outside, 6)
  bytes.writeUInt32BE(seconds, 8)
  return bytes
}

/** Undefined if it is no response to a request for this port. */
export function readPmp(bytes: Uint8Array, { port }: PortRequest): PortAnswer | undefined {
  const answer = Buffer.from(bytes)
  if (answer.length < 4 || !isAnswer(answer)) return undefined
  const code = answer.readUInt16BE(2)
  if (answer.readUInt8(0) !== PMP.version || code === UNSUPPORTED_VERSION) return { kind: 'other-version' }
  if (answer.readUInt8(1) !== (ANSWER | PMP.mapTcp)) return undefined
  if (code !== SUCCESS) return { kind: 'refused', code }
  if (answer.length < PMP.bytes || answer.readUInt16BE(8) !== port) return undefined
  return { kind: 'granted', outside: answer.readUInt16BE(10), seconds: answer.readUInt32BE(12) }
}

export function encodePcp({ port, outside, seconds, own, nonce }: PcpRequest): Uint8Array {
  const bytes = Buffer.alloc(PCP.bytes)
  bytes.writeUInt8(PCP.version, 0)
  bytes.writeUInt8(PCP.map, 1)
  bytes.writeUInt32BE(seconds, 4)
  bytes.set(mappedAddress(own), 8)
  bytes.set(nonce, 24)
  bytes.writeUInt8(TCP, 36)
  bytes.writeUInt16BE(port, 40)
  bytes.writeUInt16BE(outside, 42)
  bytes.set(mappedAddress('0.0.0.0'), 44)
  return bytes
}

/** Undefined if it is no response to a request for this port with this nonce. */
export function readPcp(bytes: Uint8Array, { port, nonce }: Omit<PcpRequest, 'own'>): PortAnswer | undefined {
  const answer = Buffer.from(bytes)
  if (answer.length < 4 || !isAnswer(answer)) return undefined
  if (answer.readUInt8(0) !== PCP.version) return { kind: 'other-version' }
  if (answer.length < PCP.bytes || answer.readUInt8(1) !== (ANSWER | PCP.map)) return undefined
  const isMine = answer.subarray(24, 24 + NONCE_BYTES).equals(nonce) && answer.readUInt16BE(40) === port
  if (!isMine) return undefined
  const code = answer.readUInt8(3)
  if (code !== SUCCESS) return { kind: 'refused', code }
  return { kind: 'granted', outside: answer.readUInt16BE(42), seconds: answer.readUInt32BE(4) }
}

function isAnswer(bytes: Buffer): boolean {
  return (bytes.readUInt8(1) & ANSWER) > 0
}

/** An IPv4 address in sixteen bytes, `::ffff:a.b.c.d`. */
function mappedAddress(address: string): Uint8Array {
  const ipv4 = address.split('.').map(Number)
  return Uint8Array.from([...Array.from({ length: 10 }, () => 0), 0xff, 0xff, ...ipv4])
}
