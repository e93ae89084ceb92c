/** Two people meet in the laboratory: which path they get, after how long, and whether all they say arrives. */
import { setTimeout as pass } from 'node:timers/promises'
import { expectSameLogs } from '../../support/kept-log.ts'
import { Stage } from '../../support/process-stage.ts'
import { Diary } from '../diary.ts'
import { Laboratory } from '../lab/laboratory.ts'
import type { Host } from '../lab/place.ts'
import { Member } from '../member.ts'
import type { Pair } from './pairs.ts'
import type { Side } from './side.ts'
import { FORWARDED_PORT } from './side.ts'
import type { Weather } from './weather.ts'

export interface MeetingOptions extends Weather {
  readonly pair: Pair
}

/** In milliseconds from the start of the second one's program. */
export interface Met {
  /** Until each was shown something that the other one said. */
  readonly firstWordMs: number
  /** Until both were told of a path, of either kind. */
  readonly relayedMs: number | undefined
  readonly directMs: number | undefined
  /** What both have in the end; undefined if they don't agree. */
  readonly path: 'direct' | 'relayed' | undefined
}

/** Where the router maps ports for whoever asks: `--no-lan` forbids asking. */
const MAPPING: readonly Side[] = ['upnp', 'nat-pmp']
/** How long a pair that should become direct may take, and one that shouldn't is watched. */
const PATIENCE_DIRECT_MS = 30_000
const WATCH_MS = 6_000

export class Meeting implements AsyncDisposable {
  readonly laboratory: Laboratory
  readonly stage: Stage
  readonly diary = new Diary()
  readonly helperHost: Host
  readonly #pair: Pair
  #members: readonly Member[] = []
  #startMs = 0

  private constructor(laboratory: Laboratory, stage: Stage, helperHost: Host, pair: Pair) {
    this.laboratory = laboratory
    this.stage = stage
    this.helperHost = helperHost
    this.#pair = pair
  }

  static async open({ pair, ...conditions }: MeetingOptions): Promise<Meeting> {
    await using stack = new AsyncDisposableStack()
    const laboratory = stack.use(await Laboratory.open(conditions))
    const stage = stack.use(await Stage.open())
    const meeting = new Meeting(laboratory, stage, await laboratory.host('helper', 'on'), pair)
    await meeting.#build()
    stack.move()
    return meeting
  }

  get members(): readonly [Member, Member] {
    const [left, right] = this.#members
    if (left === undefined || right === undefined) throw new Error('the members are made when it is opened')
    return [left, right]
  }

  /**
   * Starts one, and then the other; resolves when each was shown what the other one says first. `begin` is called with
   * each of them once it is started.
   */
  async meet(begin: (member: Member) => void = () => {}): Promise<void> {
    const [left, right] = this.members
    await left.start()
    await left.program.next({ type: 'helper', state: 'connected' })
    const first = left.say()
    begin(left)
    this.#startMs = performance.now()
    await right.start()
    begin(right)
    await Promise.all([left.program.heard([right.say()]), right.program.heard([first])])
  }

  /** Resolves when both have the path that the routers allow, or it has taken too long. */
  async settle(): Promise<void> {
    // a path that mustn't come is watched for, since nothing says that it won't
    if (this.#pair.path !== 'direct') return await pass(WATCH_MS)
    const isDirect = () => (this.path === 'direct' ? true : undefined)
    await this.diary.until(isDirect, () => 'direct path', PATIENCE_DIRECT_MS).catch(() => {})
  }

  /** What both say now. */
  get path(): Met['path'] {
    const [left, right] = this.members.map(({ name }) => this.#pathsOf(name).at(-1)?.event.path)
    return left === right ? left : undefined
  }

  get met(): Met {
    const firstWords = this.members.map(({ name }) => {
      return this.diary.since('message', 0).find(({ by, event }) => by === name && !event.own)?.atMs
    })
    return {
      firstWordMs: this.#sinceStart(firstWords) ?? Number.NaN,
      relayedMs: this.#firstMs('relayed'),
      directMs: this.#firstMs('direct'),
      path: this.path,
    }
  }

  /** Both say a last word and leave; how many messages each has then, the same. */
  async end(): Promise<number> {
    for (const member of this.members) member.hush()
    await Promise.all(this.members.map(member => member.bequeath(1)))
    await Promise.all(this.members.map(member => member.leave()))
    return await expectSameLogs(this.stage, this.members)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.#members) member.hush()
    await this.stage[Symbol.asyncDispose]()
    await this.laboratory[Symbol.asyncDispose]()
  }

  async #build(): Promise<void> {
    const { helperPort, sides } = this.#pair
    const { stage, diary } = this
    const hosts = await this.#pair.build(this.laboratory)
    const helpers = [await stage.helper({ place: this.helperHost, port: helperPort })]
    this.#members = hosts.map((host, at) => {
      const port = sides[at] === 'mapped' ? FORWARDED_PORT : 0
      const lan = MAPPING.includes(sides[at] ?? 'public') ? 'on' : 'off'
      return new Member({ name: host.name, host, stage, diary, helpers, port, lan })
    })
  }

  #firstMs(path: 'direct' | 'relayed'): number | undefined {
    return this.#sinceStart(
      this.members.map(({ name }) => this.#pathsOf(name).find(({ event }) => event.path === path)?.atMs),
    )
  }

  /** The last of these, from the start; undefined if one isn't there. */
  #sinceStart(times: readonly (number | undefined)[]): number | undefined {
    return times.every(atMs => atMs !== undefined) ? Math.max(...times) - this.#startMs : undefined
  }

  #pathsOf(name: string) {
    return this.diary.since('path', 0).filter(({ by }) => by === name)
  }
}

/** Has two people meet, talk and leave. */
export async function meetOnce(options: MeetingOptions): Promise<Met> {
  await using meeting = await Meeting.open(options)
  await meeting.meet()
  await meeting.settle()
  const { met } = meeting
  await meeting.end()
  return met
}
