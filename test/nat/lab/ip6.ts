/**
 * IPv6 in the laboratory, for those who have it: every home has a network of its own with addresses that are the same
 * inside and outside. Its router translates nothing, and lets in everybody (`open`), or only what was asked for
 * (`firewall`), as nearly all do.
 */
import type { Namespace } from './namespace.ts'

export type Ip6 = 'firewall' | 'open'

/** Looks public, and is given to nobody. No packet of it leaves the namespaces anyway. */
const RANGE = '2fff:44'
const PREFIX = 64

/** A network, without its length: addresses in it begin with this. */
export type Network = `${string}::`

/** What a router adds to its rules. */
export function ip6Rules(kind: Ip6): string {
  const uninvited = kind === 'open' ? 'accept' : 'drop'
  return `table ip6 filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    meta l4proto ipv6-icmp accept
    iifname "lan" accept
    iifname "wan" ${uninvited}
  }
}`
}

/** Gives a device an address of this network, and maybe a router to all others. It has to be up. */
export async function settle6(
  namespace: Namespace,
  device: string,
  address: string,
  router?: string,
): Promise<void> {
  await namespace.write('net/ipv6/conf/all/disable_ipv6', '0')
  await namespace.configure(`addr add ${address}/${PREFIX} dev ${device} nodad`)
  if (router !== undefined) await namespace.configure(`route add default via ${router}`)
}

/** Who is on the street by IPv6. They know the ways to each other's homes, as the Internet does. */
export class Street6 {
  readonly #residents: { readonly namespace: Namespace; readonly address: string; readonly home: Network }[] =
    []

  /** `device` is plugged in and up. The network of its home, whose router it is, if it is one. */
  async join(namespace: Namespace, device: string): Promise<Network> {
    const number = this.#residents.length + 1
    const [address, home]: [string, Network] = [`${RANGE}::${number}`, `${RANGE}:${number}::`]
    await settle6(namespace, device, address)
    for (const other of this.#residents) {
      await other.namespace.configure(`route add ${home}/${PREFIX} via ${address}`)
      await namespace.configure(`route add ${other.home}/${PREFIX} via ${other.address}`)
    }
    // where a machine asks for the way to the Internet, there is one
    await namespace.configure(`route add ::/0 dev ${device}`)
    this.#residents.push({ namespace, address, home })
    return home
  }
}
