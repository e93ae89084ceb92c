/** Where one of two people may sit: a public address, or one kind of router or another. */
import type { Laboratory } from '../lab/laboratory.ts'
import type { NatKind } from '../lab/nat-rules.ts'
import { NAT_TITLES } from '../lab/nat-rules.ts'
import type { Host } from '../lab/place.ts'

export type Side = 'public' | 'carrier' | 'symmetric-ip6' | 'symmetric-ip6-open' | NatKind

/** What the user of the side `mapped` has told the router to forward. */
export const FORWARDED_PORT = 4_001

export function titleOf(side: Side): string {
  if (side === 'public') return 'public address'
  if (side === 'carrier') return "NAT behind a carrier's NAT"
  if (side === 'symmetric-ip6') return 'symmetric NAT, IPv6 behind a firewall'
  if (side === 'symmetric-ip6-open') return 'symmetric NAT, IPv6 without a firewall'
  return NAT_TITLES[side]
}

/** A host there, on the laboratory's street. `name` is unique. */
export async function settle(laboratory: Laboratory, side: Side, name: string): Promise<Host> {
  if (side === 'public') return await laboratory.host(name)
  if (side === 'carrier') {
    const carrier = await laboratory.carrier(`${name}-isp`, 'drop')
    return await (await carrier.router(`${name}-nat`, 'drop')).host(name)
  }
  const home = await homeOf(laboratory, side, `${name}-nat`)
  const host = await home.host(name)
  if (side === 'mapped') await home.forward({ port: FORWARDED_PORT, to: host.address })
  return host
}

function homeOf(laboratory: Laboratory, side: Exclude<Side, 'public' | 'carrier'>, name: string) {
  if (side === 'symmetric-ip6') return laboratory.home(name, 'symmetric', 'firewall')
  if (side === 'symmetric-ip6-open') return laboratory.home(name, 'symmetric', 'open')
  return laboratory.home(name, side)
}
