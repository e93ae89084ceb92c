/** The link to one helper, whatever the helper makes of it. */
import { afterEach, expect, test, vi } from 'vitest'
import { SILENT_LOGGER } from '../../../src/common/logger.ts'
import { pingConnection } from '../../../src/network/connections/ping.ts'
import type { HelperEvent } from '../../../src/network/discovery/helper-connection.ts'
import { HelperConnection } from '../../../src/network/discovery/helper-connection.ts'
import { AddressBook } from '../../../src/network/nat/address-book.ts'
import type { RoomId } from '../../../src/protocol/ids.ts'
import { RENDEZVOUS_PROTOCOL } from '../../../src/protocol/rendezvous.ts'
import { Helpers } from '../../helper/helper-kit.ts'
import type { Walker } from '../paths-kit.ts'
import { Ways } from '../paths-kit.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const PATIENCE_MS = 20_000
const RETRY_MIN_MS = 16
const LOSSES = 6

const ROOM = '00112233445566778899aabbccddeeff' as RoomId

const ways = new Ways()
const helpers = new Helpers()
afterEach(async () => {
  await ways.end()
  await helpers.end()
})

/** A link of a walker, and what it tells. */
function linkOf(
  walker: Walker,
  multiaddr: string,
  retry: { readonly retryMinMs: number; readonly retryMaxMs: number },
) {
  const told: { readonly kind: HelperEvent['kind']; readonly at: number }[] = []
  const link = new HelperConnection(
    { text: 'helper', multiaddr },
    { ...retry, dialTimeoutMs: PATIENCE_MS },
    {
      node: walker.node,
      privateKey: walker.privateKey,
      addressBook: new AddressBook(walker.node, 'found', () => []),
      random: () => 0.999,
      logger: SILENT_LOGGER,
      onEvent: ({ kind }) => void told.push({ kind, at: performance.now() }),
      onMembers: () => {},
    },
  )
  return {
    link,
    told,
    times: (kind: HelperEvent['kind']) => told.filter(one => one.kind === kind).map(({ at }) => at),
  }
}

test(
  'a helper that takes everyone in and lets nobody stay is tried less and less often',
  async () => {
    const [walker, sham] = [await ways.walker(), await ways.walker([LOOPBACK])]
    await sham.node.handle(RENDEZVOUS_PROTOCOL, stream => stream.abort(new Error('no')))
    const [address] = sham.node.getMultiaddrs()
    if (address === undefined) throw new Error('the sham listens nowhere')
    const retry = { retryMinMs: RETRY_MIN_MS, retryMaxMs: 60_000 }
    const { link, times } = linkOf(walker, address.decapsulate('/p2p').toString(), retry)
    link.joinRoom(ROOM)
    link.start()
    await vi.waitFor(() => expect(times('lost').length).toBeGreaterThanOrEqual(LOSSES), PATIENCE_MS)
    await link.stop()
    const lostAt = times('lost')
    const [first = 0] = lostAt
    // the pauses alone: 1 + 2 + 4 + … times the smallest one
    expect((lostAt[LOSSES - 1] ?? 0) - first).toBeGreaterThan(RETRY_MIN_MS * (2 ** (LOSSES - 1) - 1) * 0.9)
  },
  2 * PATIENCE_MS,
)

const SOON = { retryMinMs: 100, retryMaxMs: 1_000 }

test('two links to one helper leave each other alone', async () => {
  const [walker, helper] = [await ways.walker(), await helpers.start()]
  const address = `/ip4/127.0.0.1/tcp/${helper.port}`
  const both = [linkOf(walker, address, SOON), linkOf(walker, address, SOON)]
  for (const { link } of both) link.start()
  await vi.waitFor(() => {
    for (const { times } of both) expect(times('connected').length).toBe(1)
  }, PATIENCE_MS)
  const open = walker.node.getConnections()
  expect(open.length).toBe(2)
  const signal = AbortSignal.timeout(PATIENCE_MS)
  // both answer, so neither was being closed
  await Promise.all(open.map(connection => pingConnection(connection, signal)))
  for (const { link, times } of both) {
    expect(times('lost')).toEqual([])
    await link.stop()
  }
})

test(
  'when its own address is gone, a helper is lost at once and reached anew',
  async () => {
    const [walker, helper] = [await ways.walker(), await helpers.start()]
    const { link, times } = linkOf(walker, `/ip4/127.0.0.1/tcp/${helper.port}`, {
      retryMinMs: 60_000,
      retryMaxMs: 60_000,
    })
    link.start()
    await vi.waitFor(() => expect(times('connected').length).toBe(1), PATIENCE_MS)
    link.networkChanged(['192.0.2.7'])
    // long before it would be tried again otherwise
    await vi.waitFor(() => expect(times('connected').length).toBe(2), PATIENCE_MS)
    expect(times('lost').length).toBe(1)
    await link.stop()
  },
  2 * PATIENCE_MS,
)
