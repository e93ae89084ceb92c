/** The link to one helper, whatever the helper makes of it. */
import { afterEach, expect, test, vi } from 'vitest'
import type { RoomId } from '../../src/core/ids.ts'
import { SILENT_LOGGER } from '../../src/core/logger.ts'
import { HelperLink } from '../../src/net/helper-link.ts'
import { Whereabouts } from '../../src/net/reach/whereabouts.ts'
import { Ways } from './ways-kit.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const PATIENCE_MS = 20_000
const RETRY_MIN_MS = 16
const LOSSES = 6

const ways = new Ways()
afterEach(() => ways.end())

test(
  'a helper that takes everyone in and lets nobody stay is tried less and less often',
  async () => {
    const [walker, sham] = [await ways.walker(), await ways.walker([LOOPBACK])]
    const [address] = sham.node.getMultiaddrs()
    if (address === undefined) throw new Error('the sham listens nowhere')
    const lostAt: number[] = []
    const link = new HelperLink(
      { text: 'sham', multiaddr: address.decapsulate('/p2p').toString() },
      { retryMinMs: RETRY_MIN_MS, retryMaxMs: 60_000, dialTimeoutMs: PATIENCE_MS },
      {
        node: walker.node,
        privateKey: walker.privateKey,
        whereabouts: new Whereabouts(walker.node, 'found', () => []),
        random: () => 0.999,
        logger: SILENT_LOGGER,
        onEvent: ({ kind }) => {
          if (kind === 'lost') lostAt.push(performance.now())
        },
        onMembers: () => {},
      },
    )
    link.joinRoom('00112233445566778899aabbccddeeff' as RoomId)
    link.start()
    await vi.waitFor(() => expect(lostAt.length).toBeGreaterThanOrEqual(LOSSES), PATIENCE_MS)
    await link.stop()
    const [first = 0] = lostAt
    // the pauses alone: 1 + 2 + 4 + … times the smallest one
    expect((lostAt[LOSSES - 1] ?? 0) - first).toBeGreaterThan(RETRY_MIN_MS * (2 ** (LOSSES - 1) - 1) * 0.9)
  },
  2 * PATIENCE_MS,
)
