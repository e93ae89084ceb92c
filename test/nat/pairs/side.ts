/** Where one of two people may sit: a public address, or one kind of router or another. */
import type { Laboratory } from '../lab/laboratory.ts'
import type { NatKind } from '../lab/nat-rules.ts'
import { NAT_TITLES } from '../lab/nat-rules.ts'
import type { Host } from '../lab/place.ts'

export type Side = 'public' | 'carrier' | NatKind

/** What the user of the side `mapped` has told the router to forward. */
export const FORWARDED_PORT = 4_001

export function titleOf(side: Side): string {
  if (side === 'public') return 'public address'
  if (side === 'carrier') return "NAT behind a carrier's NAT"
  return NAT_TITLES[side]
}

/** A host there, on the laboratory's street. `name` is unique. */
export async function settle(laboratory: Laboratory, side: Side, name: string): Promise<Host> {
  if (side === 'public') return await laboratory.host(name)
  if (side === 'carrier') {
    const carrier = await laboratory.carrier(`${name}-isp`, 'drop')
    return await (await carrier.router(`${name}-nat`, 'drop')).host(name)
  }
  const home = await laboratory.home(`${name}-nat`, side)
  const host = await home.host(name)
  if (side === 'mapped') await home.forward({ port: FORWARDED_PORT, to: host.address })
  return host
}
