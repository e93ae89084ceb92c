/**
 * Baseline: js-libp2p's gossipsub with its own defaults (StrictSign, TCP, noise, yamux) and nothing on top. Two limits
 * are lifted, because here everyone has one address: many peers behind it score no penalty, and may connect at once.
 */
import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Baseline } from './door.ts'
import { serve } from './door.ts'

const TOPIC = 'bench'
/** Everyone of the largest room dials everyone at once. */
const MAX_INBOUND_PER_SECOND = 1_000

async function start(show: (text: string) => void): Promise<Baseline> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      inboundConnectionThreshold: MAX_INBOUND_PER_SECOND,
      maxIncomingPendingConnections: MAX_INBOUND_PER_SECOND,
    },
    services: {
      identify: identify(),
      pubsub: gossipsub({
        allowPublishToZeroTopicPeers: true,
        scoreParams: { IPColocationFactorWeight: 0 },
      }),
    },
  })
  const { pubsub } = node.services
  pubsub.addEventListener('message', event => show(Buffer.from(event.detail.data).toString('utf8')))
  pubsub.subscribe(TOPIC)
  return {
    address: String(node.getMultiaddrs()[0]),
    connect: async address => void (await node.dial(multiaddr(address))),
    send: async text => void (await pubsub.publish(TOPIC, Buffer.from(text))),
  }
}

await serve(start)
