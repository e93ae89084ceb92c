/**
 * Turns src/ into the two files that run: `main.js`, one ES module bundle (with `chunks/` for what is imported
 * lazily), and `parley.cjs`, the launcher that any Node can parse. It only computes; it writes nothing.
 *
 * Why a bundle: loading libp2p's several hundred files takes 290 ms, the bundle 75 ms, and with V8's compile cache 51.
 */
import { type BuildOptions, build, type Metafile, type OutputFile } from 'esbuild'

export interface Bundle {
  readonly files: readonly OutputFile[]
  /** What went into the ES module bundle, for the licence notices. */
  readonly metafile: Metafile
}

/** CommonJS packages inside an ES module bundle still call `require` for Node's own modules. */
const REQUIRE_FOR_COMMONJS = [
  "import { createRequire as parleyCreateRequire } from 'node:module'",
  'const require = parleyCreateRequire(import.meta.url)',
].join('\n')

/** Names stay readable, so that a stack trace in a bug report says something. */
const SHARED = {
  bundle: true,
  platform: 'node',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
  write: false,
} as const satisfies BuildOptions

/**
 * @param root - the project's folder
 * @param outdir - where the files are meant to go; only their `path`s depend on it
 */
export async function bundle(root: string, outdir: string): Promise<Bundle> {
  const [program, launcher] = await Promise.all([
    build({
      ...SHARED,
      absWorkingDir: root,
      outdir,
      entryPoints: { main: 'src/main.ts' },
      format: 'esm',
      target: 'node24',
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      metafile: true,
      banner: { js: REQUIRE_FOR_COMMONJS },
      define: { 'process.env.NODE_ENV': '"production"' },
    }),
    build({
      ...SHARED,
      absWorkingDir: root,
      outdir,
      entryPoints: { parley: 'src/launcher.cts' },
      outExtension: { '.js': '.cjs' },
      format: 'cjs',
      target: 'node12',
      supported: { 'dynamic-import': true },
      external: ['./main.js'],
      banner: { js: '#!/usr/bin/env node' },
    }),
  ])
  return { files: [...program.outputFiles, ...launcher.outputFiles], metafile: program.metafile }
}
