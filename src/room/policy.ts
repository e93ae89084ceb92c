/**
 * What a room does for its own protection and pace: rates, quotas and waiting times. Unlike the limits of the
 * protocol, peers could choose these differently and still understand each other. Times are milliseconds.
 */

import type { RateConfig } from '../common/rate-limit.ts'
import { MAX_CHAINS } from '../protocol/limits.ts'

/** Frames that one link may bring, or signatures to check if they hold several. Over it they are ignored: the sync brings what they held. */
export const LINK_RATE: RateConfig = { perSecond: 50, burst: 200 }

/**
 * Frames of one link beyond which its peer is flooding. A relay between others may honestly bring more than
 * LINK_RATE, and isn't blamed for it; this is more than a dozen authors at their full pace. Over it: a strike.
 */
export const FLOOD_RATE: RateConfig = { perSecond: 500, burst: 2_000 }

/** Frames that one author may fill, over whichever links they come. */
export const AUTHOR_RATE: RateConfig = { perSecond: 50, burst: 200 }

/** Keys never seen before that may cost a signature check, all links together: a flood of fresh keys stops here. */
export const NEWCOMER_RATE: RateConfig = { perSecond: 5, burst: 64 }

/**
 * The same for what a sync brings, where the partner waits for us: everyone who ever wrote is new to a newcomer. So all
 * authors that a room can have may come at once, once; that is a second of checking.
 */
export const NEWCOMER_SYNC_RATE: RateConfig = { perSecond: 50, burst: MAX_CHAINS }

/** Frames this peer publishes: safely below what others accept from it. */
export const PUBLISH_RATE: RateConfig = { perSecond: 40, burst: 150 }

/** Strikes forgiven a second, and how many a link may run up before it is cut off. */
export const STRIKES: RateConfig = { perSecond: 1, burst: 100 }

/** Strikes for one frame of a flood, and for one that every honest peer would have rejected. */
export const STRIKE_FLOOD = 1
export const STRIKE_REJECTED = 10

/** Links and authors whose rates are remembered. */
export const RATE_KEYS = 4_096

/**
 * Under load frames are this far apart, so that they fill; a lone message leaves at once. The first when the pace is
 * fresh, the second, which is the pace itself, when its burst is used up.
 */
export const FRAME_GAP_MS = 5
export const FRAME_GAP_MAX_MS = 25

/** Bytes of one author that are kept: 250,000 ordinary messages. */
export const AUTHOR_QUOTA_BYTES = 64 * 1024 * 1024

/** Bytes of everyone together: four million ordinary messages. */
export const ROOM_QUOTA_BYTES = 1024 * 1024 * 1024

/** Chains of one author that are kept. An honest one begins another only for a copied data folder. */
export const AUTHOR_CHAINS = 256

/** Messages that wait for a predecessor, or for their time to come: count and bytes. */
export const WAITING_COUNT = 2_048
export const WAITING_BYTES = 4 * 1024 * 1024
export const FUTURE_COUNT = 256

/**
 * An own message comes after others' only as far as those are less than this ahead of the own clock: below MAX_FUTURE_MS
 * by what clocks differ and by the thousands that may be written in one moment, or nobody would take it in at once.
 */
export const FLOOR_AHEAD_MS = 110_000

/** How long a message may wait for its predecessor before it is kept and shown without. */
export const PUT_BY_MS = 1_000

/** Newest messages that somebody asks for first who misses more of them than that. */
export const TAIL_COUNT = 50

/** Messages that one step of pruning removes: some milliseconds. */
export const PRUNE_COUNT = 1_024

/** How long a gap may fill by itself (another link may be slower) before it is asked for. */
export const GAP_PATIENCE_MS = 150

/** Gaps remembered at once. */
export const GAP_COUNT = 512

/** Digests that differ once nothing has moved for the first are worth an exchange; no partner is asked more often than the second. */
export const QUIET_MS = 1_000
export const EXCHANGE_GAP_MS = 5_000
/** A partner with whom exchanges keep failing or change nothing is asked ever more rarely, but at least this often. */
export const EXCHANGE_RETRY_MAX_MS = 60_000
/** In a room that never rests, digests that differ are looked into after this long all the same. */
export const EXCHANGE_PATIENCE_MS = 30_000

/**
 * What an exchange must bring in the first to keep its chains to itself: anything, and while others offer the same so
 * many messages or bytes. A link of 6.6 kB/s manages that, and a slower one is worth less than asking somebody else.
 */
export const PACE_MS = 10_000
export const PACE_MESSAGES = 512
export const PACE_BYTES = 65_536

/**
 * While others wait for an exchange's chains it keeps them for so many times PACE_MS, unless it brings so much each
 * time; then it is their turn.
 */
export const TURN_PACES = 3
export const QUICK_BYTES = 1_048_576

/** How long a chain may not begin later than somebody linked could still have it. */
export const ROOT_PATIENCE_MS = 10_000

/** A partner that has nothing of what is missing before a chain isn't asked for it for the first, then twice as long each time. */
export const EARLIER_MS = 10_000
export const EARLIER_MAX_MS = 3_600_000

/**
 * A chain that a partner said to have and didn't send, twice in a row, isn't asked from it for the first, then twice as
 * long each time, up to the second.
 */
export const UNKEPT_MS = 5_000
export const UNKEPT_MAX_MS = 600_000
/** Such promises that are remembered, and exchanges in a row with some of them that are no offence yet. */
export const UNKEPT_COUNT = 4_096
export const UNKEPT_FORGIVEN = 2

/** Strikes for an exchange in which a partner did what no honest one does. */
export const STRIKE_EXCHANGE = 25

/** The newest messages aren't asked for first again sooner than this. */
export const TAIL_GAP_MS = 30_000

/** Fetches of more messages than this are told of, at most once in the second. */
export const PROGRESS_COUNT = 1_000
export const PROGRESS_GAP_MS = 1_000

/** People remembered, here or gone. */
export const PEOPLE_COUNT = 1_024

/** A first acknowledgement waits this long for more messages to come; further ones are paced by the room's size. */
export const ACK_DELAY_MS = 50
/** Between two beacons of a peer, for each person here: all beacons together then stay at 4 a second. */
export const BEACON_GAP_PER_PERSON_MS = 250
/** With nothing to say, a beacon still goes out this often, and for large rooms once a second per person. */
export const BEACON_IDLE_MS = 15_000
export const BEACON_IDLE_PER_PERSON_MS = 1_000
/** Someone not directly connected is lost after missing this many idle beacons. */
export const BEACONS_MISSED = 3

/** A beacon by gossip must be this fresh, so that nobody is made to seem here by replaying old ones. */
export const BEACON_FRESH_MS = 600_000

/** History is shown in order: what syncs bring is held back until they end, until this many wait, or for this long. */
export const SHOW_BATCH = 1_024
export const SHOW_PATIENCE_MS = 1_000
