/**
 * The systems that are compared, and how each is started. All speak JSON lines, are bundled alike, and have V8's
 * compiled code cached, so that what differs is what they do.
 */
import { join } from 'node:path'
import { build } from 'esbuild'

const LAUNCHER = join(import.meta.dirname, '../dist/parley.cjs')
const LOOPBACK = '/ip4/127.0.0.1/tcp/0'

/** Where everyone meets. */
export const ROOM_NAME = 'bench'

/** Of the room that it is told to join. */
export interface Place {
  readonly room: string
  /** A folder that no other process uses. */
  readonly data: string
  /** Where the helper listens; empty for no helper. */
  readonly helper: string
}

export interface System {
  readonly name: string
  /** How its processes find each other: by themselves through a helper, or by being told addresses. */
  readonly meeting: 'helper' | 'addresses'
  /** Arguments for Node. */
  readonly args: (place: Place) => readonly string[]
  /** What share of the messages it is given in a group of this size: a slow system would take minutes for all. */
  readonly share: (processes: number) => number
}

export const PARLEY = 'parley'
const GOSSIPSUB = 'bare gossipsub'
const TLS = 'bare TLS'

/** Parley where nobody reads what it shows. */
export const PARLEY_UNREAD = 'parley, shown to nobody'
/** What the log and the sync are compared with. */
export const BARE_SQLITE = 'bare SQLite'
export const BARE_FILE = 'bare file'
export const BARE_STREAM = 'bare libp2p stream'
export const BARE_TCP = 'bare TCP'
export const LOG_ON_DISK = 'log on disk'
export const LOG_IN_MEMORY = 'log in memory'

/** What is measured, and what it is compared with, in the order of their columns. */
export const SUBJECTS: readonly string[] = [PARLEY, PARLEY_UNREAD, LOG_ON_DISK]
export const BASELINES: readonly string[] = [
  GOSSIPSUB,
  TLS,
  BARE_SQLITE,
  BARE_FILE,
  BARE_STREAM,
  BARE_TCP,
  LOG_IN_MEMORY,
]

/** Bare gossipsub delivers 1,700 messages a second to 15 peers. */
const LARGE_GROUP = 8
const LARGE_GROUP_SHARE = 0.1

/** The baseline of the sync, once systems are prepared in `folder`. */
export function copyProgram(folder: string): string {
  return join(folder, 'copy.mjs')
}

/** All systems; the baselines are built into `folder`. */
export async function prepareSystems(folder: string): Promise<readonly System[]> {
  const programs = await buildBaselines(folder)
  const baseline = (name: string, program: string, share: System['share']): System => {
    return { name, meeting: 'addresses', args: () => [program], share }
  }
  return [
    { name: PARLEY, meeting: 'helper', args: parleyArgs, share: () => 1 },
    baseline(GOSSIPSUB, programs.gossipsub, count => (count > LARGE_GROUP ? LARGE_GROUP_SHARE : 1)),
    baseline(TLS, programs.tls, () => 1),
  ]
}

/** Arguments for Node. */
export function helperArgs(data: string): readonly string[] {
  return [LAUNCHER, 'helper', '--json', '--log-level', 'silent', '--listen', LOOPBACK, '--data', data]
}

/** Arguments for Node: a peer that speaks JSON lines. */
export function parleyArgs({ room, data, helper }: Place): readonly string[] {
  const reach = ['--no-lan', '--listen', LOOPBACK, ...(helper === '' ? [] : ['--helper', helper])]
  return [LAUNCHER, 'join', room, '--json', '--name', 'peer', ...reach, '--data', data]
}

/** Arguments for Node: a peer with the full screen. */
export function screenArgs(place: Place): readonly string[] {
  return parleyArgs(place).filter(word => word !== '--json')
}

async function buildBaselines(folder: string): Promise<{ readonly gossipsub: string; readonly tls: string }> {
  await build({
    entryPoints: [
      new URL(import.meta.resolve('./baseline/gossipsub.ts')).pathname,
      new URL(import.meta.resolve('./baseline/tls.ts')).pathname,
      new URL(import.meta.resolve('./baseline/copy.ts')).pathname,
    ],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
    // CommonJS packages inside an ES module bundle still call it for Node's own modules
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  return { gossipsub: join(folder, 'gossipsub.mjs'), tls: join(folder, 'tls.mjs') }
}
