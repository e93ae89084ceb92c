/** Every pair of places that the laboratory knows, and what must become of two people there. */
import type { Laboratory } from '../lab/laboratory.ts'
import type { Host } from '../lab/place.ts'
import type { Side } from './side.ts'
import { settle, titleOf } from './side.ts'

export interface Pair {
  readonly title: string
  /** The best path that the routers allow. */
  readonly path: 'direct' | 'relayed'
  readonly helperPort: number
  /** Port to listen on, where that is arranged with the router; any if undefined. */
  readonly sides: readonly [Side, Side]
  readonly build: (laboratory: Laboratory) => Promise<readonly [Host, Host]>
}

const HELPER_PORT = 12_345
/** Where nothing else gets out. */
const WEB_PORT = 443

function pair(left: Side, right: Side, path: Pair['path'], helperPort = HELPER_PORT): Pair {
  return {
    title: `${titleOf(left)} – ${titleOf(right)}`,
    path,
    helperPort,
    sides: [left, right],
    build: async laboratory => [
      await settle(laboratory, left, 'left'),
      await settle(laboratory, right, 'right'),
    ],
  }
}

const sameHome: Pair = {
  title: 'two hosts behind one NAT',
  path: 'direct',
  helperPort: HELPER_PORT,
  sides: ['drop', 'drop'],
  build: async laboratory => {
    const home = await laboratory.home('home', 'drop')
    return [await home.host('left'), await home.host('right')]
  },
}

export const PAIRS: readonly Pair[] = [
  pair('public', 'public', 'direct'),
  pair('public', 'drop', 'direct'),
  pair('public', 'symmetric', 'direct'),
  sameHome,
  pair('mapped', 'drop', 'direct'),
  pair('mapped', 'symmetric', 'direct'),
  pair('symmetric', 'mapped', 'direct'),
  pair('upnp', 'symmetric', 'direct'),
  pair('nat-pmp', 'symmetric', 'direct'),
  pair('open', 'open', 'direct'),
  pair('open', 'drop', 'direct'),
  pair('drop', 'drop', 'direct'),
  pair('reject', 'reject', 'direct'),
  pair('drop', 'reject', 'direct'),
  pair('carrier', 'drop', 'direct'),
  pair('carrier', 'carrier', 'direct'),
  pair('no-udp', 'no-udp', 'direct'),
  pair('symmetric-ip6', 'symmetric-ip6', 'direct'),
  pair('symmetric-ip6', 'symmetric-ip6-open', 'direct'),
  pair('drop', 'symmetric', 'relayed'),
  pair('reject', 'symmetric', 'relayed'),
  pair('symmetric', 'symmetric', 'relayed'),
  pair('only-443', 'drop', 'relayed', WEB_PORT),
  pair('only-443', 'only-443', 'relayed', WEB_PORT),
]
