/**
 * The parts of a room, wired together. The handlers in message-handlers.ts and presence-handlers.ts work on
 * them; nobody else sees them.
 */

import type { Crypto, Signer } from '../protocol/crypto.ts'
import { chainIdOf } from '../protocol/frontier.ts'
import type { ChainId, PeerKey, RoomId } from '../protocol/ids.ts'
import type { RoomEffect, RoomNotice } from './events.ts'
import type { RoomLog } from './log.ts'
import { Author } from './messages/author.ts'
import { Chains } from './messages/chains.ts'
import { MessageView } from './messages/message-view.ts'
import { BeaconPublisher, idleBeaconGapMs } from './presence/beacon-publisher.ts'
import { Members } from './presence/members.ts'
import { DeliveryReceipts } from './presence/receipts.ts'
import { Progress } from './sync/accounting.ts'
import { Gaps, SyncScheduler } from './sync/scheduler.ts'
import { Timeline } from './timeline.ts'
import { Appender } from './validation/append.ts'
import { PeerScore } from './validation/peer-score.ts'
import { Validator } from './validation/validator.ts'

export interface RoomConfig {
  readonly id: RoomId
  /** The initial username. */
  readonly name: string
  /** How long a broken connection may take to return before its peer counts as lost, milliseconds. */
  readonly lostAfterMs: number
}

export interface RoomDeps {
  readonly log: RoomLog
  readonly signer: Signer
  readonly crypto: Crypto
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export interface RoomState {
  readonly self: PeerKey
  readonly log: RoomLog
  readonly crypto: Crypto
  readonly chains: Chains
  readonly author: Author
  readonly beaconPublisher: BeaconPublisher
  readonly validator: Validator
  readonly appender: Appender
  readonly members: Members
  readonly receipts: DeliveryReceipts
  readonly gaps: Gaps
  readonly syncScheduler: SyncScheduler
  readonly progress: Progress
  readonly messageView: MessageView
  readonly timeline: Timeline
  readonly peerScore: PeerScore
  /** How much of the own chains others held when the room was opened; later receipts are reported. */
  readonly deliveredBefore: ReadonlyMap<ChainId, number>
}

/** How much others make a room hold in memory. */
export interface Buffers {
  /** Pending messages, and the bytes of those without a predecessor. */
  readonly pending: number
  readonly pendingBytes: number
  /** History that waits to be shown in order. */
  readonly heldBack: number
  readonly gaps: number
}

/** A room at its start, with what its log holds. */
export function openRoom(config: RoomConfig, deps: RoomDeps): RoomState {
  const { log, signer, crypto, random } = deps
  const room = config.id
  const chains = new Chains(log)
  const members = new Members(config)
  const receipts = new DeliveryReceipts(log)
  const heldByAny = (chain: ChainId): number => receipts.heldByAny(chain)
  const syncScheduler = new SyncScheduler(() =>
    chains.missingPrefixes.filter(lack => !validator.isQuotaReached(lack.author)),
  )
  const appender = new Appender({ log, chains, crypto, mayBeginAt: chain => syncScheduler.mayBeginAt(chain) })
  const validator = new Validator({ room, log, chains, crypto, members, appender })
  const own = chains.of(signer.author).map(chainIdOf)
  const messageView = new MessageView(log, appender.pending)
  const timeline = new Timeline(messageView)
  const shownUntil = (): number => timeline.shownUntil
  const author = new Author({ room, log, chains, signer, crypto, heldByAny, shownUntil, random })
  for (const { envelope } of appender.pending.all) timeline.onEarly(envelope.id)
  return {
    self: signer.author,
    log,
    crypto,
    chains,
    author,
    beaconPublisher: new BeaconPublisher(
      { room, chains, author, members, signer, crypto, random },
      config.name,
    ),
    validator,
    appender,
    members,
    receipts,
    gaps: new Gaps(),
    syncScheduler,
    progress: new Progress(),
    messageView,
    timeline,
    peerScore: new PeerScore(),
    deliveredBefore: new Map(own.map(chain => [chain, receipts.heldByAny(chain)])),
  }
}

/** The log went back to its last commit; so does what is derived from it. */
export function reloadRoom(room: RoomState): void {
  room.chains.reload()
  room.appender.pending.reload()
  room.author.reload()
  room.beaconPublisher.reload()
  room.receipts.reload()
  room.timeline.reload(envelope => room.log.holds(envelope))
}

/** The pace of idle beacons in a room of this size, milliseconds. */
export function idleBeaconGapOf(state: RoomState): number {
  return idleBeaconGapMs(state.members.count)
}

/** Effects that show notices. */
export function showEffects(notices: readonly RoomNotice[]): readonly RoomEffect[] {
  return notices.map(notice => ({ kind: 'show', notice }))
}
