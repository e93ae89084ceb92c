/** Hosts and routers: machines of the laboratory, each a namespace. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from '../../support/process-stage.ts'
import type { Ip6, Network } from './ip6.ts'
import { settle6 } from './ip6.ts'
import type { Ground, Namespace } from './namespace.ts'
import { joinByCable } from './namespace.ts'
import type { Forward, NatKind } from './nat-rules.ts'
import { mapperSettings, mapsPorts, natRules } from './nat-rules.ts'

/** Of a home: the one that most routers come with, so that addresses of different homes collide, as they do. */
const HOME = '192.168.1'
/** Of a carrier that hasn't enough addresses: what RFC 6598 sets aside for that. */
const CARRIER = '100.64.0'
const PREFIX = 24
const GATEWAY = 1
const FIRST_HOST = 10

/** A machine that programs run on. */
export class Host implements Place {
  readonly name: string
  readonly namespace: Namespace
  /** All addresses: that of `eth0` may change. */
  readonly listen = '0.0.0.0'
  /** By IPv6; undefined where there is none. */
  readonly listen6: '::' | undefined
  readonly #gateway: string | undefined
  #address: string

  private constructor({ name, namespace, address, gateway, ip6 }: HostOptions) {
    this.name = name
    this.namespace = namespace
    this.#address = address
    this.#gateway = gateway
    this.listen6 = ip6 === 'on' ? '::' : undefined
  }

  /** `namespace` has an `eth0` that is plugged in. */
  static async open(options: HostOptions): Promise<Host> {
    const { namespace, address } = options
    const host = new Host(options)
    await namespace.configure(`addr add ${address}/${PREFIX} dev eth0`)
    await host.link('up')
    return host
  }

  get prefix(): readonly string[] {
    return this.namespace.prefix
  }

  get address(): string {
    return this.#address
  }

  /** Pulls the plug, as a cable or a radio that is switched off does; or puts it in again. */
  async link(state: 'up' | 'down'): Promise<void> {
    await this.namespace.configure(`link set eth0 ${state}`)
    if (state === 'up' && this.#gateway !== undefined)
      await this.namespace.configure(`route replace default via ${this.#gateway}`)
  }

  /** Gets another address, as whoever comes to another network does. */
  async move(address: string): Promise<void> {
    await this.namespace.configure(
      `addr del ${this.#address}/${PREFIX} dev eth0`,
      `addr add ${address}/${PREFIX} dev eth0`,
    )
    this.#address = address
    await this.link('up')
  }

  /** What this host's name service says; for programs started later, or again when it was called before. */
  async knows(names: Readonly<Record<string, string>>): Promise<void> {
    // `ip netns exec` puts the files of this folder in the place of those in /etc
    const folder = `/etc/netns/${this.namespace.name}`
    await mkdir(folder, { recursive: true })
    const lines = Object.entries({ localhost: '127.0.0.1', ...names }).map(([name, at]) => `${at} ${name}\n`)
    await writeFile(`${folder}/hosts`, lines.join(''))
  }
}

export interface HostOptions {
  readonly name: string
  readonly namespace: Namespace
  readonly address: string
  /** The router; none on the street. */
  readonly gateway?: string
  /** Whether it has IPv6, too. @default 'off' */
  readonly ip6?: 'on' | 'off'
}

/** A router and the network behind it. */
export class Router {
  readonly name: string
  readonly #kind: NatKind
  readonly namespace: Namespace
  readonly #ground: Ground
  readonly #net: string
  readonly #upstream: string | undefined
  readonly #forwards: Forward[] = []
  #address: string
  #hosts = 0
  #ip6: Ip6 | undefined
  #network6: Network | undefined

  private constructor(options: RouterOptions) {
    this.name = options.name
    this.namespace = options.namespace
    this.#ground = options.ground
    this.#kind = options.nat
    this.#net = options.serves === 'carrier' ? CARRIER : HOME
    this.#address = options.address
    this.#upstream = options.upstream
  }

  /** `namespace` has a `wan` that is plugged in. */
  static async open(options: RouterOptions): Promise<Router> {
    const router = new Router(options)
    await router.#start()
    return router
  }

  /** Its outer address. */
  get address(): string {
    return this.#address
  }

  /** A host behind this router. */
  async host(name: string): Promise<Host> {
    const namespace = await this.#ground.namespace(name)
    const address = await this.#plug(namespace, 'eth0')
    const ip6 = this.#network6 === undefined ? 'off' : 'on'
    const host = await Host.open({ name, namespace, address, gateway: this.#gateway, ip6 })
    if (this.#network6 !== undefined) {
      const [own, router] = [FIRST_HOST + this.#hosts, GATEWAY].map(number => `${this.#network6}${number}`)
      await settle6(namespace, 'eth0', own as string, router)
    }
    return host
  }

  /** A home's router behind this router. */
  async router(name: string, nat: NatKind): Promise<Router> {
    const namespace = await this.#ground.namespace(name)
    const address = await this.#plug(namespace, 'wan')
    const inner = { name, nat, namespace, address, ground: this.#ground } as const
    return await Router.open({ ...inner, serves: 'home', upstream: this.#gateway })
  }

  /** Has a network by IPv6 from now on, and routes to it. */
  async serve6(kind: Ip6, network: Network): Promise<void> {
    this.#ip6 = kind
    this.#network6 = network
    await settle6(this.namespace, 'lan', `${network}${GATEWAY}`)
    await this.namespace.write('net/ipv6/conf/all/forwarding', '1')
    await this.#loadRules()
  }

  async forward(forward: Forward): Promise<void> {
    this.#forwards.push(forward)
    await this.#loadRules()
  }

  /** Goes dark and forgets every mapping. */
  async powerOff(): Promise<void> {
    await this.namespace.configure('link set wan down', 'link set lan down')
    await this.namespace.run(['conntrack', '-F'])
  }

  /** Comes back, maybe with another address outside. */
  async powerOn(address = this.#address): Promise<void> {
    await this.namespace.configure(`addr flush dev wan`, `addr add ${address}/${PREFIX} dev wan`)
    this.#address = address
    await this.namespace.configure('link set lan up')
    await this.#wanUp()
    await this.#loadRules()
  }

  async #start(): Promise<void> {
    await this.namespace.configure(
      `addr add ${this.#address}/${PREFIX} dev wan`,
      'link add name lan type bridge mcast_snooping 0',
      `addr add ${this.#gateway}/${PREFIX} dev lan`,
      'link set lan up',
    )
    await this.namespace.write('net/ipv4/ip_forward', '1')
    await this.#wanUp()
    await this.#loadRules()
    if (mapsPorts(this.#kind)) await this.#startMapper()
  }

  async #startMapper(): Promise<void> {
    const folder = await this.namespace.folder()
    const [settings, pid] = [join(folder, 'settings'), join(folder, 'pid')]
    await writeFile(settings, mapperSettings(this.#kind, `${this.#gateway}/${PREFIX}`))
    this.namespace.start(['miniupnpd', '-d', '-f', settings, '-P', pid])
  }

  async #wanUp(): Promise<void> {
    await this.namespace.configure('link set wan up')
    if (this.#upstream !== undefined)
      await this.namespace.configure(`route replace default via ${this.#upstream}`)
  }

  async #loadRules(): Promise<void> {
    await this.namespace.filter(natRules(this.#kind, this.#forwards, this.#ip6))
  }

  /** Connects a namespace to the inside. Its address there. */
  async #plug(to: Namespace, device: string): Promise<string> {
    const number = this.#hosts++
    const port = `port-${number}`
    await joinByCable([this.namespace, port], [to, device])
    await this.namespace.configure(`link set ${port} master lan`, `link set ${port} up`)
    return `${this.#net}.${FIRST_HOST + number}`
  }

  get #gateway(): string {
    return `${this.#net}.${GATEWAY}`
  }
}

export interface RouterOptions {
  readonly name: string
  readonly nat: NatKind
  /** Whom it has behind it: hosts, or the routers of a carrier's customers. */
  readonly serves: 'home' | 'carrier'
  readonly namespace: Namespace
  /** Where what is behind it is built. */
  readonly ground: Ground
  /** Outside. */
  readonly address: string
  /** The router behind which it is; none on the street. */
  readonly upstream?: string
}
