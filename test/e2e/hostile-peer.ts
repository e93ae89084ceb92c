/**
 * A stranger with bad intentions and everything a member has: libp2p with the same transports and gossipsub, keys of
 * its own, and the room's public name. It shares no code with the program's network; it uses the core only to write
 * well-formed messages, since badly formed ones are no harder to send.
 */

import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { writer } from 'protons-runtime'
import { vi } from 'vitest'
import { nodeCrypto, nodeSigner } from '../../src/chat/node-crypto.ts'
import type { Signer } from '../../src/protocol/crypto.ts'
import type { RoomId } from '../../src/protocol/ids.ts'
import { roomIdOf, topicOf } from '../../src/protocol/rooms.ts'
import { DEADLINE_MS } from '../support/process-journal.ts'
import type { JsonProgram } from '../support/process-peer.ts'

const crypto = nodeCrypto()

type HostileNode = Libp2p<{ pubsub: GossipSub }>

export class HostilePeer implements AsyncDisposable {
  readonly #node: HostileNode
  readonly signer: Signer
  readonly room: RoomId
  readonly #topic: string
  readonly #victims: readonly Multiaddr[]
  /** Payloads of others, as heard. */
  readonly heard: Uint8Array[] = []

  private constructor(node: HostileNode, signer: Signer, room: string, victims: readonly Multiaddr[]) {
    this.#node = node
    this.signer = signer
    this.room = roomIdOf(room, crypto)
    this.#topic = topicOf(room)
    this.#victims = victims
    node.services.pubsub.addEventListener('message', event => this.heard.push(event.detail.data))
  }

  /** Connects to these programs; resolves when it is connected. */
  static async meet(...victims: readonly JsonProgram[]): Promise<HostilePeer> {
    return HostilePeer.#connect('', victims)
  }

  /** Connects to these peers and joins their room; resolves when all of them would listen to it. */
  static async join(room: string, victims: readonly JsonProgram[]): Promise<HostilePeer> {
    const hostile = await HostilePeer.#connect(room, victims)
    const { pubsub } = hostile.#node.services
    pubsub.subscribe(hostile.#topic)
    await vi.waitFor(
      () => {
        const { length } = pubsub.getSubscribers(hostile.#topic)
        if (length < victims.length) throw new Error(`only ${length} of ${victims.length} listen`)
        const dumb = hostile.#node.getConnections().filter(connection => gossipOn(connection) === undefined)
        if (dumb.length > 0) throw new Error(`nothing can be said yet to ${dumb.length}`)
      },
      { timeout: DEADLINE_MS },
    )
    return hostile
  }

  static async #connect(room: string, victims: readonly JsonProgram[]): Promise<HostilePeer> {
    const privateKey = await generateKeyPair('Ed25519')
    const node = await createNode(privateKey)
    const ready = await Promise.all(victims.map(victim => victim.next({ type: 'ready' })))
    const addresses = ready.map(({ addresses: [address = ''] }) => multiaddr(address))
    const hostile = new HostilePeer(node, nodeSigner(privateKey), room, addresses)
    for (const address of addresses) await hostile.dial(address)
    return hostile
  }

  get peerId(): string {
    return this.#node.peerId.toString()
  }

  /** How many connections it has left. */
  get connections(): number {
    return this.#node.getConnections().length
  }

  /**
   * Sends payloads to whoever still listens, as fast as they take them, past all that an honest gossipsub would hold
   * back. Resolves when all are gone or nobody is left.
   */
  async shout(payloads: readonly Uint8Array[]): Promise<void> {
    const rpcs: Uint8Array[] = []
    for (let from = 0; from < payloads.length; from += MESSAGES_PER_RPC) {
      const messages = payloads.slice(from, from + MESSAGES_PER_RPC)
      rpcs.push(prefixed(RPC.encode(rpcOf(this.#topic, messages))))
    }
    await Promise.all(this.#node.getConnections().map(connection => sendAll(connection, rpcs)))
  }

  /** A stream to each victim. */
  open(protocol: string): Promise<Stream[]> {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    return Promise.all(this.#victims.map(victim => this.#node.dialProtocol(victim, protocol, { signal })))
  }

  /** Answers streams that others open. */
  async answer(protocol: string, handler: (stream: Stream) => Promise<void>): Promise<void> {
    await this.#node.handle(protocol, handler)
  }

  /** Tries to connect to all victims once more; resolves when it is seen whether they let it. */
  async redial(): Promise<void> {
    await Promise.allSettled(this.#victims.map(victim => this.dial(victim)))
  }

  /** Resolves when all its connections are closed. */
  async cutOff(): Promise<void> {
    await vi.waitFor(
      () => {
        if (this.connections > 0) throw new Error(`${this.connections} connections are left`)
      },
      { timeout: DEADLINE_MS },
    )
  }

  async dial(address: Multiaddr): Promise<void> {
    await this.#node.dial(address, { signal: AbortSignal.timeout(DEADLINE_MS) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#node.stop()
  }
}

function createNode(privateKey: PrivateKey): Promise<HostileNode> {
  return createLibp2p({
    privateKey,
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { reconnectRetries: 0 },
    services: { identify: identify(), ping: ping(), pubsub: gossipsub(CARELESS) },
  })
}

/** Signs nothing, believes everything, sends everything. */
const CARELESS = {
  globalSignaturePolicy: 'StrictNoSign',
  msgIdFn: (message: { readonly data: Uint8Array }) => Buffer.from(crypto.sha256(message.data), 'hex'),
  allowPublishToZeroTopicPeers: true,
  ignoreDuplicatePublishError: true,
  floodPublish: true,
  emitSelf: false,
} as const

/** As many small frames as an honest peer's limits let through in one. */
const MESSAGES_PER_RPC = 50

function rpcOf(topic: string, payloads: readonly Uint8Array[]): RPC {
  return { subscriptions: [], messages: payloads.map(data => ({ topic, data })) }
}

/** With its length in front, as protobuf writes a field of bytes. */
function prefixed(bytes: Uint8Array): Uint8Array {
  return writer().bytes(bytes).finish()
}

/** A peer that hangs up meanwhile is what the tests wait for, so it is no failure here. */
/** The stream that it talks on. */
function gossipOn(connection: Connection): Stream | undefined {
  return connection.streams.find(
    ({ direction, protocol }) => direction === 'outbound' && protocol.startsWith('/meshsub/'),
  )
}

async function sendAll(connection: Connection, chunks: readonly Uint8Array[]): Promise<void> {
  const gossip = gossipOn(connection)
  const signal = AbortSignal.timeout(DEADLINE_MS)
  try {
    for (const chunk of chunks) if (gossip?.send(chunk) === false) await gossip.onDrain({ signal })
  } catch (error) {
    if (connection.status === 'open' && gossip?.writeStatus === 'writable') throw error
  }
}
