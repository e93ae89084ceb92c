/**
 * A helper and five members of a room in the laboratory, who all talk all the time, so that whatever breaks breaks in
 * the middle of something. At the end everyone leaves, and the logs are compared.
 */

import { expectSameLogs } from '../support/kept-log.ts'
import type { Helper } from '../support/process-stage.ts'
import { Stage } from '../support/process-stage.ts'
import { Diary } from './diary.ts'
import { Laboratory } from './lab/laboratory.ts'
import type { Host, Router } from './lab/place.ts'
import { Member, PATIENCE_MS } from './member.ts'

/** All in one network of private addresses, or on the Internet and most of them behind routers. */
export type Setting = 'office' | 'homes'

export interface CrowdOptions {
  readonly setting: Setting
  /** Additional environment of one member's program. */
  readonly env?: (name: string, stage: Stage) => Readonly<Record<string, string>> | undefined
}

const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve'] as const
export type MemberName = (typeof NAMES)[number]
/** Of the wire, one way: a country's width. */
const DELAY_MS = 10
const HELPER_PORT = 12_345
/** The helper's name, as on the Internet, where an address may change. */
const HELPER_NAME = 'helper.example'

export class Crowd implements AsyncDisposable {
  readonly laboratory: Laboratory
  readonly stage: Stage
  readonly diary = new Diary()
  readonly members: Member[] = []
  /** Of the setting `homes`. */
  readonly routers: Router[] = []
  readonly helperHost: Host
  #helper: Helper | undefined

  private constructor(laboratory: Laboratory, stage: Stage, helperHost: Host) {
    this.laboratory = laboratory
    this.stage = stage
    this.helperHost = helperHost
  }

  /** Builds everything and starts the helper, and nobody else. */
  static async open(options: CrowdOptions): Promise<Crowd> {
    await using stack = new AsyncDisposableStack()
    const range = options.setting === 'office' ? 'private' : 'public'
    const laboratory = stack.use(await Laboratory.open({ delayMs: DELAY_MS, range }))
    const stage = stack.use(await Stage.open())
    const crowd = new Crowd(laboratory, stage, await laboratory.host('helper'))
    await crowd.startHelper()
    const hosts = options.setting === 'office' ? await crowd.#officeHosts() : await crowd.#homeHosts()
    for (const [at, name] of NAMES.entries()) await crowd.#settle(name, hosts[at] as Host, options)
    stack.move()
    return crowd
  }

  /** Starts these; resolves when each was told of every other one. */
  async gather(people: readonly Member[] = this.members): Promise<void> {
    await Promise.all(people.map(member => member.start()))
    for (const { name, program } of people)
      for (const other of people)
        if (other.name !== name) await program.next({ type: 'joined', name: other.name })
  }

  member(name: MemberName): Member {
    const member = this.members.find(one => one.name === name)
    if (member === undefined) throw new Error(`nobody is called ${name}`)
    return member
  }

  others(...names: readonly string[]): readonly Member[] {
    return this.members.filter(({ name }) => !names.includes(name))
  }

  async startHelper(): Promise<void> {
    this.#helper = await this.stage.helper({
      place: this.helperHost,
      port: HELPER_PORT,
      data: 'helper',
      host: HELPER_NAME,
    })
  }

  async killHelper(): Promise<void> {
    this.#helper?.program.signal('SIGKILL')
    await this.#helper?.program.end()
  }

  /** The helper's machine gets another address, and its name points there. */
  async moveHelper(): Promise<void> {
    await this.helperHost.move(this.laboratory.nextAddress())
    await Promise.all(this.members.map(({ host }) => this.#tellName(host)))
  }

  /**
   * Resolves when each of these was shown something by each other one that was said after `markMs`: with how long
   * after it the last of them was.
   */
  async recovered(markMs: number, among: readonly Member[] = this.members): Promise<number> {
    const pairs = among.flatMap(by => among.filter(of => of !== by).map(of => [by.name, of.name] as const))
    const missing = new Set(pairs.map(([by, of]) => `${by} hears ${of}`))
    let seen = 0
    const look = (): number | undefined => {
      for (; seen < this.diary.entries.length; seen++) {
        const { by, event, atMs } = this.diary.entries[seen] as Diary['entries'][number]
        if (event.type !== 'message' || event.own || this.diary.saidMs(event.text) < markMs) continue
        missing.delete(`${by} hears ${event.name}`)
        if (missing.size === 0) return atMs - markMs
      }
      return undefined
    }
    const what = (): string => `recovery; still: ${[...missing].join(', ')}`
    return await this.diary.until(look, what, PATIENCE_MS)
  }

  /** Resolves when everyone is connected to a helper after `markMs`: with how long after it the last of them was. */
  async helperBack(markMs: number): Promise<number> {
    const look = (): number | undefined => {
      const back = this.members.map(({ name }) => {
        const entries = this.diary.since('helper', markMs).filter(({ by }) => by === name)
        return entries.find(({ event }) => event.state === 'connected')?.atMs
      })
      return back.every(atMs => atMs !== undefined) ? Math.max(...back) - markMs : undefined
    }
    return await this.diary.until(look, () => 'return of all to the helper', PATIENCE_MS)
  }

  /** Everyone says a last word, hears of its arrival everywhere, and leaves; how many messages each then has, the same. */
  async end(chains = this.members.length): Promise<number> {
    for (const member of this.members) member.hush()
    const heirs = this.members.length - 1
    await Promise.all(this.members.map(member => member.bequeath(heirs)))
    await Promise.all(this.members.map(member => member.leave()))
    return await expectSameLogs(this.stage, this.members, chains)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.members) member.hush()
    await this.stage[Symbol.asyncDispose]()
    await this.laboratory[Symbol.asyncDispose]()
  }

  async #settle(name: string, host: Host, { env }: CrowdOptions): Promise<void> {
    await this.#tellName(host)
    const helpers = this.#helper === undefined ? [] : [this.#helper]
    const { stage, diary } = this
    const own = env?.(name, stage)
    const options = { name, host, stage, diary, helpers }
    this.members.push(new Member(own === undefined ? options : { ...options, env: own }))
  }

  #tellName(host: Host): Promise<void> {
    return host.knows({ [HELPER_NAME]: this.helperHost.address })
  }

  async #officeHosts(): Promise<Host[]> {
    const hosts: Host[] = []
    for (const name of NAMES) hosts.push(await this.laboratory.host(name))
    return hosts
  }

  /** Ann is on the street, ben and cat share a home, dan and eve have one each. */
  async #homeHosts(): Promise<Host[]> {
    const ann = await this.laboratory.host('ann')
    const north = await this.laboratory.home('north', 'drop')
    const south = await this.laboratory.home('south', 'drop')
    const west = await this.laboratory.home('west', 'reject')
    this.routers.push(north, south, west)
    return [
      ann,
      await north.host('ben'),
      await north.host('cat'),
      await south.host('dan'),
      await west.host('eve'),
    ]
  }
}
