/**
 * What an exchange says besides the messages that it moves: two rooms in this process, with the program's own exchange
 * and every message encoded. The bytes are the same in every run, so one is enough; nothing waits for a network here,
 * and where waiting is what a peer does by its own limits, the clock is moved.
 */
import type { Instant } from '../../src/common/clock.ts'
import type { Entry } from '../../src/room/log.ts'
import type { Traffic } from '../../test/support/core-exchange.ts'
import { exchange } from '../../test/support/core-exchange.ts'
import { Peer } from '../../test/support/core-peer.ts'
import { ROOM } from '../../test/support/core-world.ts'
import { append, fill } from '../fill.ts'
import { messagesOf } from '../messages.ts'
import type { Round } from '../round.ts'
import type { Case } from '../stock.ts'
import { isThere, missingOf } from '../stock.ts'
import { PARLEY } from '../system.ts'

/** The kinds that find out what is missing. */
const FINDING = ['hello', 'have', 'ranges', 'want', 'end'] as const

/** How often the clock of a newcomer is looked at, and for how long, milliseconds. */
const STEP_MS = 250
const PATIENCE_MS = 600_000

export async function measureIdentification(round: Round, cases: readonly Case[]): Promise<void> {
  for (const one of cases) {
    const { traffic, movedBytes } = runCase(one)
    const { messages, tail } = traffic.bytes
    const finding = FINDING.reduce((sum, kind) => sum + traffic.bytes[kind], 0)
    const isCold = one.lacking === 'everything'
    const table = isCold
      ? `everything, ${missingOf(one).toLocaleString('en-US')} messages`
      : 'what is missing'
    const note = (row: string, column: string, value: number): void => {
      round.note({ measure: 'sync', table, row, column, value })
    }
    if (isCold) {
      note(
        'bytes of the sync besides each message',
        PARLEY,
        (finding + tail + messages - movedBytes) / missingOf(one),
      )
    } else {
      note(one.name, 'messages missing', missingOf(one))
      note(one.name, 'bytes to find out which', finding)
      note(one.name, 'bytes around each that moves', (messages - movedBytes) / missingOf(one))
      note(one.name, 'bytes of the newest, to be read first', tail)
    }
  }
  noteNewcomer(round, cases)
}

function noteNewcomer(round: Round, cases: readonly Case[]): void {
  const largest = cases.reduce((most, one) => (one.history.chains > most.history.chains ? one : most))
  const row = `nothing of ${largest.history.chains.toLocaleString('en-US')} authors`
  const note = (column: string, value: number): void => {
    round.note({ measure: 'sync', table: 'a newcomer, by a clock that is moved', row, column, value })
  }
  const { seconds, exchanges, bytes } = runNewcomer({ ...largest, lacking: 'everything' })
  note('complete after, seconds', seconds)
  note('exchanges', exchanges)
  note('bytes besides messages', bytes)
}

interface Ran {
  readonly traffic: Traffic
  /** Bytes of the messages that moved, without those that came to be read first. */
  readonly movedBytes: number
}

/** Somebody who lacks something meets somebody who has it. */
function runCase(one: Case): Ran {
  const { keeper, comer, missingBytes } = peersOf(one, clockAt(0))
  const traffic = exchange(comer, keeper, clockAt(0))
  if (comer.digest !== keeper.digest) throw new Error(`${one.name}: something is still missing`)
  return { traffic, movedBytes: missingBytes }
}

interface Newcomer {
  readonly seconds: number
  readonly exchanges: number
  readonly bytes: number
}

/** Somebody who has nothing comes to have everything, when no step takes any time but those that have to be waited for. */
function runNewcomer(one: Case): Newcomer {
  let atMs = 0
  const now = (): Instant => clockAt(atMs)()
  const { keeper, comer, missingBytes } = peersOf(one, now)
  comer.tell({ kind: 'linked', peer: keeper.key })
  const traffics = [exchange(comer, keeper, now)]
  let seen = 0
  for (; comer.digest !== keeper.digest; atMs += STEP_MS) {
    if (atMs > PATIENCE_MS) throw new Error('a newcomer never has everything')
    comer.tell({ kind: 'tick' })
    const asks = comer.effects.slice(seen).some(effect => effect.kind === 'sync')
    seen = comer.effects.length
    if (asks) traffics.push(exchange(comer, keeper, now))
  }
  const bytes = traffics.flatMap(traffic => Object.values(traffic.bytes)).reduce((sum, some) => sum + some, 0)
  return { seconds: atMs / 1_000, exchanges: traffics.length, bytes: bytes - missingBytes }
}

interface Two {
  readonly keeper: Peer
  readonly comer: Peer
  readonly missingBytes: number
}

function peersOf(one: Case, now: () => Instant): Two {
  const [all, some]: [Entry[], Entry[]] = [[], []]
  let missingBytes = 0
  fill(messagesOf({ ...one.history, room: ROOM }), [
    batch => {
      for (const entry of batch) {
        all.push(entry)
        if (isThere(one, entry)) some.push(entry)
        else missingBytes += entry.envelope.wire.length
      }
    },
  ])
  return { keeper: peerWith('keeper', all, now), comer: peerWith('comer', some, now), missingBytes }
}

/** A peer with these messages in its log from the start. */
function peerWith(name: string, entries: readonly Entry[], now: () => Instant): Peer {
  const { log } = new Peer(name, { now })
  append(log, entries)
  log.commit()
  return new Peer(name, { now, log })
}

function clockAt(steady: number): () => Instant {
  const wall = Date.now()
  return () => ({ steady, wall: wall + steady })
}
