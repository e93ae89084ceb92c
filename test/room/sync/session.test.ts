import { describe, expect, test } from 'vitest'
import type { MessageId } from '../../../src/protocol/ids.ts'
import type { SyncMessage } from '../../../src/protocol/sync-message.ts'
import { TAIL_COUNT } from '../../../src/room/policy.ts'
import { MAX_TRANSFER_BYTES } from '../../../src/room/sync/responder.ts'
import type { SyncSession } from '../../../src/room/sync/session.ts'
import type { SyncRoom } from '../../../src/room/sync/sync-room.ts'
import {
  ALICES,
  END_OF_IT,
  have,
  held,
  hello,
  listen,
  messages,
  OFFER,
  placed,
  side,
  want,
} from './session-kit.ts'

describe('what was promised and not sent', () => {
  const [theirs] = [held(ALICES)]
  const unfulfilled = (said: readonly SyncMessage[]) => {
    const { exchange } = side()
    expect(listen(exchange, [...said, END_OF_IT])).toBeUndefined()
    const outcome = exchange.result()
    return outcome.kind === 'complete' ? outcome.unfulfilled.length : undefined
  }

  test('is told, whether nothing of it came or only some', () => {
    expect(unfulfilled(OFFER)).toBe(1)
    expect(unfulfilled([...OFFER, messages(...ALICES.slice(5, 19))])).toBe(1)
    expect(unfulfilled([...OFFER, messages(...ALICES.slice(5))])).toBe(0)
    expect(unfulfilled([...OFFER, messages(...ALICES.slice(5, 9)), messages(...ALICES.slice(9))])).toBe(0)
  })

  test('is nobody’s fault where a fork shows, or the beginning was pruned', () => {
    const fork = { seq: 19, id: 'ff'.repeat(32) as MessageId }
    expect(unfulfilled([hello(), have({ ...theirs, heads: [...theirs.heads, fork] }), want()])).toBe(0)
    expect(unfulfilled([hello(), have({ ...theirs, base: 10 }), want()])).toBe(0)
  })

  test('is not asked after when the exchange was full', () => {
    const { exchange } = side({ room: { onSegment: () => 'accept', isReassigned: () => false } })
    const heads = [{ seq: 1_000_000, id: 'ff'.repeat(32) as MessageId }]
    function* full(): Generator<SyncMessage> {
      yield* [hello(), have({ ...theirs, heads }), want(), { kind: 'tail' as const, wires: [] }]
      for (let seq = 5, bytes = 0; bytes + 42 * 9_216 < MAX_TRANSFER_BYTES; seq += 42, bytes += 42 * 9_216) {
        yield {
          kind: 'messages',
          wires: Array.from({ length: 42 }, (_, index) => placed(seq + index, 9_216)),
        }
      }
      yield END_OF_IT
    }
    expect(listen(exchange, full())).toBeUndefined()
    expect(exchange.result()).toMatchObject({ kind: 'complete', unfulfilled: [] })
  })
})

describe('what is asked of me', () => {
  const wants = [{ index: 0, seq: 2 }]

  /** All that this side says. */
  function heard(exchange: SyncSession, said: readonly SyncMessage[]): readonly SyncMessage[] {
    const out: SyncMessage[] = []
    for (const one of said) {
      expect(exchange.onMessage(one)).toBeUndefined()
      for (let mine = exchange.next(); mine !== undefined; mine = exchange.next()) out.push(mine)
    }
    return out
  }

  test('comes after the newest messages, as many as were asked for, and then the end', () => {
    const { exchange } = side({ held: 20 })
    const said = heard(exchange, [hello({ chains: 0 }), have(), want({ wants, tail: 3 })])
    expect(said.map(one => one.kind)).toEqual(['hello', 'have', 'want', 'tail', 'messages', 'end'])
    expect(said[3]).toEqual({ kind: 'tail', wires: ALICES.slice(-3).map(one => one.wire) })
    expect(said[4]).toEqual(messages(...ALICES.slice(2)))
  })

  test('is read from the log only when it can be sent', () => {
    const reads: number[] = []
    const chainPart: SyncRoom['chainPart'] = one => {
      reads.push(one.seq)
      return [{ seq: one.seq, id: 'ee'.repeat(32) as MessageId, wire: new Uint8Array(9) }]
    }
    const { exchange } = side({ room: { chainPart } })
    for (const one of [hello({ chains: 0 }), have(), want({ wants })]) exchange.onMessage(one)
    const kinds = Array.from({ length: 6 }, () => exchange.next()?.kind)
    expect(kinds).toEqual(['hello', 'have', 'want', 'messages', 'messages', 'messages'])
    expect(reads).toEqual([2, 3, 4])
  })

  test('has an end, however much there is', () => {
    const wire = new Uint8Array(9_216)
    const chainPart: SyncRoom['chainPart'] = ({ seq }) =>
      Array.from({ length: 14 }, (_, index) => ({ seq: seq + index, id: 'ee'.repeat(32) as MessageId, wire }))
    const { exchange } = side({ room: { chainPart } })
    const said = heard(exchange, [hello({ chains: 0 }), have(), want({ wants })])
    const bytes = said.reduce((sum, one) => sum + (one.kind === 'messages' ? one.wires.length * 9_216 : 0), 0)
    expect(bytes).toBeLessThanOrEqual(MAX_TRANSFER_BYTES)
    expect(bytes).toBeGreaterThan(MAX_TRANSFER_BYTES - 14 * 9_216)
    expect(said.at(-1)).toEqual(END_OF_IT)
  })

  test('may be the newest messages of any length', () => {
    const long = Array.from({ length: TAIL_COUNT }, () => new Uint8Array(9_216))
    const { exchange } = side({ room: { newest: () => long } })
    const said = heard(exchange, [hello({ chains: 0 }), have(), want({ tail: TAIL_COUNT })])
    const tail = said.find(one => one.kind === 'tail')
    expect(tail?.wires.length).toBe(Math.floor(131_072 / 9_216))
  })
})
