import { describe, expect, test } from 'vitest'
import { encodeFrame } from '../../../src/protocol/frame.ts'
import type { MessageId } from '../../../src/protocol/ids.ts'
import { GAP_PATIENCE_MS } from '../../../src/room/policy.ts'
import { chain, message } from '../../support/core-chain.ts'
import { signerOf } from '../../support/core-world.ts'
import { Speaker } from '../speaker.ts'
import { beaconOf } from '../validation/validator-kit.ts'

describe('questions', () => {
  const link = signerOf('link').author

  function linked(): Speaker {
    const peer = new Speaker()
    peer.until(0)
    peer.tell({ kind: 'linked', peer: link })
    expect(peer.synced).toEqual([link])
    return peer
  }

  test('are asked about what a message builds on and is not here', () => {
    const peer = linked()
    const missing = 'ab'.repeat(32) as MessageId
    peer.tell({
      kind: 'frame',
      from: link,
      payload: encodeFrame([message(signerOf('a'), { deps: [missing] }).wire]),
    })
    peer.until(GAP_PATIENCE_MS - 1)
    expect(peer.synced.length).toBe(1)
    peer.until(GAP_PATIENCE_MS)
    expect(peer.synced).toEqual([link, link])
  })

  test('are asked about a predecessor that is not here, unless it comes', () => {
    const peer = linked()
    const [one, two] = chain(signerOf('a'), 2).map(envelope => encodeFrame([envelope.wire]))
    if (one === undefined || two === undefined) throw new Error('too short')
    peer.tell({ kind: 'frame', from: link, payload: two })
    peer.tell({ kind: 'frame', from: link, payload: one })
    peer.until(1_000)
    expect(peer.synced.length).toBe(1)
    peer.tell({
      kind: 'frame',
      from: link,
      payload: encodeFrame(
        chain(signerOf('b'), 3)
          .slice(2)
          .map(last => last.wire),
      ),
    })
    peer.until(2_000)
    expect(peer.synced.length).toBe(2)
  })

  test('are asked about a chain that is longer than it is here', () => {
    const peer = linked()
    peer.tell({ kind: 'frame', from: link, payload: encodeFrame([beaconOf(signerOf('a'), { length: 3 })]) })
    peer.until(1_000)
    expect(peer.synced).toEqual([link, link])
  })

  test('are not asked of who is no longer connected', () => {
    const peer = linked()
    peer.tell({ kind: 'frame', from: link, payload: encodeFrame([beaconOf(signerOf('a'), { length: 3 })]) })
    peer.tell({ kind: 'unlinked', peer: link })
    peer.until(10_000)
    expect(peer.synced.length).toBe(1)
  })
})
