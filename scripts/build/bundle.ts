/**
 * Turns src/ into the two files that run: `main.js`, one ES module bundle (with `chunks/` for what is imported
 * lazily), and `parley.cjs`, the launcher that any Node can parse. It only computes; it writes nothing.
 *
 * Why a bundle: loading libp2p's several hundred files takes 290 ms, the bundle 75 ms, and with V8's compile cache 51.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BuildOptions, build, type Metafile, type OutputFile, type Plugin } from 'esbuild'

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

/** A package that reads its own package.json when it is loaded, which isn't there any more in a bundle. */
const READS_ITSELF = { file: /@achingbrain\/ssdp\/dist\/src\/ssdp\.js$/, call: "req('../../package.json')" }

const readByBuild: Plugin = {
  name: 'read by the build',
  setup({ onLoad }) {
    onLoad({ filter: READS_ITSELF.file }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes(READS_ITSELF.call))
        throw new Error(`${path} no longer reads its package.json: see here`)
      const { name, version } = JSON.parse(readFileSync(join(dirname(path), '../../package.json'), 'utf8'))
      return { contents: text.replace(READS_ITSELF.call, JSON.stringify({ name, version })), loader: 'js' }
    })
  },
}

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
      plugins: [readByBuild],
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
