/**
 * The address that this machine's connections to the internet come from. A machine often has several by IPv6, and those
 * that are made for privacy change; the system says which one it takes when a UDP socket is connected, which sends nothing.
 */
import { createSocket } from 'node:dgram'
import { hostAlone, isLocal } from '../../protocol/multiaddr.ts'

/** Any address that is neither here nor on this network: the first of those that are given out. */
const FAR_AWAY = '2000::1'
const DISCARD_PORT = 9

/** A public IPv6 address; undefined if there is no way to the internet by IPv6. */
export function routedHost6(): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = createSocket('udp6')
    const end = (host: string | undefined): void => {
      resolve(host)
      socket.close()
    }
    socket.once('error', () => end(undefined))
    socket.connect(DISCARD_PORT, FAR_AWAY, () => {
      const host = socket.address().address
      end(isLocal(hostAlone(host)) ? undefined : host)
    })
  })
}
