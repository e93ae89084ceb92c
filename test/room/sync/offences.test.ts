/** What a room does about partners that cheat in exchanges, and about those that are only unlucky. */
import { describe, expect, test } from 'vitest'
import type { ChainHeads } from '../../../src/protocol/frontier.ts'
import { chainIdOf } from '../../../src/protocol/frontier.ts'
import type { MessageId, PeerKey } from '../../../src/protocol/ids.ts'
import {
  PENALTY_ALLOWANCE,
  PENALTY_SESSION,
  QUIET_MS,
  UNFULFILLED_BACKOFF_MS,
  UNFULFILLED_FORGIVEN,
} from '../../../src/room/policy.ts'
import type { SyncResult } from '../../../src/room/sync/accounting.ts'
import { SyncScheduler } from '../../../src/room/sync/scheduler.ts'
import { ALICE, BOB } from '../../support/core-arbitraries.ts'
import { Peer } from '../../support/core-peer.ts'
import { logIdOf } from '../../support/core-world.ts'

const ANN = 'ann' as PeerKey
const COUNTS = { received: 0, sent: 0 }
const CUT: SyncResult = { kind: 'failed', reason: 'cut', blame: 'nobody', ...COUNTS }
const GARBAGE: SyncResult = { kind: 'failed', reason: 'garbage', blame: 'partner', ...COUNTS }
const MINE = { chains: new Map(), has: () => false }

function claim(log: number): ChainHeads {
  return {
    author: ALICE.author,
    log: logIdOf(log),
    base: 0,
    heads: [{ seq: 5, id: `${log}` as MessageId }],
  }
}
const left = (...chains: readonly ChainHeads[]): SyncResult => ({
  kind: 'complete',
  unfulfilled: chains.map(chainIdOf),
  ...COUNTS,
})

describe('of a partner', () => {
  test('garbage is an offence, a broken link is none', () => {
    const exchanges = new SyncScheduler()
    expect(exchanges.onEnded(1, ANN, CUT, 0).offence).toBeUndefined()
    expect(exchanges.onEnded(2, ANN, GARBAGE, 0).offence).toBe('garbage')
    expect(exchanges.onEnded(3, ANN, left(), 0).offence).toBeUndefined()
  })

  test('promises that are not kept are an offence once there are several in a row', () => {
    const exchanges = new SyncScheduler()
    const offences = (...outcomes: readonly SyncResult[]) =>
      outcomes.map((outcome, index) => exchanges.onEnded(index, ANN, outcome, index).offence !== undefined)
    const broken = left(claim(1))
    expect(UNFULFILLED_FORGIVEN).toBe(2)
    expect(offences(broken, broken, left(), broken, CUT, broken, broken, broken)).toEqual([
      ...[false, false, false, false, false, false],
      ...[true, true],
    ])
  })

  test('a chain that it does not send is not asked from it for a while, and others are asked', () => {
    const exchanges = new SyncScheduler()
    const wanted = (exchange: number, peer: PeerKey, now: number) =>
      exchanges.wants(exchange, peer, [claim(1), claim(2)], MINE, now).wants.map(want => want.log)
    for (let exchange = 1; exchange <= 2; exchange++) {
      expect(wanted(exchange, ANN, 0)).toEqual([logIdOf(1), logIdOf(2)])
      exchanges.onEnded(exchange, ANN, left(claim(1)), 0)
    }
    expect(wanted(3, ANN, UNFULFILLED_BACKOFF_MS - 1)).toEqual([logIdOf(2)])
    expect(wanted(4, BOB.author, UNFULFILLED_BACKOFF_MS - 1)).toEqual([logIdOf(1)])
    exchanges.onEnded(3, ANN, left(), UNFULFILLED_BACKOFF_MS)
    exchanges.onEnded(4, BOB.author, left(claim(1)), UNFULFILLED_BACKOFF_MS)
    expect(wanted(5, ANN, UNFULFILLED_BACKOFF_MS)).toEqual([logIdOf(1), logIdOf(2)])
  })

  test('exchanges that bring nothing of what they promise are ever rarer', () => {
    const exchanges = new SyncScheduler()
    const waits: number[] = []
    for (let round = 1, now = 0; round < 5; round++) {
      exchanges.onAccepted(now)
      exchanges.onEnded(round, ANN, left(claim(1)), now)
      exchanges.onGap(ANN, now)
      const due = exchanges.dueAt() ?? 0
      waits.push(due - now)
      exchanges.due(due)
      now = due
    }
    expect(waits).toEqual([2, 4, 8, 16].map(times => times * QUIET_MS))
  })
})

describe('a room', () => {
  const most = Math.ceil(PENALTY_ALLOWANCE.burst / PENALTY_SESSION)

  function ends(outcome: SyncResult, times: number): readonly string[] {
    const peer = new Peer('me')
    for (let exchange = 1; exchange <= times; exchange++) {
      peer.tell({ kind: 'synced', from: ANN, exchange, outcome })
    }
    return peer.effects.flatMap(effect => (effect.kind === 'expel' ? effect.reason : []))
  }

  test('expels who does it again and again', () => {
    expect(ends(GARBAGE, most)).toEqual([])
    expect(ends(GARBAGE, most + 1)).toEqual(['garbage'])
    expect(ends(left(claim(1)), most + UNFULFILLED_FORGIVEN)).toEqual([])
    expect(ends(left(claim(1)), most + UNFULFILLED_FORGIVEN + 1).length).toBe(1)
  })

  test('expels nobody for bad luck', () => {
    expect(ends(CUT, 1_000)).toEqual([])
    expect(ends(left(), 1_000)).toEqual([])
  })
})
