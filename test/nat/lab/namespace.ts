/**
 * A network namespace: a machine's own interfaces, routes and firewall. Nothing outside of it is touched. Its name is
 * unique to this process; disposing of it removes it, and so does the end of this process. What else runs in it has to end before.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tool } from './tool.ts'

/** Names begin with the process they belong to, so that what a killed one left behind can be recognised. */
const FAMILY = 'parley-lab'

const living = new Set<string>()
const running = new Set<ChildProcess>()
let count = 0
let swept: Promise<void> | undefined

process.on('exit', () => {
  for (const daemon of running) daemon.kill('SIGKILL')
  for (const name of living) spawnSync('ip', ['netns', 'delete', name])
})

export class Namespace implements AsyncDisposable {
  readonly name: string
  readonly #daemons: ChildProcess[] = []
  #folder: string | undefined

  private constructor(name: string) {
    this.name = name
  }

  /** `title`: for people who look at a running laboratory. */
  static async open(title: string): Promise<Namespace> {
    swept ??= sweep()
    await swept
    const name = `${FAMILY}-${process.pid}-${++count}-${title}`
    living.add(name)
    await tool(['ip', 'netns', 'add', name])
    const namespace = new Namespace(name)
    await namespace.configure('link set lo up')
    await namespace.write('net/ipv6/conf/all/disable_ipv6', '1')
    return namespace
  }

  /** What to put before a command to run it inside. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name]
  }

  run(command: readonly string[], input?: string): Promise<string> {
    return tool([...this.prefix, ...command], input)
  }

  /** Starts something that runs until this is disposed of. */
  start(command: readonly string[]): void {
    const [file = '', ...args] = [...this.prefix, ...command]
    const daemon = spawn(file, args, { stdio: 'ignore' })
    this.#daemons.push(daemon)
    running.add(daemon)
    daemon.on('exit', () => running.delete(daemon))
  }

  /** A folder for the files of what runs inside. */
  async folder(): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), `${this.name}-`))
    return this.#folder
  }

  /** Commands of `ip`, one a line. */
  async configure(...lines: readonly string[]): Promise<void> {
    await tool(['ip', '-n', this.name, '-batch', '-'], lines.join('\n'))
  }

  /** Sets the kernel's parameter, for this namespace alone. */
  async write(parameter: string, value: string): Promise<void> {
    await this.run(['tee', `/proc/sys/${parameter}`], value)
  }

  /** Replaces the firewall's rules. */
  async filter(rules: string): Promise<void> {
    await this.run(['nft', '-f', '-'], `flush ruleset\n${rules}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#daemons.map(end))
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
    await removeNamespace(this.name)
    living.delete(this.name)
  }
}

/** All namespaces of one laboratory. */
export class Ground implements AsyncDisposable {
  readonly #namespaces: Namespace[] = []

  async namespace(title: string): Promise<Namespace> {
    const namespace = await Namespace.open(title)
    this.#namespaces.push(namespace)
    return namespace
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#namespaces.splice(0).map(namespace => namespace[Symbol.asyncDispose]()))
  }
}

/** Joins two namespaces by a cable of which each end has a name in its namespace. */
export async function joinByCable(
  left: readonly [Namespace, string],
  right: readonly [Namespace, string],
): Promise<void> {
  const [[from, near], [to, far]] = [left, right]
  await tool([
    'ip',
    '-n',
    from.name,
    'link',
    'add',
    near,
    'type',
    'veth',
    'peer',
    'name',
    far,
    'netns',
    to.name,
  ])
}

async function end(daemon: ChildProcess): Promise<void> {
  if (!running.has(daemon)) return
  const ended = once(daemon, 'exit')
  daemon.kill('SIGKILL')
  await ended
}

/** Removes the namespaces of processes that are no more, and ends what was left running in them. */
async function sweep(): Promise<void> {
  const names = (await tool(['ip', 'netns', 'list'])).matchAll(/^(?<name>parley-lab-(?<pid>\d+)-\S+)/gm)
  for (const { groups = {} } of names) {
    const { name = '', pid } = groups
    if (existsSync(`/proc/${pid}`)) continue
    const left = await tool(['ip', 'netns', 'pids', name]).catch(() => '')
    for (const one of left.split('\n').filter(Boolean)) spawnSync('kill', ['-KILL', one])
    await removeNamespace(name)
  }
}

async function removeNamespace(name: string): Promise<void> {
  // another run may sweep at the same time
  await tool(['ip', 'netns', 'delete', name]).catch((error: unknown) => {
    if (existsSync(`/run/netns/${name}`)) throw error
  })
  await rm(`/etc/netns/${name}`, { recursive: true, force: true })
}
