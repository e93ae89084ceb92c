/** Gossip goes on over a connection that lives, whatever gossipsub has made of its streams there. */
import { afterEach, expect, test, vi } from 'vitest'
import type { Walker } from '../paths-kit.ts'
import { bothSubscribed, dial, Ways } from '../paths-kit.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const PATIENCE_MS = 20_000

const ways = new Ways()
afterEach(() => ways.end())

async function pair(): Promise<readonly [Walker, Walker]> {
  const [ann, ben] = [await ways.walker([LOOPBACK]), await ways.walker()]
  const [address] = ann.node.getMultiaddrs()
  if (address === undefined) throw new Error('ann listens nowhere')
  await dial(ben, address)
  await bothSubscribed(ann, ben)
  return [ann, ben]
}

async function hearEachOther(ann: Walker, ben: Walker): Promise<void> {
  let round = 0
  await vi.waitFor(() => {
    round += 1
    ann.say(`from ann ${round}`)
    ben.say(`from ben ${round}`)
    expect(ben.heard.length).toBeGreaterThan(0)
    expect(ann.heard.length).toBeGreaterThan(0)
  }, PATIENCE_MS)
}

function gossipFrom({ node }: Walker, direction: 'inbound' | 'outbound') {
  const streams = node.getConnections().flatMap(connection => connection.streams)
  return streams.filter(stream => stream.direction === direction && stream.protocol.startsWith('/meshsub/'))
}

test(
  'one side forgets the other',
  async () => {
    const [ann, ben] = await pair()
    // as when an old stream fails though there is a new one
    Reflect.apply(Reflect.get(ann.node.services.pubsub, 'onPeerDisconnected'), ann.node.services.pubsub, [
      ben.node.peerId,
    ])
    await hearEachOther(ann, ben)
    await bothSubscribed(ann, ben)
  },
  PATIENCE_MS,
)

test(
  'one side has left the stream that the other one writes on',
  async () => {
    const [ann, ben] = await pair()
    const before = gossipFrom(ben, 'outbound').map(({ id }) => id)
    for (const stream of gossipFrom(ann, 'inbound')) await stream.close()
    await vi.waitFor(() => {
      const after = gossipFrom(ben, 'outbound')
      expect(after.length).toBe(1)
      expect(before).not.toContain(after[0]?.id)
    }, PATIENCE_MS)
    await hearEachOther(ann, ben)
  },
  PATIENCE_MS,
)
