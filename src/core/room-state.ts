/**
 * The parts that a room is made of, put together once. The handlers in room-messages.ts and room-presence.ts
 * work on them; nobody else sees them.
 */
import { Author } from './author.ts'
import { Chains } from './chains.ts'
import type { Crypto, Signer } from './crypto.ts'
import { Exchanges } from './exchanges.ts'
import { Gaps } from './gaps.ts'
import { Herald } from './herald.ts'
import type { PeerKey, RoomId } from './ids.ts'
import { Intake } from './intake.ts'
import type { RoomLog } from './log.ts'
import { People } from './people.ts'
import { idleMs } from './pulse.ts'
import { Receipts } from './receipts.ts'
import type { RoomEffect, RoomNotice } from './room-event.ts'
import { Stage } from './stage.ts'
import { Strikes } from './strikes.ts'

export interface RoomConfig {
  readonly id: RoomId
  /** The username at first. */
  readonly name: string
  /** How long a broken connection may take to come back before its peer counts as lost, milliseconds. */
  readonly lostAfterMs: number
}

export interface RoomDeps {
  readonly log: RoomLog
  readonly signer: Signer
  readonly crypto: Crypto
  /** Numbers from 0 up to 1. */
  readonly random: () => number
}

export interface RoomState {
  readonly self: PeerKey
  readonly log: RoomLog
  readonly chains: Chains
  readonly author: Author
  readonly herald: Herald
  readonly intake: Intake
  readonly people: People
  readonly receipts: Receipts
  readonly gaps: Gaps
  readonly exchanges: Exchanges
  readonly stage: Stage
  readonly strikes: Strikes
  /** Receipts are told for what was written from this place of the own chain on. */
  readonly firstOwn: number
}

/** A room as it is at the start, with what its log holds. */
export function openRoom(config: RoomConfig, deps: RoomDeps): RoomState {
  const { log, signer, crypto, random } = deps
  const room = config.id
  const chains = new Chains(log)
  const people = new People(config)
  const author = new Author({ room, log, chains, signer, crypto })
  return {
    self: signer.author,
    log,
    chains,
    author,
    herald: new Herald(
      { room, logId: log.logId, chains, author, people, signer, crypto, random },
      config.name,
    ),
    intake: new Intake({ room, log, chains, crypto, people }),
    people,
    receipts: new Receipts(),
    gaps: new Gaps(),
    exchanges: new Exchanges(),
    stage: new Stage(),
    strikes: new Strikes(),
    firstOwn: author.length,
  }
}

/** The pace of idle beacons in a room of this size, milliseconds. */
export function paceOf(state: RoomState): number {
  return idleMs(state.people.count)
}

/** Effects that show notices. */
export function show(notices: readonly RoomNotice[]): readonly RoomEffect[] {
  return notices.map(notice => ({ kind: 'show', notice }))
}
