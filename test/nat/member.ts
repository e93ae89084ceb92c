/**
 * A member of the room who talks all the time, through as many lives of its program as the story takes. What its
 * program acknowledged is remembered: it must never be lost.
 */

import type { JsonProgram } from '../support/process-peer.ts'
import type { Helper, Stage } from '../support/process-stage.ts'
import type { Diary } from './diary.ts'
import type { Host } from './lab/place.ts'

/** All five together: 20 messages a second. */
const PACE_MS = 250
/** The longest that is waited for one event of a program: longer than the longest fault. */
export const PATIENCE_MS = 45_000

export interface MemberOptions {
  readonly name: string
  readonly host: Host
  readonly stage: Stage
  readonly diary: Diary
  readonly helpers: readonly Helper[]
  readonly env?: Readonly<Record<string, string>>
  /** To listen on. @default a free one */
  readonly port?: number
  /** Whether to look for others, and for a router that maps ports, on the local network. @default 'off' */
  readonly lan?: 'on' | 'off'
}

export class Member {
  readonly name: string
  readonly host: Host
  readonly acknowledged = new Map<string, string>()
  readonly #options: MemberOptions
  #program: JsonProgram | undefined
  /** Whether its program is to end. */
  #isAsked = false
  #timer: NodeJS.Timeout | undefined
  /** All that was said so far. */
  readonly texts: string[] = []

  constructor(options: MemberOptions) {
    this.name = options.name
    this.host = options.host
    this.#options = options
  }

  /** Begins a life. */
  async start(helpers = this.#options.helpers): Promise<void> {
    const { stage, diary, host, env = {}, port = 0, lan = 'off' } = this.#options
    const options = { data: this.name, place: host, helpers, patienceMs: PATIENCE_MS, env, port, lan }
    const program = await stage.startPeer(this.name, options)
    diary.watch(this.name, program)
    this.#program = program
    this.#isAsked = false
    const onEnd = (): void => {
      if (!this.#isAsked) diary.died(program.describe())
    }
    program.lines.follow({ onItem: () => {}, onEnd })
    await program.next({ type: 'ready' })
  }

  get program(): JsonProgram {
    if (this.#program === undefined) throw new Error(`${this.name} was never started`)
    return this.#program
  }

  /** Says something new. Its text, which says whose and which it is. */
  say(): string {
    const text = `${this.name} says ${this.texts.length}`
    this.texts.push(text)
    this.#options.diary.said(text)
    this.program.say(text)
    return text
  }

  /** Talks until told to be silent, whether its program listens or not. */
  talk(paceMs = PACE_MS): void {
    this.#timer = setInterval(() => this.say(), paceMs)
  }

  hush(): void {
    clearInterval(this.#timer)
  }

  /** Ends this life without a word. */
  async kill(): Promise<void> {
    this.hush()
    this.#isAsked = true
    this.program.signal('SIGKILL')
    await this.program.end()
    this.#remember()
  }

  /** Says a last word; whoever acknowledges it holds everything that this member wrote. */
  async bequeath(heirs: number): Promise<void> {
    const { id } = await this.program.next({ type: 'sent', text: this.say() })
    await this.program.next({ type: 'delivered', id, count: heirs })
  }

  async leave(): Promise<void> {
    this.#isAsked = true
    this.program.command('/quit')
    await this.program.exits(0)
    this.#remember()
  }

  #remember(): void {
    for (const { id, text } of this.program.all({ type: 'sent' })) this.acknowledged.set(id, text)
  }
}
