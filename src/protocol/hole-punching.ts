/**
 * The messages of DCUtR, with which two peers negotiate a simultaneous open over a relay: protobuf with a
 * length prefix. Specification: https://github.com/libp2p/specs/blob/master/relay/DCUtR.md
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import { writer } from 'protons-runtime'
import { ProtobufFields } from './protobuf.ts'

export const PUNCH_PROTOCOL = '/libp2p/dcutr'

/** The specification's limit. */
export const MAX_PUNCH_BYTES = 4_096

/** Addresses of the other side that are used. */
const MAX_ADDRESSES = 8

const CODES = { connect: 100, sync: 300 } as const

export interface PunchMessage {
  readonly kind: keyof typeof CODES
  readonly addresses: readonly Multiaddr[]
}

export function encodePunch({ kind, addresses }: PunchMessage): Uint8Array {
  const to = writer()
  to.uint32(1 << 3).uint32(CODES[kind])
  for (const address of addresses) to.uint32((2 << 3) | 2).bytes(address.bytes)
  return to.finish()
}

/** Accepts any bytes and never throws. Addresses of unknown kinds are left out. */
export function decodePunch(bytes: Uint8Array): PunchMessage | undefined {
  try {
    const fields = new ProtobufFields(bytes)
    const code = fields.count(1)
    const kind = code === CODES.connect ? 'connect' : code === CODES.sync ? 'sync' : undefined
    if (kind === undefined) return undefined
    return { kind, addresses: fields.repeated(2).slice(0, MAX_ADDRESSES).flatMap(readAddress) }
  } catch {
    return undefined
  }
}

function readAddress(bytes: Uint8Array): Multiaddr[] {
  try {
    return [multiaddr(bytes)]
  } catch {
    // of an unknown kind
    return []
  }
}
