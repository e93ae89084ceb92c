/**
 * What is known of a member's addresses, put together from what was said at different times. Pure.
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { isHostAlone, isRelayed, withoutPeer } from '../../protocol/multiaddr.ts'

/** Addresses kept of one member. */
export const MAX_ADDRESSES = 8

/**
 * The newer addresses first, each once. Whoever says from where it is seen, or by which relay it is reached, says
 * everything: what was known before is out of date then.
 */
export function merged(newer: readonly Multiaddr[], older: readonly Multiaddr[]): readonly Multiaddr[] {
  const isWhole = newer.some(address => isHostAlone(address) || isRelayed(address))
  const all = isWhole ? newer : [...newer, ...older]
  const unique = new Map(all.map(address => [withoutPeer(address).toString(), address]))
  return [...unique.values()].slice(0, MAX_ADDRESSES)
}
