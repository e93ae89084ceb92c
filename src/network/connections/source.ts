/**
 * Where a connection comes from, in the granularity that limits against strangers are meant for: one IPv4
 * address, or one IPv6 /64, which is the least that anyone gets and too many addresses to count one by one.
 */
import type { Multiaddr } from '@multiformats/multiaddr'

/** The codes that a multiaddr in bytes begins with: https://github.com/multiformats/multicodec */
const IP4 = 0x04
const IP6 = 0x29

/** ::ffff:0:0/96, an IPv4 peer at a socket that takes both. */
const MAPPED_IPV4 = '00000000000000000000ffff'

/** A short key, equal for equal sources. All that has no IP address is one source. */
export function sourceOf(address: Multiaddr): string {
  const [code, ...rest] = address.bytes.subarray(0, 17)
  const ip = Buffer.from(rest).toString('hex')
  if (code === IP4) return `ip4-${ip.slice(0, 8)}`
  if (code !== IP6) return 'other'
  return ip.startsWith(MAPPED_IPV4) ? `ip4-${ip.slice(24)}` : `ip6-${ip.slice(0, 16)}`
}
