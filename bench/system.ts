/**
 * The systems that are compared, and how each is started. All speak JSON lines, are bundled alike, and have V8's
 * compiled code cached, so that what differs is what they do.
 */
import { join } from 'node:path'
import { build } from 'esbuild'

const LAUNCHER = join(import.meta.dirname, '../dist/parley.cjs')
const LOOPBACK = '/ip4/127.0.0.1/tcp/0'

/** Of the room that it is told to join. */
export interface Place {
  readonly room: string
  /** A folder that no other process uses. */
  readonly data: string
  /** Where the helper listens; empty for a system without one. */
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
export const GOSSIPSUB = 'bare gossipsub'
export const TLS = 'bare TLS'

/** Bare gossipsub delivers 1,700 messages a second to 15 peers. */
const LARGE_GROUP = 8
const LARGE_GROUP_SHARE = 0.1

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

function parleyArgs({ room, data, helper }: Place): readonly string[] {
  const reach = ['--no-lan', '--listen', LOOPBACK, '--helper', helper]
  return [LAUNCHER, 'join', room, '--json', '--name', 'peer', ...reach, '--data', data]
}

async function buildBaselines(folder: string): Promise<{ readonly gossipsub: string; readonly tls: string }> {
  await build({
    entryPoints: [
      new URL(import.meta.resolve('./baseline/gossipsub.ts')).pathname,
      new URL(import.meta.resolve('./baseline/tls.ts')).pathname,
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
