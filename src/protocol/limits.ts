/**
 * The protocol's limits: every peer must agree on them, so they are constants and not configuration. An
 * operator's own choices are in `config/`. Sizes are bytes, times are milliseconds. Each limit has its
 * reason; docs/protocol.md lists the same.
 */

/** UTF-8 bytes of one message's text: four screens; longer things are files. */
export const MAX_TEXT_BYTES = 8_192

/** UTF-8 bytes of a username: 32 graphemes fit, decomposed or not. */
export const MAX_NAME_BYTES = 128

/** UTF-8 bytes of a reaction: the longest emoji, a couple with two skin tones, has 35. */
export const MAX_EMOJI_BYTES = 64

/**
 * Of one author's reactions to one message, only the newest count: whoever changes their mind more often
 * plays.
 */
export const MAX_REACTIONS_PER_AUTHOR = 16

/** Authors whose reactions to one message count, those with the smallest keys: more than talk in any room. */
export const MAX_REACTING_AUTHORS = 1_024

/** Wire bytes of one message: the text, the name and at most 410 bytes of envelope. */
export const MAX_MESSAGE_BYTES = 9_216

/** Wire bytes of one beacon: 64 acknowledgements of 52 bytes and 8 addresses of 128 bytes fit. */
export const MAX_BEACON_BYTES = 6_144

/** Records in one gossip frame: more gains nothing measurable and costs latency at the receiver. */
export const MAX_FRAME_RECORDS = 64

/** Bytes of one gossip frame: the sender's buffer for a slow peer holds 60 of them. */
export const MAX_FRAME_BYTES = 65_536

/** Ids of other chains' heads that a message names, so that a receiver notices what it is missing. */
export const MAX_DEPS = 4

/** Nesting of arrays in anything decoded: the protocol itself needs 5. */
export const MAX_DEPTH = 16

/**
 * How far a message may be ahead of the receiver's clock before it is held back. Clocks are rarely off by
 * more.
 */
export const MAX_FUTURE_MS = 120_000

/** Messages kept for one place of a chain if its author signed several: the smallest ids. */
export const MAX_FORKS_PER_PLACE = 4

/** Chains of one room: an author starts a new one for each data folder. */
export const MAX_CHAINS = 10_000

/**
 * How many places of a chain are kept after its first fork. An honest author never forks; one that does is
 * cut off there, by everyone alike. That bounds the cost of its branches: 20 messages of the largest size,
 * which fit into one sync message together with the run before them.
 */
export const FORK_TAIL = 4

/** The most heads of a chain, from the two limits above. */
export const MAX_HEADS = MAX_FORKS_PER_PLACE * (FORK_TAIL + 1)

/** Acknowledgements and addresses in one beacon. */
export const MAX_BEACON_ACKS = 64
export const MAX_BEACON_ADDRESSES = 8
export const MAX_ADDRESS_BYTES = 128

/** Newest messages that a newcomer may request before all others: a few screens. */
export const MAX_TAIL = 64
