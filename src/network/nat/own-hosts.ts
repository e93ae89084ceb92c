/**
 * This machine's own IP addresses.
 */
import { networkInterfaces } from 'node:os'

/** Sorted, loopback included, without link-local IPv6 ones, which mean nothing without their interface. */
export function ownHosts(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return all
    .map(({ address }) => address)
    .filter(address => !address.startsWith('fe80:'))
    .toSorted()
}
