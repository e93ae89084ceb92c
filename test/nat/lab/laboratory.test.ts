/** The laboratory itself: what it says of its routers and its wire holds, or what is measured in it means nothing. */
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { dial, listen } from './dialling.ts'
import { Laboratory } from './laboratory.ts'
import type { NatKind } from './nat-rules.ts'

const PORT = 4_000
const LOCAL_PORT = 5_000

/** Two public servers, and a host behind such a router. */
async function behind(laboratory: Laboratory, kind: NatKind) {
  const servers = [await laboratory.host('near'), await laboratory.host('far')] as const
  const home = await laboratory.home('home', kind)
  const host = await home.host('inside')
  return { servers, home, host }
}

test.concurrent.each<[NatKind, 'same' | 'different']>([
  ['drop', 'same'],
  ['reject', 'same'],
  ['open', 'same'],
  ['mapped', 'same'],
  ['no-udp', 'same'],
  ['symmetric', 'different'],
])('%s: two servers see the %s port', async (kind, expected) => {
  await using laboratory = await Laboratory.open()
  const { servers, home, host } = await behind(laboratory, kind)
  await using stack = new AsyncDisposableStack()
  const seen: string[] = []
  for (const server of servers) {
    stack.use(await listen(server, PORT))
    seen.push(await dial(host, server.address, PORT, LOCAL_PORT))
  }
  expect(
    seen.every(address => address.startsWith(`${home.address}:`)),
    seen.join(),
  ).toBe(true)
  expect(new Set(seen).size).toBe(expected === 'same' ? 1 : 2)
  if (expected === 'same') expect(seen[0]).toBe(`${home.address}:${LOCAL_PORT}`)
})

test.concurrent.each<[NatKind, string]>([
  ['drop', 'silence'],
  ['reject', 'refused'],
  ['symmetric', 'silence'],
  ['no-udp', 'silence'],
  ['only-443', 'silence'],
])('%s: who dials in from outside gets %s', async (kind, answer) => {
  await using laboratory = await Laboratory.open()
  const { servers, home, host } = await behind(laboratory, kind)
  await using _server = await listen(host, PORT)
  expect(await dial(servers[0], home.address, PORT)).toBe(answer)
})

test.concurrent('a forwarded port, and one in use at a router without a firewall, let everybody in', async () => {
  await using laboratory = await Laboratory.open()
  const [near, far] = [await laboratory.host('near'), await laboratory.host('far')]
  const mapped = await laboratory.home('mapped', 'mapped')
  const open = await laboratory.home('open', 'open')
  const hosts = [await mapped.host('one'), await open.host('two')] as const
  await using _servers = await listenAll([...hosts, near])
  await mapped.forward({ port: PORT, to: hosts[0].address })
  expect(await dial(far, mapped.address, PORT)).toContain(far.address)
  expect(await dial(far, open.address, PORT)).toBe('silence')
  // from the port on which it listens, which two sockets may share: one that speaks to others and one that is spoken to
  await dial(hosts[1], near.address, PORT, LOCAL_PORT)
  await using _server = await listen(hosts[1], LOCAL_PORT)
  expect(await dial(far, open.address, LOCAL_PORT)).toContain(far.address)
})

test.concurrent('only port 443 gets out where nothing else does', async () => {
  await using laboratory = await Laboratory.open()
  const { servers, host } = await behind(laboratory, 'only-443')
  await using _plain = await listen(servers[0], PORT)
  await using _web = await listen(servers[0], 443)
  expect(await dial(host, servers[0].address, PORT)).toBe('silence')
  expect(await dial(host, servers[0].address, 443)).not.toBe('silence')
})

test.concurrent('two NATs, one behind the other, keep the port; both forget it when they go dark', async () => {
  await using laboratory = await Laboratory.open()
  const server = await laboratory.host('server')
  const carrier = await laboratory.carrier('carrier', 'drop')
  const host = await (await carrier.router('inner', 'drop')).host('inside')
  await using _server = await listen(server, PORT)
  expect(await dial(host, server.address, PORT, LOCAL_PORT)).toBe(`${carrier.address}:${LOCAL_PORT}`)
  const moved = laboratory.nextAddress()
  await carrier.powerOff()
  expect(await dial(host, server.address, PORT)).toBe('silence')
  await carrier.powerOn(moved)
  expect(await dial(host, server.address, PORT, LOCAL_PORT)).toBe(`${moved}:${LOCAL_PORT}`)
})

test.concurrent('cuts, pulled plugs and moves do what they say', async () => {
  await using laboratory = await Laboratory.open({ delayMs: 5 })
  const [ann, ben, cat] = [
    await laboratory.host('ann'),
    await laboratory.host('ben'),
    await laboratory.host('cat'),
  ]
  await using _servers = await listenAll([ben, cat])
  await laboratory.street.set({ cuts: [[['ann'], ['ben']]] })
  expect(await dial(ann, ben.address, PORT)).toBe('silence')
  expect(await dial(ann, cat.address, PORT)).toContain(ann.address)
  await laboratory.street.set({ cuts: [] })
  expect(await dial(ann, ben.address, PORT)).toContain(ann.address)
  await ben.link('down')
  expect(await dial(ann, ben.address, PORT)).not.toContain(ann.address)
  await ben.link('up')
  await ann.move(laboratory.nextAddress())
  expect(await dial(ann, ben.address, PORT)).toContain(ann.address)
})

test('nothing of it is left, even where it was left in the middle of something', async () => {
  const leave = async (): Promise<never> => {
    await using laboratory = await Laboratory.open()
    await (await laboratory.home('home', 'drop')).host('inside')
    throw new Error('a test that fails')
  }
  await expect(leave()).rejects.toThrow('a test that fails')
  const left = await readdir('/run/netns').catch(() => [])
  expect(left.filter(name => name.startsWith(`parley-lab-${process.pid}-`))).toEqual([])
})

async function listenAll(hosts: readonly Parameters<typeof listen>[0][]): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  for (const host of hosts) stack.use(await listen(host, PORT))
  return stack.move()
}
