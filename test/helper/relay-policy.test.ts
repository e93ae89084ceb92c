/** The helper relays between members of a room, within limits, and a direct connection takes over. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bothSubscribed, dial, through, visit, Ways } from '../network/paths-kit.ts'
import { Helpers } from './helper-kit.ts'
import { OTHER } from './rendezvous/rendezvous-kit.ts'

const helpers = new Helpers()
const ways = new Ways()
afterEach(async () => {
  await ways.end()
  await helpers.end()
})

const PATIENCE_MS = 15_000

async function meet(limits = {}) {
  const helper = await helpers.start({ limits })
  const [ann, ben] = [await ways.walker(), await ways.walker()]
  const [annsHelper, bensHelper] = [await visit(ann, helper), await visit(ben, helper)]
  return { helper, ann, ben, annsHelper, bensHelper }
}

describe('a relay', () => {
  test('carries gossip between two of a room of whom none can be dialled', async () => {
    const { helper, ann, ben, bensHelper } = await meet()
    await ben.node.services.internals.reserve(bensHelper.remotePeer)
    const connection = await dial(ann, through(helper, ben))
    expect(connection.direct).toBe(false)
    expect(connection.remotePeer.equals(ben.node.peerId)).toBe(true)
    await bothSubscribed(ann, ben)
    ann.say('from ann')
    ben.say('from ben')
    await vi.waitFor(() => {
      expect(ben.heard).toEqual(['from ann'])
      expect(ann.heard).toEqual(['from ben'])
    }, PATIENCE_MS)
  })

  test('relays for nobody who is in no room with the other', async () => {
    const { helper, ben, bensHelper } = await meet()
    const eve = await ways.walker()
    await visit(eve, helper, OTHER)
    await ben.node.services.internals.reserve(bensHelper.remotePeer)
    await expect(dial(eve, through(helper, ben))).rejects.toThrow(/PERMISSION_DENIED/)
  })

  test('reaches only who asked to be reached', async () => {
    const { helper, ann, ben } = await meet()
    await expect(dial(ann, through(helper, ben))).rejects.toThrow(/NO_RESERVATION/)
  })

  test('takes as many reservations as it was told to; a place is free when its holder goes', async () => {
    const { ann, ben, annsHelper, bensHelper } = await meet({ relayReservations: 1 })
    await ben.node.services.internals.reserve(bensHelper.remotePeer)
    await expect(ann.node.services.internals.reserve(annsHelper.remotePeer)).rejects.toThrow()
    await bensHelper.close()
    await vi.waitFor(() => ann.node.services.internals.reserve(annsHelper.remotePeer), PATIENCE_MS)
  })

  test('gives one peer only so many connections', async () => {
    const { helper, ann, ben, bensHelper } = await meet({ relayConnectionsPerPeer: 1 })
    const cat = await ways.walker()
    await visit(cat, helper)
    await ben.node.services.internals.reserve(bensHelper.remotePeer)
    await dial(ann, through(helper, ben))
    await expect(dial(cat, through(helper, ben))).rejects.toThrow(/PERMISSION_DENIED/)
  })

  test('cuts a connection that has carried its share', async () => {
    const { helper, ann, ben, bensHelper } = await meet({ relayMegabytes: 1 })
    await ben.node.services.internals.reserve(bensHelper.remotePeer)
    const connection = await dial(ann, through(helper, ben))
    await bothSubscribed(ann, ben)
    let texts = 0
    await vi.waitFor(() => {
      ann.say('x'.repeat(60_000) + ++texts)
      expect(connection.status).not.toBe('open')
    }, PATIENCE_MS)
  })
})

test('a direct connection takes over from a relayed one in the middle of talk, and nothing is lost or doubled', async () => {
  const helper = await helpers.start()
  const [ann, ben] = [await ways.walker(), await ways.walker(['/ip4/127.0.0.1/tcp/0'])]
  await visit(ann, helper)
  const bensHelper = await visit(ben, helper)
  await ben.node.services.internals.reserve(bensHelper.remotePeer)
  const relayed = await dial(ann, through(helper, ben))
  await bothSubscribed(ann, ben)

  let said = 0
  const talk = setInterval(() => {
    ann.say(`ann ${said}`)
    ben.say(`ben ${said++}`)
  }, 10)
  try {
    await vi.waitFor(() => expect(said).toBeGreaterThan(10), PATIENCE_MS)
    const [address] = ben.node.getMultiaddrs()
    if (address === undefined) throw new Error('ben does not listen')
    const direct = await dial(ann, address)
    expect(direct.direct).toBe(true)
    await vi.waitFor(() => expect(relayed.status).toBe('closed'), PATIENCE_MS)
    const atTheEnd = said
    await vi.waitFor(() => expect(said).toBeGreaterThan(atTheEnd + 20), PATIENCE_MS)
  } finally {
    clearInterval(talk)
  }
  const all = (name: string) => Array.from({ length: said }, (_, at) => `${name} ${at}`)
  await vi.waitFor(() => {
    expect(ben.heard.toSorted()).toEqual(all('ann').toSorted())
    expect(ann.heard.toSorted()).toEqual(all('ben').toSorted())
  }, PATIENCE_MS)
})
