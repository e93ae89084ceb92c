/**
 * Rates, quotas and waiting times by which a room protects and paces itself. Unlike the protocol's limits,
 * peers may choose these differently and still interoperate. Times are milliseconds.
 */

import type { RateConfig } from '../common/rate-limit.ts'
import { MAX_CHAINS } from '../protocol/limits.ts'

/**
 * Frames accepted from one link; a frame counts once for each signature to check. Excess frames are ignored:
 * the sync brings their messages.
 */
export const LINK_RATE: RateConfig = { perSecond: 50, burst: 200 }

/**
 * Frames of one link beyond which its peer is flooding. A peer that forwards for others may honestly exceed
 * LINK_RATE and isn't blamed for it; this is more than a dozen authors at full pace. Each excess frame is
 * penalised.
 */
export const FLOOD_RATE: RateConfig = { perSecond: 500, burst: 2_000 }

/** Frames accepted from one author, over all links. */
export const AUTHOR_RATE: RateConfig = { perSecond: 50, burst: 200 }

/** New keys that may cost a signature check, over all links: a flood of fresh keys stops here. */
export const NEWCOMER_RATE: RateConfig = { perSecond: 5, burst: 64 }

/**
 * The same for a sync, where the partner waits for us: to a newcomer every author is new. So all authors that
 * a room can have may come at once, once; that is a second of checking.
 */
export const NEWCOMER_SYNC_RATE: RateConfig = { perSecond: 50, burst: MAX_CHAINS }

/** Frames this peer publishes: safely below what others accept. */
export const PUBLISH_RATE: RateConfig = { perSecond: 40, burst: 150 }

/** Penalty points forgiven per second, and how many a peer may collect before it is expelled. */
export const PENALTY_ALLOWANCE: RateConfig = { perSecond: 1, burst: 100 }

/** Penalty points for one excess frame of a flood, and for one that every honest peer would have rejected. */
export const PENALTY_FLOOD = 1
export const PENALTY_REJECTED = 10

/** Links and authors whose rates are remembered. */
export const RATE_KEYS = 4_096

/**
 * Under load, frames are this far apart, so that they fill; a lone message leaves at once. The first applies
 * while the burst allowance is fresh; the second, the sustained pace, when it is used up.
 */
export const FRAME_GAP_MS = 5
export const FRAME_GAP_MAX_MS = 25

/** Stored bytes of one author: 250,000 ordinary messages. */
export const AUTHOR_QUOTA_BYTES = 64 * 1024 * 1024

/** Stored bytes of everyone: four million ordinary messages. */
export const ROOM_QUOTA_BYTES = 1024 * 1024 * 1024

/** Stored chains of one author. An honest author starts another one only for a copied data folder. */
export const AUTHOR_CHAINS = 256

/** Pending messages: count and bytes. */
export const PENDING_COUNT = 2_048
export const PENDING_BYTES = 4 * 1024 * 1024
export const FUTURE_COUNT = 256

/**
 * The timestamp of an own message follows those received only if they are less than this ahead of the own
 * clock. That leaves room below MAX_FUTURE_MS for clock differences and for thousands of messages written in
 * one moment; otherwise nobody would accept it at once.
 */
export const FLOOR_AHEAD_MS = 110_000

/** How long a message waits for its predecessor before it is stored as pending and shown without it. */
export const PENDING_PATIENCE_MS = 1_000

/** A peer that misses more messages than this asks for so many of the newest first. */
export const TAIL_COUNT = 50

/** Messages that one step of pruning removes: a few milliseconds of work. */
export const PRUNE_COUNT = 1_024

/** How long a gap may fill by itself, since another link may be slower, before it is requested. */
export const GAP_PATIENCE_MS = 150

/** Gaps remembered at once. */
export const GAP_COUNT = 512

/**
 * Different digests are worth a sync session once nothing has changed for the first of these; no partner is
 * asked more often than the second.
 */
export const QUIET_MS = 1_000
export const SESSION_GAP_MS = 5_000
/** The longest backoff towards a partner whose sessions keep failing or change nothing. */
export const SESSION_BACKOFF_MAX_MS = 60_000
/** In a room that is never quiet, different digests lead to a session after this long. */
export const BUSY_ROOM_SESSION_MS = 30_000

/**
 * What a session must transfer in PACE_MS to keep its chains: anything at all, or this many messages or bytes
 * while others offer the same. A link of 6.6 kB/s manages that; a slower one is worth less than asking
 * someone else.
 */
export const TRANSFER_CHECK_MS = 10_000
export const MIN_TRANSFER_MESSAGES = 512
export const MIN_TRANSFER_BYTES = 65_536

/** How many times PACE_MS a slow session keeps its chains while others wait for them. */
export const SLOW_TURN_CHECKS = 3
export const FAST_TRANSFER_BYTES = 1_048_576

/** How long a chain may not start late while a linked peer could still have its first messages. */
export const UNROOTED_PATIENCE_MS = 10_000

/**
 * The first wait before a partner that lacks a missing prefix is asked for it again; it doubles each time.
 */
export const BACKFILL_BACKOFF_MS = 10_000
export const BACKFILL_BACKOFF_MAX_MS = 3_600_000

/**
 * The first and the longest wait before a partner is asked again for a chain that it offered and didn't send
 * twice in a row; it doubles each time.
 */
export const UNFULFILLED_BACKOFF_MS = 5_000
export const UNFULFILLED_BACKOFF_MAX_MS = 600_000
/**
 * How many unfulfilled offers are remembered, and how many sessions in a row with some are no offence yet.
 */
export const UNFULFILLED_COUNT = 4_096
export const UNFULFILLED_FORGIVEN = 2

/** Penalty points for a sync session in which a partner did what no honest one does. */
export const PENALTY_SESSION = 25

/** The shortest time between two requests for the newest messages first. */
export const TAIL_GAP_MS = 30_000

/** Transfers of more messages than the first are reported, at most once in the second. */
export const PROGRESS_COUNT = 1_000
export const PROGRESS_GAP_MS = 1_000

/** Members remembered, present or gone. */
export const MEMBER_COUNT = 1_024

/** The first acknowledgement waits this long for more messages; further ones are paced by the room's size. */
export const ACK_DELAY_MS = 50
/** Time between two beacons of a peer, per member here: all beacons together stay at 4 a second. */
export const BEACON_GAP_PER_MEMBER_MS = 250
/** Time between idle beacons; in large rooms, one second per member. */
export const BEACON_IDLE_MS = 15_000
export const BEACON_IDLE_PER_MEMBER_MS = 1_000
/** A member without a link counts as lost after missing this many idle beacons. */
export const BEACONS_MISSED = 3

/** A beacon from gossip must be this fresh, so that replaying old ones makes nobody seem present. */
export const BEACON_FRESH_MS = 600_000

/**
 * How long anything that a peer sends to another may be on its way: opening a stream and reading a message take
 * 10 s each at most.
 */
export const OVERTAKEN_MS = 20_000

/**
 * History is shown in order: messages from syncs are held back until the syncs end, this many wait, or this
 * time has passed.
 */
export const SHOW_BATCH = 1_024
export const SHOW_PATIENCE_MS = 1_000
