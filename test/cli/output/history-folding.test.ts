import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UiEvent } from '../../../src/api/events.ts'
import { HistoryFolding } from '../../../src/cli/output/output-filter.ts'
import { anyEvent } from '../../api/event-kit.ts'
import { history, message } from '../../api/message-kit.ts'
import { seeded } from '../../text/arbitraries.ts'

/** When the user came, and long before. */
const NOW = 1_000_000
const BEFORE = 1_000

const ready: UiEvent = { type: 'ready', version: '1', peer: 'me', name: 'me', room: 'tea', addresses: [] }
const bye: UiEvent = { type: 'bye', undelivered: 0 }
const progress: UiEvent = { type: 'notice', code: 'sync-progress', text: 'history: 1 of 2', room: 'tea' }

/** A user in a room, to whom the last 50 messages of it were shown. */
function started(): HistoryFolding {
  const backlog = new HistoryFolding('me')
  expect(backlog.take(ready, NOW)).toEqual([ready])
  for (const event of history(50, BEFORE + 10_000)) expect(backlog.take(event, NOW)).toEqual([event])
  return backlog
}

/** Everything that it still has to say, when its time has come. */
function rest(backlog: HistoryFolding): readonly UiEvent[] {
  const { dueAt } = backlog
  if (dueAt === undefined) return []
  expect(backlog.due(dueAt - 1)).toEqual([])
  return backlog.due(dueAt)
}

describe('what a long sync fills in', () => {
  it('is one line, with the command that shows it', () => {
    const backlog = started()
    for (const event of history(1_234, BEFORE, { late: true })) {
      expect(backlog.take(event, NOW + 1)).toEqual([])
    }
    expect(rest(backlog)).toEqual([
      {
        type: 'notice',
        code: 'history-folded',
        text: '1,234 older messages came into your log: /history 1284',
        room: 'tea',
        count: 1_234,
      },
    ])
    expect(backlog.dueAt).toBeUndefined()
  })

  it('is one line, too, when it is more than /history gives', () => {
    const backlog = started()
    for (const event of history(99_950, BEFORE, { late: true })) backlog.take(event, NOW)
    expect(rest(backlog)).toMatchObject([
      { text: expect.stringMatching(/^99,950 older .*: \/history 10000; all of them: parley history tea,/) },
    ])
  })

  it('is shown if it is little', () => {
    const backlog = started()
    const few = history(20, BEFORE, { late: true })
    for (const event of few.toReversed()) expect(backlog.take(event, NOW)).toEqual([])
    expect(rest(backlog)).toEqual(few)
  })

  it('is shown if it was written meanwhile, as by others while the network was cut', () => {
    const backlog = started()
    const old = history(7, BEFORE, { late: true })
    const missed = history(60, NOW + 5, { late: true })
    for (const event of [...missed, ...old]) backlog.take(event, NOW + 90_000)
    expect(rest(backlog)).toEqual([
      ...missed.slice(-50),
      expect.objectContaining({ code: 'history-folded', count: 17 }),
    ])
  })

  it('is told when it is over, or when it goes on for long', () => {
    const backlog = started()
    for (let at = NOW; at <= NOW + 60_000; at += 100) {
      const [event] = history(1, at - NOW, { late: true })
      if (event !== undefined) backlog.take(event, at)
      const told = backlog.due(at)
      if (told.length > 0) expect(at - NOW).toBeGreaterThanOrEqual(30_000)
    }
    expect(backlog.dueAt).toBeDefined()
  })

  it('waits for nothing when the user leaves', () => {
    const backlog = started()
    const late = history(3, BEFORE, { late: true })
    for (const event of late) backlog.take(event, NOW)
    expect(backlog.take(bye, NOW)).toEqual([...late, bye])
    expect(backlog.dueAt).toBeUndefined()

    const other = started()
    for (const event of late) other.take(event, NOW)
    const left: UiEvent = { type: 'left', room: 'tea', peer: 'me', name: 'me', reason: 'quit' }
    expect(other.take({ ...left, peer: 'al' }, NOW)).toHaveLength(1)
    expect(other.take(left, NOW)).toEqual([...late, left])
  })
})

describe('everything else', () => {
  it('is shown at once', () => {
    const backlog = started()
    const shown = [
      message({ late: true }),
      message({ via: 'history' }),
      { type: 'notice', code: 'who', text: 'nobody' },
    ] as const
    for (const event of shown) expect(backlog.take(event, NOW)).toEqual([event])
  })

  it('but progress, which is shown every few seconds', () => {
    const backlog = started()
    const times = [0, 100, 4_999, 5_000, 5_100, 10_000].map(ms => NOW + ms)
    expect(times.map(at => backlog.take(progress, at).length)).toEqual([1, 0, 0, 1, 0, 1])
    expect(backlog.take({ ...progress, room: 'milk' }, NOW + 10_001)).toHaveLength(1)
  })

  it('comes out once: nothing is lost but what is counted', () => {
    const events = fc.array(
      fc.oneof(
        anyEvent,
        fc.nat(40).map(sentAt => history(1, sentAt, { late: true })[0] ?? bye),
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(events, fc.nat(3_000), (all, step) => {
        const backlog = new HistoryFolding('me')
        const unlike = all.filter(
          (event, at) =>
            event.type !== 'message' ||
            all.findIndex(other => other.type === 'message' && other.id === event.id) === at,
        )
        const out = [...unlike, bye].flatMap((event, nth) => [
          ...backlog.take(event, nth * step),
          ...backlog.due(nth * step),
        ])
        const folded = out.reduce(
          (sum, event) =>
            event.type === 'notice' && event.code === 'history-folded' ? sum + Number(event['count']) : sum,
          0,
        )
        const count = (of: readonly UiEvent[]) => of.filter(event => event.type === 'message').length
        expect(count(out) + folded).toBe(count(unlike))
        expect(out.at(-1)).toEqual(bye)
        expect(backlog.dueAt).toBeUndefined()
      }),
      seeded,
    )
  })
})
