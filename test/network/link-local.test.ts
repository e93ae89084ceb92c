/**
 * Link-local IPv6 addresses, on a real interface of this machine if one has such an address. What is dialled goes by the
 * interface that is named, and by no other.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { parseHelperAddress } from '../../src/config/address.ts'
import { dialHelper } from '../../src/network/discovery/helper-connection.ts'
import { askReachability } from '../../src/network/nat/reachability-client.ts'
import { portOf } from '../../src/protocol/multiaddr.ts'
import { Helpers } from '../helper/helper-kit.ts'
import { linkLocal } from '../support/link-local.ts'
import { Ways } from './paths-kit.ts'

const helpers = new Helpers()
const ways = new Ways()
afterEach(async () => {
  await ways.end()
  await helpers.end()
})

const own = linkLocal()
const { host, zone } = own ?? { host: 'fe80::1', zone: 'none' }

function dial(node: Parameters<typeof dialHelper>[0], text: string) {
  const address = parseHelperAddress(text)?.multiaddr ?? ''
  return dialHelper(node, address, { timeoutMs: 5_000, signal: AbortSignal.timeout(10_000) })
}

describe.runIf(own !== undefined)('a helper at a link-local address', () => {
  test('is dialled by its interface, sees who dials without one, and reaches him by it', async () => {
    const helper = await helpers.start({ listen: [`/ip6zone/${zone}/ip6/${host}/tcp/0`] })
    expect(helper.ready.addresses[0]).toMatch(`/ip6zone/${zone}/ip6/${host}/tcp/`)
    const ann = await ways.walker(['/ip6/::/tcp/0'])
    const { internals } = ann.node.services
    const { connection } = await dial(internals, `[${host}%${zone}]:${helper.port}`)
    expect(connection.remotePeer.toString()).toBe(helper.ready.peer)
    expect(connection.remoteAddr.toString()).toMatch(`/ip6zone/${zone}/ip6/${host}/tcp/${helper.port}`)
    const [port = 0] = internals.listening().flatMap(address => portOf(address) ?? [])
    const signal = AbortSignal.timeout(10_000)
    const { seen, tried } = await askReachability({ connection, ports: [port], signal, onSeen: () => {} })
    expect(seen?.observed.toString()).toMatch(new RegExp(`^/ip6/${host}/tcp/\\d+$`))
    expect(tried).toEqual(new Map([[port, 'reached']]))
  })

  test.runIf(process.platform === 'linux')('is not there by another interface', async () => {
    const helper = await helpers.start({ listen: ['/ip6/::/tcp/0'] })
    const { internals } = (await ways.walker()).node.services
    await expect(dial(internals, `[${host}%lo]:${helper.port}`)).rejects.toThrow()
    const { connection } = await dial(internals, `[${host}%${zone}]:${helper.port}`)
    expect(connection.remotePeer.toString()).toBe(helper.ready.peer)
  })

  test('an own address is told to others without the name of the interface', async () => {
    const ann = await ways.walker([`/ip6zone/${zone}/ip6/${host}/tcp/0`])
    const [told] = ann.node.getMultiaddrs()
    expect(told?.toString()).toMatch(`/ip6/${host}/tcp/`)
    expect(told?.toString()).not.toContain('ip6zone')
  })

  test('the admin pages are served there, and their address says so', async () => {
    const helper = await helpers.start({ admin: { host: `${host}%${zone}`, port: 0 } })
    expect(helper.admin?.host).toBe(`${host}%${zone}`)
  })
})

test('an interface that this machine has not is said to be missing', async () => {
  const { internals } = (await ways.walker()).node.services
  await expect(dial(internals, '[fe80::1%nope9]:1')).rejects.toThrow('no network interface nope9')
})

test('listening without the interface, or by one that is not there, says what is needed', async () => {
  for (const address of ['/ip6/fe80::1/tcp/0', '/ip6zone/nope9/ip6/fe80::1/tcp/0']) {
    await expect(helpers.start({ listen: [address] })).rejects.toMatchObject({
      code: 'cannot-listen',
      remedy: expect.stringContaining('/ip6zone/'),
    })
  }
})
