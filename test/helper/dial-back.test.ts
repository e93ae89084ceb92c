/** A helper tells peers from where it sees them and whether it reaches them, and dials nobody else. */
import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { askReachability } from '../../src/network/nat/reachability-client.ts'
import { lengthPrefixed } from '../../src/network/streams/length-prefixed.ts'
import { portOf } from '../../src/protocol/multiaddr.ts'
import { REACH_PROTOCOL } from '../../src/protocol/reachability.ts'
import type { Walker } from '../network/paths-kit.ts'
import { visit, Ways } from '../network/paths-kit.ts'
import { Helpers } from './helper-kit.ts'

const helpers = new Helpers()
const ways = new Ways()
afterEach(async () => {
  await ways.end()
  await helpers.end()
})

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'

async function ask(walker: Walker, helper: Awaited<ReturnType<Helpers['start']>>, ports: readonly number[]) {
  const connection = await visit(walker, helper)
  return askReachability({ connection, ports, signal: AbortSignal.timeout(10_000), onSeen: () => {} })
}

function portsOf({ node }: Walker): number[] {
  return node.getMultiaddrs().flatMap(address => portOf(address) ?? [])
}

describe('a helper that is asked', () => {
  test('reaches who listens, and tells its own time and what it sees', async () => {
    const helper = await helpers.start()
    const ann = await ways.walker([LOOPBACK])
    const before = Date.now()
    const { seen, tried } = await ask(ann, helper, portsOf(ann))
    expect([...(tried?.values() ?? [])]).toEqual(['reached'])
    expect(seen?.observed.toString()).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/)
    expect(seen?.time).toBeGreaterThanOrEqual(before)
    expect(seen?.time).toBeLessThanOrEqual(Date.now())
  })

  test('does not take another program, or another peer, for the one that asks', async () => {
    const helper = await helpers.start()
    const [ann, ben] = [await ways.walker(), await ways.walker([LOOPBACK])]
    const server = createServer(socket => socket.end('hello')).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const [bens = 0] = portsOf(ben)
    const { tried } = await ask(ann, helper, [port, bens])
    server.close()
    expect(tried).toEqual(
      new Map([
        [port, 'refused'],
        [bens, 'refused'],
      ]),
    )
  })

  test('dials only so often for one address, and says that it did not', async () => {
    const helper = await helpers.start()
    const ann = await ways.walker([LOOPBACK])
    const connection = await visit(ann, helper)
    const answers: (number | undefined)[] = []
    for (let at = 0; at < 20; at++) {
      const signal = AbortSignal.timeout(10_000)
      const { tried } = await askReachability({ connection, ports: portsOf(ann), signal, onSeen: () => {} })
      answers.push(tried?.size)
    }
    expect(answers.slice(0, 16)).toEqual(Array.from({ length: 16 }, () => 1))
    expect(answers.at(-1)).toBe(0)
  })

  test('hangs up on what is no question', async () => {
    const helper = await helpers.start()
    const ann = await ways.walker()
    const connection = await visit(ann, helper)
    const stream = await connection.newStream(REACH_PROTOCOL)
    const signal = AbortSignal.timeout(10_000)
    const wire = lengthPrefixed(stream, 512)
    await wire.write(new Uint8Array([1, 2, 3]), { signal })
    await expect(wire.read({ signal })).rejects.toThrow()
  })
})
