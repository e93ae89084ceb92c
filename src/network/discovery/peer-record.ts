/**
 * Signed peer records: a peer's own statement of its addresses, which a helper can pass on but not change.
 * Specification: https://github.com/libp2p/specs/blob/master/RFC/0003-routing-records.md
 */
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import type { Multiaddr } from '@multiformats/multiaddr'
import { CODE_P2P, CODE_P2P_CIRCUIT, multiaddr } from '@multiformats/multiaddr'
import { ProtobufFields } from '../../protocol/protobuf.ts'
import { MAX_RECORD_BYTES } from '../../protocol/rendezvous.ts'

/** Addresses used of one peer: each may cost a dial. Real peers have one to six. */
const MAX_ADDRESSES = 16

/** The content of a verified record. */
export interface PeerAddresses {
  readonly peerId: PeerId
  /** Each ends with `/p2p/…`, so that whoever answers there must prove to be this peer. */
  readonly addresses: readonly Multiaddr[]
  /** Higher is newer. */
  readonly seq: number
  /** The signed envelope itself, for storing or forwarding. */
  readonly envelope: Uint8Array
}

export type OpenedRecord =
  | { readonly kind: 'record'; readonly record: PeerAddresses }
  | { readonly kind: 'invalid' }

/**
 * Checks size, form, signature, and that the record is the peer's own. Addresses of unknown kinds are left
 * out, since others may understand them. Accepts any bytes and never rejects.
 */
export async function openPeerRecord(envelope: Uint8Array, signal: AbortSignal): Promise<OpenedRecord> {
  if (envelope.length > MAX_RECORD_BYTES) return { kind: 'invalid' }
  try {
    const opened = await RecordEnvelope.openAndCertify(envelope, PeerRecord.DOMAIN, { signal })
    if (Buffer.compare(opened.payloadType, PeerRecord.CODEC) !== 0) return { kind: 'invalid' }
    const peerId = peerIdFromPublicKey(opened.publicKey)
    const fields = new ProtobufFields(opened.payload)
    const named = fields.bytes(1) ?? new Uint8Array()
    if (Buffer.compare(named, peerId.toMultihash().bytes) !== 0) return { kind: 'invalid' }
    const addresses = fields
      .repeated(3)
      .slice(0, MAX_ADDRESSES)
      .flatMap(info => readAddress(info, peerId))
    const record = { peerId, addresses, seq: fields.count(2) ?? 0, envelope: envelope.slice() }
    return { kind: 'record', record }
  } catch {
    return { kind: 'invalid' }
  }
}

/**
 * The address in one AddressInfo, ending with `/p2p/…`; none if it can't be read or leads to another peer.
 */
function readAddress(info: Uint8Array, peerId: PeerId): Multiaddr[] {
  try {
    const address = multiaddr(new ProtobufFields(info).bytes(1) ?? new Uint8Array())
    const [last, ...before] = address.getComponents().toReversed()
    if (last === undefined) return []
    if (last.code === CODE_P2P) return last.value === peerId.toString() ? [address] : []
    // the part before /p2p-circuit names the relay
    const relayed = last.code === CODE_P2P_CIRCUIT
    if (!relayed && before.some(component => component.code === CODE_P2P)) return []
    return [address.encapsulate(`/p2p/${peerId.toString()}`)]
  } catch {
    return []
  }
}

/** Signs a record of these addresses, with a higher seq than any before. */
export async function sealPeerRecord(
  peerId: PeerId,
  privateKey: PrivateKey,
  multiaddrs: Multiaddr[],
): Promise<Uint8Array> {
  const envelope = await RecordEnvelope.seal(new PeerRecord({ peerId, multiaddrs }), privateKey)
  return envelope.marshal()
}
