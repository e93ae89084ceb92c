/** The link-local IPv6 address of a real interface of this machine, for tests that dial one. */
import { networkInterfaces } from 'node:os'

export interface LinkLocal {
  readonly host: string
  readonly zone: string
}

/** An own link-local address with its interface; undefined on a machine that has none. */
export function linkLocal(): LinkLocal | undefined {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const own = addresses?.find(({ address, internal }) => address.startsWith('fe80:') && !internal)
    if (own?.family !== 'IPv6') continue
    return { host: own.address, zone: process.platform === 'win32' ? String(own.scopeid) : name }
  }
  return undefined
}
