/**
 * The ping service of every node. libp2p sends a heartbeat over each connection at a fixed pace, whether or not the
 * one before was answered, and cuts the connection when one can't be sent; with the service's own limit of one at a
 * time, a pause of the other side longer than the pace, or a round trip measured meanwhile, would end a healthy link.
 */
import { ping } from '@libp2p/ping'

/** Of one connection, each way: the heartbeats within their timeout, and a measurement for each open room. */
const MAX_PINGS = 32

/** The service for `createLibp2p`. */
export const pingService = ping({ maxInboundStreams: MAX_PINGS, maxOutboundStreams: MAX_PINGS })
