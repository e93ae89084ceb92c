/**
 * From where this peer dials when two dial each other at the same moment, and where the other side has to dial then. By
 * IPv4 that is the port whose outside a helper has seen. By IPv6 nobody translates: any free port of the address that
 * leads to the internet does, whatever router there is by IPv4, and firewalls let in what answers.
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import type { IpKind } from '../../protocol/multiaddr.ts'
import { kindOf } from '../../protocol/multiaddr.ts'
import type { Role } from '../libp2p-internals.ts'
import type { Whereabouts } from './address-book.ts'
import { freeLocalPort } from './local-port.ts'
import { routedHost6 } from './routed-host.ts'
import { secondNameOf } from './second-view.ts'

/** What a dial leaves from; the system chooses what isn't given. */
export interface DialFrom {
  readonly localPort?: number
  readonly localAddress?: string
}

export interface Doors {
  /** Where the other side should dial. */
  readonly told: readonly Multiaddr[]
  /** From where its addresses are dialled; those of a kind that isn't here lead nowhere from this machine. */
  readonly from: Readonly<Partial<Record<IpKind, DialFrom>>>
}

/**
 * `relay`: the helper (peer id) in between. The responder is the server on whatever it dials, and so is whoever listens:
 * so only the initiator can use an address that is listened on, and only the responder tells some.
 */
export async function openDoors(whereabouts: Whereabouts, relay: string, role: Role): Promise<Doors> {
  const seen = [relay, secondNameOf(relay)].map(view => seenDoor(whereabouts, view))
  const own = whereabouts.listenPorts('ip6').length > 0 ? await ownDoor() : undefined
  // of a kind the last one counts: where nobody translates, that is the one that is sure to be used
  const all = [...seen, own].filter(door => door !== undefined)
  const doors = [...new Map(all.map(door => [door.kind, door])).values()]
  const listened = role === 'responder' ? whereabouts.confirmed : []
  return {
    told: [...listened, ...doors.map(({ outside }) => outside)],
    from: { ip4: {}, ...Object.fromEntries(doors.map(({ kind, from }) => [kind, from])) },
  }
}

interface Door {
  readonly kind: IpKind
  readonly outside: Multiaddr
  readonly from: DialFrom
}

/** Of a connection to a helper. */
function seenDoor(whereabouts: Whereabouts, view: string): Door | undefined {
  const { seen, localPort } = whereabouts.reportOf(view) ?? {}
  const kind = seen && kindOf(seen.observed)
  if (seen === undefined || kind === undefined) return undefined
  return { kind, outside: seen.observed, from: localPort === undefined ? {} : { localPort } }
}

async function ownDoor(): Promise<Door | undefined> {
  const [host, localPort] = await Promise.all([routedHost6(), freeLocalPort()])
  if (host === undefined || localPort === undefined) return undefined
  const outside = multiaddr(`/ip6/${host}/tcp/${localPort}`)
  return { kind: 'ip6', outside, from: { localPort, localAddress: host } }
}
