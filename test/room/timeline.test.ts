import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeContent } from '../../src/protocol/content.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { compare } from '../../src/protocol/envelope.ts'
import type { RoomNotice } from '../../src/room/events.ts'
import { MessageView } from '../../src/room/messages/message-view.ts'
import { SHOW_BATCH, SHOW_PATIENCE_MS } from '../../src/room/policy.ts'
import { Timeline } from '../../src/room/timeline.ts'
import { PendingMessages } from '../../src/room/validation/pending-messages.ts'
import { ALICE } from '../support/core-arbitraries.ts'
import { message } from '../support/core-chain.ts'
import { EPOCH, logIdOf } from '../support/core-world.ts'
import { MemoryLog } from '../support/memory-log/memory-log.ts'
import { SEED } from '../support/seed.ts'

const at = (ts: number, log = 1) => message(ALICE, { ts: EPOCH + ts, log: logIdOf(log) })
const POOL = Array.from({ length: 30 }, (_, index) => at(Math.floor(index / 2), index))

/** Over an empty log. */
function newStage(): Timeline {
  const log = new MemoryLog(logIdOf(1))
  return new Timeline(new MessageView(log, new PendingMessages(log)))
}

function shown(notices: readonly RoomNotice[]) {
  return notices.flatMap(notice => (notice.kind === 'message' ? notice : []))
}

describe('what is shown', () => {
  test('is live at once, in the order in which it came', () => {
    const notices = shown(newStage().live([at(2), at(1)]))
    expect(notices.map(one => [one.envelope.ts - EPOCH, one.via, one.place])).toEqual([
      [2, 'live', 'newest'],
      [1, 'live', 'late'],
    ])
  })

  test('is history in order, after the exchange', () => {
    const stage = newStage()
    expect([stage.history([at(3), at(1)], 0), stage.history([at(2)], 1)]).toEqual([[], []])
    const notices = shown(stage.release())
    expect(notices.map(one => [one.envelope.ts - EPOCH, one.via, one.place])).toEqual([
      [1, 'history', 'newest'],
      [2, 'history', 'newest'],
      [3, 'history', 'newest'],
    ])
    expect(stage.release()).toEqual([])
  })

  test('is a long history in batches, so that little is held back', () => {
    const stage = newStage()
    const all = Array.from({ length: SHOW_BATCH + 10 }, () => at(1))
    expect(shown(stage.history(all.slice(0, SHOW_BATCH - 1), 0))).toEqual([])
    expect(shown(stage.history(all.slice(SHOW_BATCH - 1), 0)).length).toBe(all.length)
  })

  test('is what an exchange that never ends brought, after a while', () => {
    const stage = newStage()
    expect(stage.dueAt()).toBeUndefined()
    stage.history([at(2)], 5)
    stage.history([at(1)], 500)
    expect([stage.due(4 + SHOW_PATIENCE_MS), stage.dueAt()]).toEqual([[], 5 + SHOW_PATIENCE_MS])
    expect(shown(stage.due(5 + SHOW_PATIENCE_MS)).length).toBe(2)
    expect([stage.due(1_000_000), stage.dueAt()]).toEqual([[], undefined])
  })

  test('is nothing of a kind that is not known yet', () => {
    const stage = newStage()
    const later = message(ALICE, { kind: 99, body: 1, ts: EPOCH + 50 })
    expect(stage.live([later])).toEqual([])
    // and what isn't seen makes nothing late
    expect(shown(stage.live([at(1)]))[0]?.place).toBe('newest')
  })

  test('is everything once, and late exactly when it sorts before something shown', () => {
    const step = fc.record({
      act: fc.constantFrom('live' as const, 'history' as const, 'release' as const),
      count: fc.nat(4),
    })
    fc.assert(
      fc.property(fc.shuffledSubarray(POOL), fc.array(step, { maxLength: 20 }), (all, steps) => {
        const stage = newStage()
        const rest = [...all]
        const notices: RoomNotice[] = []
        for (const { act, count } of steps) {
          if (act === 'release') notices.push(...stage.release())
          else notices.push(...stage[act](rest.splice(0, count), 0))
        }
        notices.push(...stage.live(rest), ...stage.release())
        check(shown(notices), all)
      }),
      { seed: SEED },
    )
  })
})

function check(notices: ReturnType<typeof shown>, all: readonly Envelope[]): void {
  expect(notices.map(one => one.envelope.id).sort()).toEqual(all.map(one => one.id).sort())
  for (const [index, { envelope, place }] of notices.entries()) {
    const isLate = notices.slice(0, index).some(before => compare(envelope, before.envelope) < 0)
    expect(place).toBe(isLate ? 'late' : 'newest')
  }
}

describe('a turn that the disk refuses', () => {
  const isKept = () => true

  test('showed nothing that anything else is late for', () => {
    const stage = newStage()
    stage.live([at(1)])
    stage.beginTurn()
    stage.live([at(5)])
    stage.reload(isKept)
    expect(shown(stage.live([at(3)])).map(one => one.place)).toEqual(['newest'])
  })

  test('leaves the history that was to be shown in it', () => {
    const stage = newStage()
    stage.history([at(1)], 7)
    stage.beginTurn()
    expect(shown(stage.release()).length).toBe(1)
    stage.reload(isKept)
    expect(stage.dueAt()).toBe(7 + SHOW_PATIENCE_MS)
    expect([stage.release(), stage.release()].map(notices => shown(notices).length)).toEqual([1, 0])
  })

  test('showed nothing early', () => {
    const stage = newStage()
    stage.early([at(1)], 'live')
    stage.beginTurn()
    stage.early([at(2)], 'live')
    stage.live([at(1)])
    stage.reload(isKept)
    expect(shown(stage.live([at(1), at(2)])).map(one => one.envelope.ts - EPOCH)).toEqual([2])
  })

  test('told of no change', () => {
    const log = new MemoryLog(logIdOf(1))
    const stage = new Timeline(new MessageView(log, new PendingMessages(log)))
    const said = at(1)
    const edit = encodeContent({ kind: 'edit', name: 'alice', newText: 'better', ref: said.id })
    const change = message(ALICE, { ts: EPOCH + 2, log: logIdOf(2), ...edit })
    const takeIn = (envelope: Envelope): void => log.append({ envelope, proof: 'signature' })
    stage.beginTurn()
    takeIn(said)
    takeIn(change)
    // the change is told with what it changes, and waits itself for the rest of a history
    stage.history([change], 0)
    expect(shown(stage.live([said])).map(one => one.content.text)).toEqual(['better'])
    log.rollback()
    stage.reload(() => false)
    takeIn(said)
    const [first] = shown(stage.live([said]))
    takeIn(change)
    const [second] = stage.live([change])
    expect([first?.content.text, second?.kind]).toEqual(['hello', 'amended'])
  })
})
