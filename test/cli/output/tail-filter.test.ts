import { describe, expect, it } from 'vitest'
import type { UiEvent } from '../../../src/api/events.ts'
import { TailFilter } from '../../../src/cli/output/output-filter.ts'
import { history, message } from '../../api/message-kit.ts'

const START = 1_000_000
const bye: UiEvent = { type: 'bye', undelivered: 0 }

function released(tail: TailFilter): readonly UiEvent[] {
  const { dueAt } = tail
  return dueAt === undefined ? [] : tail.due(dueAt)
}

function taken(tail: TailFilter, events: readonly UiEvent[]): readonly UiEvent[] {
  return events.flatMap(event => tail.take(event, START + 1))
}

describe('a tail', () => {
  it('begins with the newest few, whatever order they come in and however often', () => {
    const tail = new TailFilter({ history: 10, start: START })
    const past = history(50, 500)
    expect(taken(tail, [...past.toReversed(), ...past])).toEqual([])
    expect(released(tail)).toEqual(past.slice(-10))
    expect(tail.dueAt).toBeUndefined()
  })

  it('goes on with what is newer, and leaves out what fills in behind', () => {
    const tail = new TailFilter({ history: 10, start: START })
    taken(tail, history(20, 500))
    const first = released(tail)
    expect(taken(tail, history(500, 0, { late: true }))).toEqual([])
    expect(tail.dueAt).toBeUndefined()
    const newer = history(30, 600)
    taken(tail, newer)
    expect([...first, ...released(tail)]).toEqual([...history(20, 500).slice(-10), ...newer.slice(-10)])
  })

  it('shows all that is written from then on, marked where it is out of place', () => {
    const tail = new TailFilter({ history: 2, start: START })
    const live = message({ id: 'b', sentAt: START + 5 })
    const missed = history(100, START, { late: true, via: 'history' }).filter(
      event => event.sentAt < START + 5,
    )
    const newest = message({ id: 'c', sentAt: START + 7, via: 'history', late: true })
    expect(taken(tail, [live, ...missed, newest])).toEqual([live, ...missed, { ...newest, late: false }])
  })

  it('shows its beginning before anything live, and before its end', () => {
    const past = history(3, 500)
    const live = message({ sentAt: START + 5 })
    expect(taken(new TailFilter({ history: 10, start: START }), [...past, live])).toEqual([...past, live])
    expect(taken(new TailFilter({ history: 10, start: START }), [...past, bye])).toEqual([...past, bye])
  })

  it('may begin with nothing', () => {
    const tail = new TailFilter({ history: 0, start: START })
    const live = message({ sentAt: START + 5 })
    expect(taken(tail, [...history(3, 500), live])).toEqual([live])
  })

  it('passes on everything that is no message', () => {
    const error: UiEvent = { type: 'error', code: 'x', text: 'x', remedy: 'x' }
    expect(taken(new TailFilter({ history: 0, start: START }), [error])).toEqual([error])
  })
})
