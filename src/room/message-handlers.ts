/**
 * How a room handles messages: from its user, from gossip and from sync sessions.
 */
import type { Instant } from '../common/clock.ts'
import type { Amendment, Said } from '../protocol/content.ts'
import { isAmending, ownText } from '../protocol/content.ts'
import type { Envelope } from '../protocol/envelope.ts'
import { compare } from '../protocol/envelope.ts'
import type { ChainHeads } from '../protocol/frontier.ts'
import { chainIdOf } from '../protocol/frontier.ts'
import type { ChainId, PeerKey } from '../protocol/ids.ts'
import type { MessageWithState, RoomEffect, RoomEvent, RoomNotice, Verdict } from './events.ts'
import type { Entry, Retention } from './log.ts'
import { PENALTY_FLOOD, PENALTY_REJECTED, PENALTY_SESSION, PRUNE_COUNT } from './policy.ts'
import { onAcknowledged, onBeacon, ownChains } from './presence-handlers.ts'
import type { RoomState } from './state.ts'
import { showEffects } from './state.ts'
import type { ValidationResult } from './validation/verdicts.ts'

/** The user sends a message. It is published with the next tick. */
export function onSay(
  room: RoomState,
  { act, text, replyTo }: Extract<RoomEvent, { readonly kind: 'say' }>,
  now: Instant,
): readonly RoomEffect[] {
  const clock = clockNotices(room, now)
  const words = { name: room.beaconPublisher.name, text: ownText(text) }
  const isReply = act === 'text' && replyTo !== undefined
  const envelope = write(
    room,
    isReply ? { ...words, kind: 'reply', ref: replyTo } : { ...words, kind: act },
    now,
  )
  return showEffects([...clock, { kind: 'sent', id: envelope.id, text }, ...room.timeline.live([envelope])])
}

/** The user amends a message. The amendment is published with the next tick. */
export function onAmend(
  room: RoomState,
  { change }: Extract<RoomEvent, { readonly kind: 'amend' }>,
  now: Instant,
): readonly RoomEffect[] {
  const { name } = room.beaconPublisher
  const own = change.kind === 'edit' ? { ...change, newText: ownText(change.newText) } : change
  const clock = clockNotices(room, now)
  return showEffects([...clock, ...room.timeline.live([write(room, { ...own, name }, now)])])
}

/**
 * Warns the user before a message is written whose timestamp is ahead, because the clock was wrong earlier.
 */
function clockNotices({ author }: RoomState, now: Instant): readonly RoomNotice[] {
  const aheadMs = author.aheadBy(now)
  return aheadMs > 0 ? [{ kind: 'clock', aheadMs }] : []
}

function write(room: RoomState, content: Said | Amendment, now: Instant): Envelope {
  const envelope = room.author.write(content, now)
  room.beaconPublisher.onMessage(envelope)
  // a member that misses this message notices by my next beacon, so that one should follow soon
  room.beaconPublisher.announceSoon(now, room.members.count)
  room.syncScheduler.onAccepted(now.steady)
  return envelope
}

/** Handles a gossip payload. */
export function onFrame(
  room: RoomState,
  from: PeerKey,
  payload: Uint8Array,
  now: Instant,
): readonly RoomEffect[] {
  const intaken = room.validator.frame(payload, from, now)
  recordAccepted(room, from, intaken, 'gossip', now)
  const presence = intaken.beacons.flatMap(beacon => onBeacon(room, beacon, from, now))
  const isKept = isHeardByAll(room, from, intaken) || hasOwnBeacon(room, intaken)
  const verdict = intaken.verdict === 'accept' && isKept ? 'keep' : intaken.verdict
  return [
    ...judge(room, from, { ...intaken, verdict }, now),
    ...showEffects(room.timeline.live(intaken.messages)),
    ...presence,
  ]
}

/** Handles messages from a sync partner. */
export function onSegment(
  room: RoomState,
  { from, exchange, wires }: PartnerEvent,
  now: Instant,
): readonly RoomEffect[] {
  const intaken = room.validator.segment(wires, now)
  recordAccepted(room, from, intaken, 'sync', now)
  for (const chain of intaken.forkedBelow) room.syncScheduler.onForkBelow(chain)
  const progress = onBrought(room, exchange, intaken.messages, now)
  const history = room.timeline.history(intaken.messages, now.steady)
  return [...judge(room, from, intaken, now), ...showEffects(history), ...progress]
}

/** What a sync partner sent in answer to a request. */
type PartnerEvent = Extract<RoomEvent, { readonly kind: 'segment' | 'tail' | 'earlier' }>

/** Handles messages that precede a chain's base. */
export function onEarlier(
  room: RoomState,
  { from, exchange, wires }: PartnerEvent,
  now: Instant,
): readonly RoomEffect[] {
  const intaken = room.validator.earlier(wires, now)
  for (const envelope of intaken.messages) room.syncScheduler.onBackfilled(exchange, chainIdOf(envelope))
  if (intaken.messages.length > 0) room.syncScheduler.onAccepted(now.steady)
  const progress = onBrought(room, exchange, intaken.messages, now)
  const history = room.timeline.history(intaken.messages, now.steady)
  return [...judge(room, from, intaken, now), ...showEffects(history), ...progress]
}

function onBrought(
  room: RoomState,
  exchange: number,
  messages: readonly Envelope[],
  now: Instant,
): readonly RoomEffect[] {
  const bytes = messages.reduce((sum, { wire }) => sum + wire.length, 0)
  room.syncScheduler.onReceived(exchange, messages.length, bytes)
  return showEffects(room.progress.onReceived(exchange, messages.length, now.steady))
}

/**
 * Handles the newest messages of a sync partner: they are shown at once, and the sync fills the gap behind
 * them.
 */
export function onTail(
  room: RoomState,
  { from, exchange, wires }: PartnerEvent,
  now: Instant,
): readonly RoomEffect[] {
  const { early, ...intaken } = room.validator.tail(wires, now)
  room.syncScheduler.onTail(exchange, now.steady)
  for (const envelope of intaken.messages) recordMessage(room, envelope, now)
  for (const envelope of intaken.pending) room.author.onAuthentic(envelope)
  const newest = [...early, ...intaken.messages]
  const progress = onBrought(room, exchange, intaken.messages, now)
  return [
    ...judge(room, from, intaken, now),
    ...showEffects(room.timeline.early(newest, 'history')),
    ...progress,
  ]
}

/** Shows the newest stored messages to a user who opens the room. */
export function onOpened(room: RoomState, count: number): readonly RoomEffect[] {
  return showEffects(room.timeline.backlog(newestSaid(room, count)))
}

/** Handles a partner's frontier: for own chains it is a delivery receipt. */
export function onHolds(
  room: RoomState,
  from: PeerKey,
  chains: readonly ChainHeads[],
): readonly RoomEffect[] {
  return chains.flatMap(chain =>
    chain.author === room.self ? onAcknowledged(room, from, chainIdOf(chain), heldLength(room, chain)) : [],
  )
}

/**
 * How many places of an own chain a partner certainly holds. The own chain can be forked, if an old state of the
 * disk came back and something was written before the others were heard: then only equal heads prove what is
 * beyond the lowest one.
 */
function heldLength(room: RoomState, theirs: ChainHeads): number {
  const mine = room.chains.get(theirs.author, theirs.log)?.heads ?? []
  const [head] = theirs.heads
  if (head === undefined || !room.log.holds({ ...theirs, ...head })) return 0
  const ids = new Set(theirs.heads.map(({ id }) => id))
  const isEqual = mine.length === ids.size && mine.every(({ id }) => ids.has(id))
  return isEqual ? room.log.length(chainIdOf(theirs)) : head.seq + 1
}

/**
 * Handles the end of a sync session. After the last one, the history it brought is shown in order, and
 * partners that had to wait are asked.
 */
export function onSynced(
  room: RoomState,
  { exchange, from, outcome }: Extract<RoomEvent, { readonly kind: 'synced' }>,
  now: Instant,
): readonly RoomEffect[] {
  const { again, started, offence } = room.syncScheduler.onEnded(exchange, from, outcome, now.steady)
  if (started === 'late')
    for (const peer of room.members.linked) room.syncScheduler.onPossibleBackfill(peer, now.steady)
  const asked = again.filter(peer => room.members.isLinked(peer))
  const history = room.syncScheduler.isFetching ? [] : room.timeline.release()
  const isOut = offence !== undefined && room.peerScore.penalise(from, PENALTY_SESSION, now)
  return [
    ...showEffects(history),
    ...showEffects(room.progress.onSessionEnd(exchange)),
    ...asked.map(peer => ({ kind: 'sync', peer }) as const),
    ...(isOut ? [{ kind: 'expel', peer: from, reason: offence } as const] : []),
  ]
}

/** Handles messages whose time has come. */
export function onDue(room: RoomState, now: Instant): readonly RoomEffect[] {
  const messages = room.appender.appendDue(now)
  for (const envelope of messages) recordMessage(room, envelope, now)
  const alone = room.appender.pending.storeDue(now)
  const missing = room.syncScheduler.isFetching ? [] : missingBefore(room, alone)
  return [
    ...showEffects(room.timeline.live(messages)),
    ...showEffects(missing),
    ...showEffects(room.timeline.early(alone, 'live')),
  ]
}

/** Prunes one step. Own messages that no one else holds stay. */
export function onRetain(room: RoomState, retention: Retention): readonly RoomEffect[] {
  const own = new Map(ownChains(room).map(chain => [chain, room.receipts.heldByAny(chain)]))
  const bases = room.log.prune(retention, chain => own.get(chain) ?? Number.POSITIVE_INFINITY, PRUNE_COUNT)
  room.chains.setBases(bases, retention)
  return [{ kind: 'pruned', chains: bases.size }]
}

/**
 * True if the author itself sent the frame and is connected to everyone, so that forwarding it is redundant.
 */
function isHeardByAll(room: RoomState, from: PeerKey, { messages, beacons }: ValidationResult): boolean {
  const isOwn = messages.every(one => one.author === from) && beacons.every(one => one.author === from)
  return isOwn && room.members.reachesAll(from)
}

/**
 * True if an own beacon returned. It isn't forwarded: newer ones were published since, and whoever received it over
 * this peer's own link would take it for current.
 */
function hasOwnBeacon(room: RoomState, { beacons }: ValidationResult): boolean {
  return beacons.some(({ author }) => author === room.self)
}

interface Judged {
  readonly verdict: Verdict
  readonly reason: string
}

function judge(room: RoomState, from: PeerKey, judged: Judged, now: Instant): readonly RoomEffect[] {
  const { verdict, reason } = judged
  const judgement = { kind: 'verdict', verdict, reason } as const
  const weight = verdict === 'reject' ? PENALTY_REJECTED : reason === 'flood' ? PENALTY_FLOOD : 0
  return room.peerScore.penalise(from, weight, now)
    ? [judgement, { kind: 'expel', peer: from, reason }]
    : [judgement]
}

/** Records accepted messages, and the gaps that they reveal. */
function recordAccepted(
  room: RoomState,
  from: PeerKey,
  intaken: ValidationResult,
  via: 'gossip' | 'sync',
  now: Instant,
): void {
  for (const envelope of intaken.messages) recordMessage(room, envelope, now)
  for (const envelope of intaken.pending) room.author.onAuthentic(envelope)
  const deps = via === 'gossip' ? intaken.messages.flatMap(envelope => envelope.deps) : []
  for (const id of [...intaken.missing, ...deps]) {
    if (!room.log.has(id)) room.gaps.add(id, from, now.steady, () => room.log.has(id))
  }
}

function recordMessage(room: RoomState, envelope: Envelope, now: Instant): void {
  room.author.onReceived(envelope)
  room.syncScheduler.onAccepted(now.steady)
  room.members.onWrote(envelope.author, envelope.ts, now)
  room.beaconPublisher.onMessage(envelope)
  room.beaconPublisher.announceSoon(now, room.members.count)
}

/** Reports what is missing before messages that are shown without their predecessors. */
function missingBefore(room: RoomState, alone: readonly Envelope[]): readonly RoomNotice[] {
  const first = new Map<ChainId, Envelope>()
  for (const envelope of alone) {
    const known = first.get(chainIdOf(envelope))
    if (known === undefined || envelope.seq < known.seq) first.set(chainIdOf(envelope), envelope)
  }
  return [...first].flatMap(([chain, { author, seq }]) => {
    const count = seq - room.log.length(chain)
    return count > 0 ? { kind: 'missing', author, name: lastNameOf(room, author), count } : []
  })
}

function lastNameOf(room: RoomState, author: PeerKey): string {
  return room.members.get(author)?.beacon.name ?? ''
}

// The newest messages of a room: all of them, those that say something, or the nth. Amendments lie between
// them in the log, so the search reads some more than asked, and again if that isn't enough.

type ViewParts = Pick<RoomState, 'log' | 'appender' | 'messageView'>

/** How many more messages to read at first, and each time again. */
const READ_AHEAD = 32
const READ_AHEAD_GROWTH = 4

/** The most messages that a search by position reads. */
const MAX_SEARCHED = 65_536

/** The newest stored messages in order, pending ones included. */
export function newestOf({ log, appender }: ViewParts, count: number): readonly Entry[] {
  const all = [...log.latest(count), ...appender.pending.all]
  return all.sort((a, b) => compare(a.envelope, b.envelope)).slice(Math.max(0, all.length - count))
}

/** The last `count` of the newest messages that aren't amendments, in order. */
function newestSaid(room: ViewParts, count: number): readonly Envelope[] {
  for (let window = count + READ_AHEAD; ; window *= READ_AHEAD_GROWTH) {
    const all = newestOf(room, window).map(entry => entry.envelope)
    const said = all.filter(one => !isAmending(one.kind))
    if (said.length >= count || all.length < window || window >= MAX_SEARCHED) return said.slice(-count)
  }
}

/** The nth newest message, counted from 1, that matches and still says something. */
export function nthSaid(
  room: ViewParts,
  nth: number,
  isWanted: (envelope: Envelope) => boolean,
): MessageWithState | undefined {
  for (let count = nth; ; count *= READ_AHEAD_GROWTH) {
    const newest = newestSaid(room, count)
    const wanted = newest.filter(isWanted).filter(envelope => {
      const standing = room.messageView.stateOf(envelope, 'words')
      return standing !== undefined && standing.deleted === undefined
    })
    const envelope = wanted.at(-nth)
    const state = envelope && room.messageView.stateOf(envelope, 'whole')
    if (envelope !== undefined) return state && { envelope, state }
    if (newest.length < count || count >= MAX_SEARCHED) return undefined
  }
}
