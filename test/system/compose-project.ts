/**
 * The compose project under test, driven as a user drives it: by the command line of one Compose version. Container
 * names differ between the versions, so a service's container is asked for, never guessed.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, vi } from 'vitest'
import { type RunOptions, run } from './run.ts'
import { typeInto } from './terminal.ts'

/** For whatever takes several programs and a network: it gets this long, and the test goes on as soon as it's done. */
export const POLL = { timeout: 60_000, interval: 250 }

/** A way to build and run the same files. */
export interface Flavour {
  readonly name: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export const FLAVOURS: readonly Flavour[] = [
  {
    name: 'compose1',
    command: ['docker-compose'],
    env: { DOCKER_BUILDKIT: '0', COMPOSE_DOCKER_CLI_BUILD: '0' },
  },
  { name: 'compose2', command: ['docker', 'compose'], env: { DOCKER_BUILDKIT: '1' } },
]

/** What the tests read of `docker inspect`. */
export interface ContainerFacts {
  readonly State: {
    readonly Status: string
    readonly ExitCode: number
    readonly Health?: { readonly Status: string }
  }
  readonly Config: { readonly User: string }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> }
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean
    readonly CapDrop: readonly string[] | null
    readonly CapAdd: readonly string[] | null
    readonly SecurityOpt: readonly string[] | null
    readonly Privileged: boolean
    readonly PidsLimit: number | null
    readonly Memory: number
    readonly Init: boolean | null
    readonly PortBindings: Readonly<Record<string, unknown>> | null
  }
}

export type GuestProcess = ChildProcessByStdio<Writable, Readable, Readable>

const ROOT = join(import.meta.dirname, '../..')

export class ComposeProject {
  readonly #compose: readonly string[]
  readonly #options: RunOptions & { readonly cwd: string }
  readonly #containers = new Map<string, string>()

  constructor(flavour: Flavour) {
    this.#compose = [...flavour.command, '--project-name', `parley-test-${flavour.name}`]
    this.#options = { cwd: ROOT, env: flavour.env }
  }

  /** From nothing, whatever an aborted run left behind; returns when all containers are started. */
  async up(): Promise<void> {
    await this.down()
    await this.#run('up', '--build', '--detach')
  }

  async down(): Promise<void> {
    await this.#run('down', '--volumes', '--remove-orphans')
    this.#containers.clear()
  }

  /** SIGKILL: no goodbye. */
  async kill(service: string): Promise<void> {
    await this.#run('kill', service)
  }

  async start(service: string): Promise<void> {
    await this.#run('start', service)
  }

  /** What the service's program has written so far, without the terminal's control codes. */
  async logs(service: string): Promise<string> {
    const { stdout, stderr } = await run(['docker', 'logs', await this.#container(service)])
    return stripVTControlCharacters(stdout + stderr).replaceAll('\r', '')
  }

  async inspect(service: string): Promise<ContainerFacts> {
    const { stdout } = await run(['docker', 'inspect', await this.#container(service)])
    const [facts]: ContainerFacts[] = JSON.parse(stdout)
    if (facts === undefined) throw new Error(`docker knows no container of ${service}`)
    return facts
  }

  async networksOf(service: string): Promise<{ readonly Internal: boolean }[]> {
    const { NetworkSettings } = await this.inspect(service)
    const { stdout } = await run(['docker', 'network', 'inspect', ...Object.keys(NetworkSettings.Networks)])
    return JSON.parse(stdout)
  }

  /** Resolves when the service's terminal shows the line. */
  async type(service: string, line: string): Promise<void> {
    const echoed = async () => expect(await this.logs(service)).toContain(line)
    await typeInto(await this.#container(service), line, () => vi.waitFor(echoed, POLL))
  }

  /** A one-shot peer in a container of its own, on pipes. It doesn't start what it depends on. */
  guest(...args: readonly string[]): GuestProcess {
    const [file = '', ...rest] = [...this.#compose, 'run', '--rm', '--no-deps', '-T', 'guest', ...args]
    const { cwd, env } = this.#options
    return spawn(file, rest, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  }

  async #container(service: string): Promise<string> {
    const known = this.#containers.get(service)
    if (known !== undefined) return known
    const id = (await this.#run('ps', '--quiet', service)).trim()
    if (id === '') throw new Error(`${service} has no running container`)
    this.#containers.set(service, id)
    return id
  }

  async #run(...args: readonly string[]): Promise<string> {
    return (await run([...this.#compose, ...args], this.#options)).stdout
  }
}
