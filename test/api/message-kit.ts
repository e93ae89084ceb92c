/** Messages for tests that care about a few of their fields. */
import type { MessageEvent } from '../../src/api/events.ts'

export function message(overrides: Partial<MessageEvent> = {}): MessageEvent {
  return {
    type: 'message',
    room: 'tea',
    peer: 'al',
    name: 'alice',
    id: '00',
    text: 'hello',
    action: false,
    sentAt: 0,
    receivedAt: 0,
    via: 'live',
    late: false,
    own: false,
    ...overrides,
  }
}

/** `count` messages of history, written at `from` and each millisecond after it. */
export function history(
  count: number,
  from: number,
  overrides: Partial<MessageEvent> = {},
): readonly MessageEvent[] {
  return Array.from({ length: count }, (_, nth) => {
    const sentAt = from + nth
    return message({ via: 'history', sentAt, id: `id-${String(sentAt).padStart(9, '0')}`, ...overrides })
  })
}
