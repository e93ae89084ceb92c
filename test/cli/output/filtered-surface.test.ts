import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { UiEvent } from '../../../src/api/events.ts'
import { HistoryFolding } from '../../../src/cli/output/output-filter.ts'
import { filteredSurface } from '../../../src/cli/output/surface.ts'
import { history } from '../../api/message-kit.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('shows what is held back when its time has come, and keeps no timer without a reason', () => {
  const shown: UiEvent[] = []
  const emit = filteredSurface(new HistoryFolding('me'), event => shown.push(event), Date.now)
  const late = history(4, 0, { late: true })
  for (const event of late) {
    emit(event)
    vi.advanceTimersByTime(300)
  }
  expect(shown).toEqual([])
  vi.advanceTimersByTime(300)
  expect(shown).toEqual(late)
  expect(vi.getTimerCount()).toBe(0)
  emit({ type: 'bye', undelivered: 0 })
  expect(shown).toHaveLength(5)
  expect(vi.getTimerCount()).toBe(0)
})
