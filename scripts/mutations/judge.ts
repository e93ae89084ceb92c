/** A copy of the sources with one mutation, and what notices it. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Mutation } from './mutations.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
/** What the simulator and the tests of the core need. */
const COPIED = [
  'src',
  'test',
  'scripts',
  'config',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'docs',
]
/** Tests of what the mutations change. */
const TESTS = [
  'test/common',
  'test/protocol',
  'test/room',
  'test/chat',
  'test/storage/log/memory-log.test.ts',
]
/** How long each may take, milliseconds. */
const PATIENCE_MS = 900_000

/** What noticed it; undefined if nothing did. */
export interface Verdict {
  readonly mutation: Mutation
  readonly simulator: string | undefined
  readonly tests: string | undefined
}

/** How a command ended that failed. */
interface Ended {
  readonly stdout?: string
  readonly stderr?: string
  readonly killed?: boolean
}

export interface JudgeOptions {
  readonly seeds: number
  readonly workers: number
}

export class Judge implements AsyncDisposable {
  readonly #mutation: Mutation
  readonly #folder: string

  private constructor(mutation: Mutation, folder: string) {
    this.#mutation = mutation
    this.#folder = folder
  }

  static async of(mutation: Mutation): Promise<Judge> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-mutation-'))
    await Promise.all(COPIED.map(name => cp(join(ROOT, name), join(folder, name), { recursive: true })))
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    const file = join(folder, mutation.file)
    const source = await readFile(file, 'utf8')
    const parts = source.split(mutation.from)
    if (parts.length !== 2)
      throw new Error(`"${mutation.name}" fits ${mutation.file} ${parts.length - 1} times`)
    await writeFile(file, parts.join(mutation.to))
    return new Judge(mutation, folder)
  }

  async verdict({ seeds, workers }: JudgeOptions): Promise<Verdict> {
    const simulator = await this.#run('scripts/simulate/main.ts', [
      ...['--seeds', String(seeds), '--workers', String(workers), '--shrink-seconds', '0'],
    ])
    const tests = (await this.#test([this.#ownTest])) ?? (await this.#test(TESTS))
    return {
      mutation: this.#mutation,
      simulator:
        simulator === undefined
          ? undefined
          : (/^seed (\d+) breaks "([^"]*)"/m.exec(simulator)?.slice(1, 3).join(': ') ?? 'it fails'),
      tests:
        tests === undefined ? undefined : (/FAIL .*?(test\/\S+\.test\.ts)/.exec(tests)?.[1] ?? 'they fail'),
    }
  }

  /** The test of what is changed, which is the first to notice if there is one. */
  get #ownTest(): string {
    return this.#mutation.file.replace('src/', 'test/').replace('.ts', '.test.ts')
  }

  #test(files: readonly string[]): Promise<string | undefined> {
    return this.#run('node_modules/vitest/vitest.mjs', ['run', '--passWithNoTests', '--bail', '1', ...files])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** What it said when it failed; undefined if it passed. */
  async #run(script: string, args: readonly string[]): Promise<string | undefined> {
    const options = {
      cwd: this.#folder,
      timeout: PATIENCE_MS,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, SEED: '1', NO_COLOR: '1' },
    }
    try {
      await run(process.execPath, [script, ...args], options)
      return undefined
    } catch (error) {
      const { stdout, stderr, killed } = error as Ended
      if (killed === true)
        throw new Error(`${script} takes longer than ${PATIENCE_MS} ms: is the machine busy?`)
      return `${stdout ?? ''}\n${stderr ?? ''}`
    }
  }
}
