/**
 * What a host and its router say to each other about a port to pass on: NAT-PMP (RFC 6886), and its successor PCP
 * (RFC 6887) for the same. One packet each way. Bytes only; port-control.ts sends and waits.
 */

/** Where routers listen, for both. */
export const PORT_CONTROL_PORT = 5_351

/** The longest answer, RFC 6887, 7. */
export const MAX_ANSWER_BYTES = 1_100

export const NONCE_BYTES = 12

const TCP = 6
const PMP = { version: 0, mapTcp: 2, bytes: 16 } as const
const PCP = { version: 2, map: 1, bytes: 60 } as const
/** Set in an answer. */
const ANSWER = 0x80
const SUCCESS = 0
const UNSUPPORTED_VERSION = 1

export interface PortRequest {
  /** This machine's port. */
  readonly port: number
  /** The one that is wished for outside: what it was before, or the same. */
  readonly outside: number
  /** How long it is to be passed on; 0 takes it back. */
  readonly seconds: number
}

/** What PCP wants to know besides. */
export interface PcpRequest extends PortRequest {
  /** This machine's address, as the router sees it. */
  readonly own: string
  /** Twelve random bytes, the same in all requests about one port. */
  readonly nonce: Uint8Array
}

/** `other-version`: it speaks the other one of both. */
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

/** Undefined if it is no answer to a request for this port. */
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
  bytes.set(mapped(own), 8)
  bytes.set(nonce, 24)
  bytes.writeUInt8(TCP, 36)
  bytes.writeUInt16BE(port, 40)
  bytes.writeUInt16BE(outside, 42)
  bytes.set(mapped('0.0.0.0'), 44)
  return bytes
}

/** Undefined if it is no answer to a request for this port with this nonce. */
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
function mapped(address: string): Uint8Array {
  const ipv4 = address.split('.').map(Number)
  return Uint8Array.from([...Array.from({ length: 10 }, () => 0), 0xff, 0xff, ...ipv4])
}
