/**
 * In which order to try a member's addresses: between two peers behind one router their local ones first, otherwise
 * public ones, and a relay last; and which not to try at all, because they mean something else from here. Pure.
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { hostAlone, hostOf, isHostAlone, isLocal, isRelayed } from '../../protocol/multiaddr.ts'

export interface Routes {
  readonly direct: readonly Multiaddr[]
  readonly relayed: readonly Multiaddr[]
}

/** `homes`: the hosts from which helpers see this peer; none if no helper told. */
export function routesTo(addresses: readonly Multiaddr[], homes: readonly string[]): Routes {
  const theirs = addresses.filter(isHostAlone).flatMap(address => hostOf(address) ?? [])
  const dialable = addresses.filter(address => !isHostAlone(address) && !isRelayed(address))
  const near = dialable.filter(isLocal)
  const far = dialable.filter(address => !isLocal(address))
  const relayed = addresses.filter(isRelayed)
  switch (nearness(theirs, homes)) {
    case 'same-home':
      return { direct: [...near, ...far], relayed }
    case 'maybe':
      return { direct: [...far, ...near], relayed }
    case 'elsewhere':
      return { direct: far, relayed }
  }
}

/**
 * Two that are seen from local addresses share the helper's network, at least. Without a word from a helper about
 * either of them anything is possible.
 */
function nearness(theirs: readonly string[], homes: readonly string[]): 'same-home' | 'maybe' | 'elsewhere' {
  if (theirs.length === 0 || homes.length === 0) return 'maybe'
  if (theirs.some(home => homes.includes(home))) return 'same-home'
  const areLocal = [theirs, homes].every(hosts => hosts.some(host => isLocal(hostAlone(host))))
  return areLocal ? 'maybe' : 'elsewhere'
}
