/**
 * The laboratory: a street with public addresses and a wire that can delay, lose and cut; hosts on it, and routers
 * with hosts behind them. All of it lives in network namespaces of its own and is gone when disposed of, whatever
 * happened. It takes root, iproute2, nftables, conntrack and socat.
 */
import type { Ip6 } from './ip6.ts'
import { Street6 } from './ip6.ts'
import type { Namespace } from './namespace.ts'
import { Ground } from './namespace.ts'
import type { NatKind } from './nat-rules.ts'
import { Host, Router } from './place.ts'
import { Street } from './street.ts'
import type { Conditions } from './wire.ts'

/**
 * Of the street. Libp2p treats the ranges set aside for documentation as private. The public one looks public, and
 * nobody is there: it is amateur radio's range for tests. No packet of it leaves the namespaces anyway.
 */
const RANGES = { public: '44.128.0', private: '10.44.0' } as const

export interface LaboratoryOptions extends Partial<Conditions> {
  /** Addresses on the street: the Internet's, or those of one large office. @default 'public' */
  readonly range?: keyof typeof RANGES
}

const FIRST = 10

export class Laboratory implements AsyncDisposable {
  readonly street: Street
  readonly #ground: Ground
  readonly #range: string
  readonly #street6 = new Street6()
  #addresses = 0

  private constructor(ground: Ground, street: Street, range: string) {
    this.#ground = ground
    this.#range = range
    this.street = street
  }

  static async open({ range = 'public', ...conditions }: LaboratoryOptions = {}): Promise<Laboratory> {
    const ground = new Ground()
    const street = new Street(await ground.namespace('street'))
    const laboratory = new Laboratory(ground, street, RANGES[range])
    await laboratory.street.set(conditions)
    return laboratory
  }

  /** An address on the street that nobody has. */
  nextAddress(): string {
    return `${this.#range}.${FIRST + this.#addresses++}`
  }

  /** A host on the street. Its cable has its name. */
  async host(name: string, ip6: 'on' | 'off' = 'off'): Promise<Host> {
    const namespace = await this.#plugged(name, 'eth0')
    const host = await Host.open({ name, namespace, address: this.nextAddress(), ip6 })
    if (ip6 === 'on') await this.#street6.join(namespace, 'eth0')
    return host
  }

  /** A home behind a router. Its cable has its name. */
  async home(name: string, nat: NatKind, ip6?: Ip6): Promise<Router> {
    const router = await this.#router(name, nat, 'home')
    if (ip6 !== undefined) await router.serve6(ip6, await this.#street6.join(router.namespace, 'wan'))
    return router
  }

  /** A carrier that gives its customers' routers no public address. */
  carrier(name: string, nat: NatKind): Promise<Router> {
    return this.#router(name, nat, 'carrier')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.street[Symbol.asyncDispose]()
    await this.#ground[Symbol.asyncDispose]()
  }

  async #router(name: string, nat: NatKind, serves: 'home' | 'carrier'): Promise<Router> {
    const namespace = await this.#plugged(name, 'wan')
    const address = this.nextAddress()
    return await Router.open({ name, nat, serves, address, namespace, ground: this.#ground })
  }

  async #plugged(name: string, device: string): Promise<Namespace> {
    const namespace = await this.#ground.namespace(name)
    await this.street.plug(name, namespace, device)
    return namespace
  }
}
