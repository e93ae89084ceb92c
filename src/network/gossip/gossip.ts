/**
 * Gossipsub, configured for rooms where most pairs are directly connected. Its own signatures are off,
 * because each message carries its author's, and history passes through third parties. The room validates
 * payloads inside the topic validator, and nowhere else. The only module that imports gossipsub.
 */
import { hash } from 'node:crypto'
import type { GossipSub, GossipsubOpts, Message, SubscriptionChangeData } from '@chainsafe/libp2p-gossipsub'
import { gossipsub, TopicValidatorResult } from '@chainsafe/libp2p-gossipsub'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Logger } from '../../common/logger.ts'
import type { PeerKey } from '../../protocol/ids.ts'
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts'
import type { Verdict } from '../../room/events.ts'
import { peerKeyOf } from '../peer-id.ts'

/** The prefix of gossipsub's protocol ids. */
export const GOSSIP_PREFIX = '/meshsub/'

/** An RPC with one frame and its control messages. */
const MAX_RPC_BYTES = 4 * MAX_FRAME_BYTES
/**
 * Frames queued for a slow peer. If they don't fit, the stream is reset, and the sync delivers what was lost.
 */
const MAX_UNSENT_BYTES = 60 * MAX_FRAME_BYTES
/** Topics that a stranger can make us remember: each costs about a kilobyte. */
const MAX_TOPIC_BYTES_PER_PEER = 64 * 1024

/** Limits for one RPC; a room needs a handful of each. */
const RPC_LIMITS = {
  maxSubscriptions: 64,
  maxMessages: 64,
  maxIhaveMessageIDs: 1_000,
  maxIwantMessageIDs: 1_000,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 64,
  maxPeerInfos: 1,
}

/**
 * Topic scores: only what honest peers never do counts. Quiet rooms deliver nothing for hours, so missing
 * deliveries must not count. An invalid message costs 10 × its count squared: the third one silences a peer
 * for seconds.
 */
const TOPIC_SCORE = {
  topicWeight: 1,
  timeInMeshWeight: 0,
  firstMessageDeliveriesWeight: 0,
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -10,
  invalidMessageDeliveriesDecay: 0.9,
}

/**
 * Mesh degrees. An author sends to everyone it is connected to, so the mesh serves only the others, and half
 * of gossipsub's default is enough.
 */
const MESH = { D: 3, Dlo: 2, Dhi: 6, Dout: 1, Dscore: 2, Dlazy: 3 }

const OPTIONS: Partial<GossipsubOpts> = {
  ...MESH,
  globalSignaturePolicy: 'StrictNoSign',
  msgIdFn: message => hash('sha256', message.data, 'buffer'),
  msgIdToStrFn: id => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1'),
  allowPublishToZeroTopicPeers: true,
  ignoreDuplicatePublishError: true,
  fallbackToFloodsub: false,
  floodPublish: true,
  batchPublish: true,
  doPX: false,
  emitSelf: false,
  runOnLimitedConnection: true,
  maxInboundDataLength: MAX_RPC_BYTES,
  maxOutboundBufferSize: MAX_UNSENT_BYTES,
  maxTopicBytesPerPeer: MAX_TOPIC_BYTES_PER_PEER,
  decodeRpcLimits: RPC_LIMITS,
  // many peers behind one address are a household, not an attack; connection limits bound the rest
  scoreParams: { IPColocationFactorWeight: 0, behaviourPenaltyThreshold: 6 },
}

/** The service for `createLibp2p`. */
export const gossipService = gossipsub(OPTIONS)
export type GossipService = GossipSub

export interface GossipDeps {
  readonly node: Libp2p<{ pubsub: GossipSub }>
  readonly logger: Logger
  /** Validates a payload of a joined topic; the verdict decides whether it is forwarded. */
  readonly onPayload: (topic: string, from: PeerKey, payload: Uint8Array) => Verdict
  readonly onSubscribed: (topic: string, peer: PeerKey) => void
  readonly onUnsubscribed: (topic: string, peer: PeerKey) => void
}

export class Gossip {
  readonly #deps: GossipDeps
  readonly #pubsub: GossipSub

  constructor(deps: GossipDeps) {
    this.#deps = deps
    this.#pubsub = deps.node.services.pubsub
    this.#pubsub.addEventListener('subscription-change', event => this.#onSubscriptions(event.detail))
  }

  join(topic: string): void {
    scoreTopic(this.#pubsub, topic)
    this.#pubsub.topicValidators.set(topic, (from, message) => this.#validate(topic, from, message))
    this.#pubsub.subscribe(topic)
  }

  leave(topic: string): void {
    this.#pubsub.unsubscribe(topic)
    this.#pubsub.topicValidators.delete(topic)
  }

  /** Sends a payload to every connected subscriber. The sync delivers what they miss. */
  publish(topic: string, payload: Uint8Array): void {
    this.#pubsub.publish(topic, payload).catch((error: unknown) => {
      this.#deps.logger.warn('a frame was not published', { topic, error })
    })
  }

  /** The connected peers that subscribe to a topic. */
  subscribers(topic: string): readonly PeerKey[] {
    return this.#pubsub.getSubscribers(topic).flatMap(peer => peerKeyOf(peer) ?? [])
  }

  /** Resolves when everything published has left this process, or rejects with the signal's reason. */
  async drained(signal: AbortSignal): Promise<void> {
    const streams = this.#deps.node.getConnections().flatMap(connection => connection.streams)
    const busy = streams.filter(
      stream => stream.protocol.startsWith(GOSSIP_PREFIX) && stream.writableNeedsDrain,
    )
    await Promise.all(busy.map(stream => stream.onDrain({ signal })))
  }

  #validate(topic: string, from: PeerId, message: Message): TopicValidatorResult {
    const key = peerKeyOf(from)
    if (key === undefined) return TopicValidatorResult.Ignore
    switch (this.#deps.onPayload(topic, key, message.data)) {
      case 'accept':
        return TopicValidatorResult.Accept
      // gossipsub forwards what it accepts; this is in the log and needs no forwarding
      case 'keep':
      case 'ignore':
        return TopicValidatorResult.Ignore
      case 'reject':
        return TopicValidatorResult.Reject
    }
  }

  #onSubscriptions(change: SubscriptionChangeData): void {
    const key = peerKeyOf(change.peerId)
    if (key === undefined) return
    for (const { topic, subscribe } of change.subscriptions) {
      if (subscribe) this.#deps.onSubscribed(topic, key)
      else this.#deps.onUnsubscribed(topic, key)
    }
  }
}

/**
 * Gossipsub reads a topic's score parameters from its public `score.params`, and accepts them as an option
 * only for topics known at its creation. Without them, no invalid message would ever count.
 */
function scoreTopic(pubsub: GossipSub, topic: string): void {
  const { score } = pubsub as GossipSub & { readonly score: ScoreParams }
  score.params.topics[topic] = { ...DEFAULTS, ...TOPIC_SCORE }
}

interface ScoreParams {
  readonly params: { readonly topics: Record<string, Readonly<Record<string, number>>> }
}

/** Parameters that the weights above switch off, but that must be present. */
const DEFAULTS = {
  timeInMeshQuantum: 1,
  timeInMeshCap: 1,
  firstMessageDeliveriesDecay: 0.5,
  firstMessageDeliveriesCap: 1,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 1_000,
  meshFailurePenaltyDecay: 0.5,
}
