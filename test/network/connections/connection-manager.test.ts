/** Several connections with one peer, and the network changing: what stays, what is cut, and that gossip goes on. */

import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { interfaceAddresses } from '../../../src/network/nat/interfaces.ts'
import { Helpers } from '../../helper/helper-kit.ts'
import { ROOM } from '../../helper/rendezvous/rendezvous-kit.ts'
import { CountingProxy } from '../../support/process-proxy.ts'
import type { Walker } from '../paths-kit.ts'
import { bothSubscribed, dial, through, visit, Ways } from '../paths-kit.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const PATIENCE_MS = 20_000

const ways = new Ways()
const helpers = new Helpers()
const proxies: CountingProxy[] = []
afterEach(async () => {
  await ways.end()
  await helpers.end()
  for (const proxy of proxies.splice(0)) await proxy[Symbol.asyncDispose]()
})

async function two(): Promise<readonly [Walker, Walker]> {
  return [await ways.walker([LOOPBACK]), await ways.walker([LOOPBACK])]
}

function at({ node }: Walker): Multiaddr {
  const [address] = node.getMultiaddrs()
  if (address === undefined) throw new Error('it listens nowhere')
  return address
}

/** A way to a port that can be made to lead nowhere. */
async function wayTo(port: number): Promise<CountingProxy> {
  const proxy = await CountingProxy.open(port)
  proxies.push(proxy)
  return proxy
}

async function proxied(to: Walker): Promise<{ readonly proxy: CountingProxy; readonly address: Multiaddr }> {
  const tcp = at(to)
    .getComponents()
    .find(({ name }) => name === 'tcp')
  const proxy = await wayTo(Number(tcp?.value))
  return { proxy, address: multiaddr(`/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${to.node.peerId}`) }
}

/** Makes each text another one. */
let greetings = 0

async function hearEachOther(...[one, other]: readonly [Walker, Walker]): Promise<void> {
  const text = `hello ${++greetings}`
  one.say(`${text} there`)
  other.say(`${text} back`)
  await vi.waitFor(() => {
    expect(other.heard).toContain(`${text} there`)
    expect(one.heard).toContain(`${text} back`)
  }, PATIENCE_MS)
}

const openTo = ({ node }: Walker, to: Walker) =>
  node.getConnections(to.node.peerId).filter(({ status }) => status === 'open')

describe('a peer that comes again', () => {
  test(
    'is heard and hears at once, and its old connection is cut when it does not answer',
    async () => {
      const [ann, ben] = await two()
      const { proxy, address } = await proxied(ann)
      await dial(ben, address)
      await bothSubscribed(ann, ben)
      const [old] = openTo(ann, ben)
      proxy.abandon()
      await vi.waitFor(() => expect(openTo(ben, ann)).toEqual([]), PATIENCE_MS)
      expect(openTo(ann, ben)).toEqual([old])
      await dial(ben, at(ann))
      await bothSubscribed(ann, ben)
      // gossip has moved before that: what is said while the old one counts as open arrives, too
      await vi.waitFor(
        () => expect(openTo(ann, ben)[0]?.streams.filter(isGossip).length).toBe(2),
        PATIENCE_MS,
      )
      expect(old?.status).toBe('open')
      await hearEachOther(ann, ben)
      await vi.waitFor(() => expect(old?.status).toBe('aborted'), PATIENCE_MS)
      await hearEachOther(ann, ben)
    },
    PATIENCE_MS,
  )

  test(
    'is relayed to on the new connection',
    async () => {
      const helper = await helpers.start()
      const [ann, ben] = [await ways.walker(), await ways.walker()]
      const proxy = await wayTo(helper.port)
      await visit(ann, helper)
      const first = await visit(ben, helper, ROOM, proxy.port)
      await ben.node.services.internals.reserve(first.remotePeer)
      proxy.abandon()
      await vi.waitFor(() => expect(ben.node.getConnections()).toEqual([]), PATIENCE_MS)
      const second = await visit(ben, helper)
      await ben.node.services.internals.reserve(second.remotePeer)
      await dial(ann, through(helper, ben))
      await bothSubscribed(ann, ben)
      await hearEachOther(ann, ben)
    },
    PATIENCE_MS,
  )
})

describe('two connections', () => {
  test(
    'of dials that crossed: both sides keep the one that the smaller peer id dialled',
    async () => {
      const [ann, ben] = await two()
      await Promise.all([dial(ann, at(ben)), dial(ben, at(ann))])
      await bothSubscribed(ann, ben)
      await vi.waitFor(() => {
        expect(openTo(ann, ben).length).toBe(1)
        expect(openTo(ben, ann).length).toBe(1)
      }, PATIENCE_MS)
      const isAnns = ann.node.peerId.toString() < ben.node.peerId.toString()
      expect(openTo(ann, ben)[0]?.direction).toBe(isAnns ? 'outbound' : 'inbound')
      expect(openTo(ben, ann)[0]?.direction).toBe(isAnns ? 'inbound' : 'outbound')
      await hearEachOther(ann, ben)
    },
    PATIENCE_MS,
  )

  test(
    'of two dials of one side: the newer one stays, and nothing is lost on the way',
    async () => {
      const [ann, ben] = await two()
      const old = await dial(ben, at(ann))
      await bothSubscribed(ann, ben)
      const recent = await dial(ben, at(ann))
      let rounds = 0
      await vi.waitFor(() => {
        rounds += 1
        ann.say(`ann ${rounds}`)
        ben.say(`ben ${rounds}`)
        expect(old.status).not.toBe('open')
      }, PATIENCE_MS)
      expect(openTo(ben, ann)).toEqual([recent])
      const all = (name: string) => Array.from({ length: rounds }, (_, at) => `${name} ${at + 1}`)
      await vi.waitFor(() => {
        expect(ben.heard).toEqual(all('ann'))
        expect(ann.heard).toEqual(all('ben'))
      }, PATIENCE_MS)
    },
    PATIENCE_MS,
  )
})

describe('when the network has changed', () => {
  test(
    'what does not answer is cut, what answers stays',
    async () => {
      const [ann, ben] = await two()
      const cat = await ways.walker()
      const { proxy, address } = await proxied(ann)
      await dial(ben, address)
      await dial(cat, at(ann))
      proxy.cut()
      await ann.links.probeAll(interfaceAddresses())
      expect(openTo(ann, ben)).toEqual([])
      expect(openTo(ann, cat).length).toBe(1)
    },
    PATIENCE_MS,
  )

  test('what begins at an address that this machine has lost is cut at once', async () => {
    const [ann, ben] = await two()
    await dial(ben, at(ann))
    const probed = ben.links.probeAll(['192.0.2.7'])
    expect(openTo(ben, ann)).toEqual([])
    await probed
  })
})

function isGossip({ protocol }: { readonly protocol: string }): boolean {
  return protocol.startsWith('/meshsub/')
}
