/** A link that broke, and what comes of its peer afterwards: by way of others it is a sign of life, over the link itself it isn't. */
import { describe, expect, test } from 'vitest'
import { LOST_AFTER_MS } from '../../support/core-peer.ts'
import { Speaker } from '../speaker.ts'

/** Ann is connected to Ben and knows him; then the link breaks. */
function brokenUp(): { ann: Speaker; ben: Speaker; later: Uint8Array } {
  const [ann, ben] = [new Speaker('ann'), new Speaker('ben')]
  ben.until(0)
  ann.until(0)
  ann.tell({ kind: 'linked', peer: ben.key })
  for (const payload of ben.frames) ann.tell({ kind: 'frame', from: ben.key, payload })
  ben.until(60_000)
  const later = ben.frames.at(-1)
  if (later === undefined) throw new Error('Ben said nothing')
  ann.until(100)
  ann.tell({ kind: 'unlinked', peer: ben.key })
  ann.until(101)
  return { ann, ben, later }
}

const told = (peer: Speaker) => peer.shown.map(notice => notice.kind)

describe('after a link broke', () => {
  test('a beacon that was under way on it keeps nobody here', () => {
    const { ann, ben, later } = brokenUp()
    ann.tell({ kind: 'frame', from: ben.key, payload: later })
    ann.until(101 + LOST_AFTER_MS)
    expect(ann.shown.at(-1)).toMatchObject({ kind: 'left', reason: 'lost' })
  })

  test('a beacon by way of others keeps its author here', () => {
    const { ann, later } = brokenUp()
    ann.tell({ kind: 'frame', from: new Speaker('cat').key, payload: later })
    ann.until(101 + LOST_AFTER_MS)
    expect(told(ann)).toEqual(['joined'])
  })
})
