/**
 * How a room handles presence: beacons, connections, receipts and the own departure.
 */

import type { Instant } from '../common/clock.ts'
import type { Beacon } from '../protocol/beacon.ts'
import { encodeFrame } from '../protocol/frame.ts'
import { chainIdOf } from '../protocol/frontier.ts'
import type { ChainId, PeerKey } from '../protocol/ids.ts'
import { chainId } from '../protocol/ids.ts'
import type { RoomEffect } from './events.ts'
import type { MemberChange } from './presence/members.ts'
import type { RoomState } from './state.ts'
import { idleBeaconGapOf, showEffects } from './state.ts'

/** Messages that one receipt reports: the newest ones, if a peer comes to hold a long history at once. */
const MAX_RECEIPT_MESSAGES = 4_096

/**
 * Handles a sync partner's own beacon. It comes from the partner itself, so it counts whatever its clock
 * says.
 */
export function onGreeting(
  room: RoomState,
  from: PeerKey,
  wire: Uint8Array,
  now: Instant,
): readonly RoomEffect[] {
  const beacon = room.validator.beaconFrom(wire, from)
  return beacon !== undefined && room.members.isCurrent(beacon, now) ? onBeacon(room, beacon, from, now) : []
}

/** Handles an authentic, new beacon. `from` is the link it arrived over. */
export function onBeacon(
  room: RoomState,
  beacon: Beacon,
  from: PeerKey,
  now: Instant,
): readonly RoomEffect[] {
  const { author, log, length, addresses } = beacon
  if (author === room.self) {
    room.beaconPublisher.onOwnBeacon(beacon, now, room.members.count)
    return []
  }
  const known = room.members.get(author)
  const isMoved = !room.members.isHere(author) || known?.beacon.addresses.join() !== addresses.join()
  const changes = onMemberChanges(room, room.members.onBeacon(beacon, now), now)
  // data left over from a closed link is read late and is no sign of life
  if (from === author && known?.link === 'broken') room.members.onUnlinked(author, now)
  const isEqual = beacon.digest === room.beaconPublisher.digest
  const isLinked = room.members.isLinked(author)
  if (isLinked) room.syncScheduler.onDigest(author, isEqual ? 'equal' : 'differs', now.steady)
  const chain = chainId(author, log)
  const isFilled = () => room.log.length(chain) >= length
  if (!isFilled()) room.gaps.add(chain, isLinked ? author : from, now.steady, isFilled)
  const located: RoomEffect[] =
    isMoved && beacon.state === 'here' ? [{ kind: 'located', peer: author, addresses }] : []
  return [...changes, ...located, ...receiptsIn(room, beacon, isEqual)]
}

/** An equal digest acknowledges everything of mine; otherwise the acknowledgements say how much. */
function receiptsIn(room: RoomState, beacon: Beacon, isEqual: boolean): readonly RoomEffect[] {
  const { author, acks } = beacon
  if (isEqual)
    return ownChains(room).flatMap(chain => onAcknowledged(room, author, chain, room.log.length(chain)))
  const mine = acks.filter(ack => ack.author === room.self)
  return mine.flatMap(ack => onAcknowledged(room, author, chainId(ack.author, ack.log), ack.seq + 1))
}

/** My chains that have messages: usually one. */
export function ownChains(room: RoomState): readonly ChainId[] {
  return room.chains.of(room.self).map(chainIdOf)
}

/** A peer holds the first `length` places of an own chain. */
export function onAcknowledged(
  room: RoomState,
  peer: PeerKey,
  chain: ChainId,
  length: number,
): readonly RoomEffect[] {
  if (room.members.get(peer) === undefined) return []
  const delivery = room.receipts.onHolds(chain, peer, Math.min(length, room.log.length(chain)))
  if (delivery === undefined) return []
  const from = Math.max(
    delivery.from,
    room.deliveredBefore.get(chain) ?? 0,
    delivery.to - MAX_RECEIPT_MESSAGES,
  )
  const counts = room.receipts.holderCounts(chain, from, delivery.to)
  return counts.flatMap((count, index): RoomEffect[] => {
    const id = room.log.at(chain, from + index)[0]?.envelope.id
    if (id === undefined) return []
    const of = Math.max(count, room.members.count)
    return [{ kind: 'show', notice: { kind: 'delivered', id, peer, count, of } }]
  })
}

/** A link came up: a sync exchanges everything written before it. */
export function onLinked(room: RoomState, peer: PeerKey, now: Instant): readonly RoomEffect[] {
  room.members.onLinked(peer, now)
  room.beaconPublisher.announceSoon(now, room.members.count)
  return [{ kind: 'sync', peer }]
}

/** A connection came up to a peer that may be in this room. */
export function onReached(room: RoomState, peer: PeerKey, now: Instant): readonly RoomEffect[] {
  room.members.onReached(peer, now)
  return []
}

/**
 * The last connection to a peer broke. If the peer lives, it learns from my beacon that I do, too, and vice
 * versa.
 */
export function onUnlinked(room: RoomState, peer: PeerKey, now: Instant): readonly RoomEffect[] {
  room.members.onUnlinked(peer, now)
  if (room.members.isHere(peer)) room.beaconPublisher.announceSoon(now, room.members.count)
  return []
}

/** Members came, went or changed their names. Newcomers should soon hear who is here. */
export function onMemberChanges(
  room: RoomState,
  changes: readonly MemberChange[],
  now: Instant,
): readonly RoomEffect[] {
  if (changes.some(change => change.kind === 'joined'))
    room.beaconPublisher.announceSoon(now, room.members.count)
  return showEffects(changes)
}

/** Publishes the beacon that is due. */
export function publishDueBeacon(room: RoomState, now: Instant): readonly RoomEffect[] {
  if (now.steady < room.beaconPublisher.dueAt) return []
  return [publish(room.beaconPublisher.announce(now, room.members.count))]
}

/** Handles members who did not come back in time. */
export function onDeadlines(room: RoomState, now: Instant): readonly RoomEffect[] {
  return onMemberChanges(room, room.members.tick(now, idleBeaconGapOf(room)), now)
}

/** Says goodbye, after everything that is still to be published and shown. */
export function onLeave(room: RoomState, now: Instant): readonly RoomEffect[] {
  room.beaconPublisher.leave()
  const last = room.author.takeLastFrames(now).map(payload => ({ kind: 'publish', payload }) as const)
  return [
    ...showEffects(room.timeline.release()),
    ...last,
    publish(room.beaconPublisher.announce(now, room.members.count)),
  ]
}

function publish(record: Uint8Array): RoomEffect {
  return { kind: 'publish', payload: encodeFrame([record]) }
}
