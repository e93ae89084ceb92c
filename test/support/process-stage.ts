/**
 * Where an end-to-end test plays: a temporary folder, a room that no other test speaks in, and the processes started
 * for it. Disposing of it kills whatever still runs and removes the folder.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProgramOptions } from './process.ts'
import { END_WITH_PARENT, Program } from './process.ts'
import { JsonProgram } from './process-peer.ts'
import { type TerminalOptions, TerminalProgram } from './terminal.ts'

/** Where programs run. */
export interface Place {
  /** A command that runs the one that follows it there. */
  readonly prefix: readonly string[]
  /** By which others there reach it. */
  readonly address: string
  /** On which programs listen. */
  readonly listen: string
  /** And by IPv6, where there is any. */
  readonly listen6?: string | undefined
}

/** This machine, for itself alone. */
const LOOPBACK: Place = { prefix: [], address: '127.0.0.1', listen: '127.0.0.1' }

export interface HelperOptions {
  /** @default the loopback */
  readonly place?: Place
  /** What peers call it. @default its place's address */
  readonly host?: string
  /** The name of its data folder. @default a new one */
  readonly data?: string
  /** @default a free one */
  readonly port?: number
  /** Settings of a configuration file of its own. */
  readonly config?: Readonly<Record<string, unknown>>
}

export interface PeerOptions extends Pick<ProgramOptions, 'env' | 'patienceMs'> {
  /** @default the loopback */
  readonly place?: Place
  /** @default a free one */
  readonly port?: number
  readonly helpers?: readonly Helper[]
  /** @default the stage's room */
  readonly room?: string
  /** The name of its data folder. @default a new one */
  readonly data?: string
  /** @default 'off': tests meet nobody else */
  readonly lan?: 'on' | 'off'
  readonly args?: readonly string[]
  readonly input?: string
  /** Settings of a configuration file of its own. */
  readonly config?: Readonly<Record<string, unknown>>
}

export type ScreenOptions = Omit<TerminalOptions, 'args' | 'home'>

/** A helper that answers, or did once. */
export interface Helper {
  readonly port: number
  /** What peers call it. */
  readonly host: string
  readonly program: JsonProgram
}

export class Stage implements AsyncDisposable {
  readonly folder: string
  /** A name that nobody else uses. */
  readonly room = `room-${randomUUID().slice(0, 8)}`
  readonly #programs: Program[] = []
  readonly #terminals: TerminalProgram[] = []
  #count = 0

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(): Promise<Stage> {
    return new Stage(await mkdtemp(join(tmpdir(), 'parley-e2e-')))
  }

  /** Starts a helper; resolves when it listens. */
  async helper({ data, port = 0, place = LOOPBACK, host, config }: HelperOptions = {}): Promise<Helper> {
    const folder = this.path(data ?? this.#newName('helper'))
    const own = await this.#configArgs(config)
    const args = ['helper', '--json', ...listenArgs(place, port), '--data', folder, ...own]
    const nodeArgs = ['--import', END_WITH_PARENT]
    const { prefix } = place
    const program = this.#add(new JsonProgram({ title: 'helper', args, home: this.folder, nodeArgs, prefix }))
    const { addresses } = await program.next({ type: 'ready' })
    return { port: portOf(addresses), host: host ?? place.address, program }
  }

  /** Starts a peer; resolves when it listens. */
  async peer(name: string, options: PeerOptions = {}): Promise<JsonProgram> {
    const program = await this.startPeer(name, options)
    await program.next({ type: 'ready' })
    return program
  }

  /** Starts a peer. */
  async startPeer(name: string, options: PeerOptions = {}): Promise<JsonProgram> {
    return this.#add(new JsonProgram({ ...(await this.#peerProgram(name, options)), title: `peer ${name}` }))
  }

  /** Starts a peer in line mode. */
  async plainPeer(name: string, options: PeerOptions = {}): Promise<Program> {
    const { args, ...rest } = await this.#peerProgram(name, options)
    const plain = args.map(arg => (arg === '--json' ? '--plain' : arg))
    const program = this.#add(new Program({ ...rest, args: plain, title: `plain peer ${name}` }))
    await program.lines.find(line => line.includes('you are'), 'line that says who I am')
    return program
  }

  /** Starts a peer with the full screen; resolves when it is in its room. */
  async screenPeer(name: string, options: PeerOptions & ScreenOptions = {}): Promise<TerminalProgram> {
    const { args } = await this.#peerProgram(name, options)
    const terminal = this.terminal(
      args.filter(arg => arg !== '--json'),
      options,
    )
    await terminal.shows(`you are ${name}`)
    return terminal
  }

  /** Starts the program on a terminal, with any arguments. */
  terminal(args: readonly string[], options: ScreenOptions = {}): TerminalProgram {
    const terminal = new TerminalProgram({ ...options, args, home: this.folder })
    this.#terminals.push(terminal)
    return terminal
  }

  /** Starts the program with any arguments. */
  run(args: readonly string[], options: Partial<ProgramOptions> = {}): Program {
    return this.#add(new Program({ title: `parley ${args.join(' ')}`, args, home: this.folder, ...options }))
  }

  /** A path in the stage's own folder. */
  path(name: string): string {
    return join(this.folder, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const started = [...this.#programs, ...this.#terminals]
    await Promise.all(started.map(program => program[Symbol.asyncDispose]()))
    await rm(this.folder, { recursive: true, force: true })
  }

  #add<P extends Program>(program: P): P {
    this.#programs.push(program)
    return program
  }

  #newName(prefix: string): string {
    this.#count++
    return `${prefix}-${this.#count}`
  }

  async #peerProgram(name: string, options: PeerOptions): Promise<Omit<ProgramOptions, 'title'>> {
    const { helpers = [], room = this.room, args = [], place = LOOPBACK, port = 0, lan } = options
    const config = await this.#configArgs(options.config)
    const helperArgs = helpers.flatMap(({ host, port }) => ['--helper', `${host}:${port}`])
    const folder = this.path(options.data ?? this.#newName('peer'))
    const own = ['--json', '--name', name, ...listenArgs(place, port), '--data', folder]
    const lanArgs = lan === 'on' ? [] : ['--no-lan']
    return {
      args: ['join', room, ...own, ...lanArgs, ...helperArgs, ...config, ...args],
      home: this.folder,
      env: options.env ?? {},
      prefix: place.prefix,
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
    }
  }

  async #configArgs(settings: Readonly<Record<string, unknown>> | undefined): Promise<readonly string[]> {
    if (settings === undefined) return []
    const path = this.path(`${this.#newName('config')}.json`)
    await writeFile(path, JSON.stringify(settings))
    return ['--config', path]
  }
}

function listenArgs({ listen, listen6 }: Place, port: number): readonly string[] {
  const ip6 = listen6 === undefined ? [] : ['--listen', `/ip6/${listen6}/tcp/${port}`]
  return ['--listen', `/ip4/${listen}/tcp/${port}`, ...ip6]
}

/** The port of the first of these multiaddrs. */
export function portOf(addresses: readonly string[]): number {
  const port = /\/tcp\/(?<port>\d+)/.exec(addresses[0] ?? '')?.groups?.['port']
  if (port === undefined) throw new Error(`no port in ${addresses.join()}`)
  return Number(port)
}
