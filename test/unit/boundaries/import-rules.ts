/**
 * Who may import whom, as a table and the check of it. The reasons are in docs/architecture.md; in one line: the
 * core and the view decide and are pure, the network and the store only carry out, and they don't know each other.
 */
import type { Import, SourceFile } from './source-file.ts'

/** A part may import itself and what is listed here. `ui/tui` is a part of its own: it may touch the terminal. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  launcher: ['main'],
  main: ['commands', 'app', 'config', 'store', 'ui/tui', 'ui', 'core'],
  commands: ['app', 'config', 'store', 'ui/tui', 'ui', 'core'],
  app: ['config', 'net', 'store', 'ui/tui', 'ui', 'core'],
  config: ['core'],
  net: ['core'],
  store: ['core'],
  'ui/tui': ['ui', 'core'],
  ui: ['core'],
  core: [],
}

/** Parts whose result depends on nothing but their input. */
export const PURE_PARTS: readonly string[] = ['core', 'ui']

const CORE_PACKAGES = ['cborg']

/** Who may read files outside src/, and those are data only: `config/*.json`, the version in `package.json`. */
const READS_DATA = ['config', 'commands', 'main']

/** Each comes under an alias and may be exchanged one day: exactly one module may know it. */
export const ONE_IMPORTER = [
  '@chainsafe/libp2p-gossipsub',
  '@chainsafe/libp2p-noise',
  '@chainsafe/libp2p-yamux',
]

/** `src/ui/tui/x.tsx` is in `ui/tui`, `src/core/sync/x.ts` in `core`, `src/main.ts` in `main`. */
export function partOf(path: string): string {
  if (path.startsWith('src/ui/tui/')) return 'ui/tui'
  return /^src\/([^/.]+)/.exec(path)?.[1] ?? path
}

export function forbiddenImports(files: readonly SourceFile[]): string[] {
  return files.flatMap(file =>
    file.imports.filter(wanted => !mayImport(partOf(file.path), wanted)).map(wanted => told(file, wanted)),
  )
}

/** The files that import the package, sorted as `files` is. */
export function importersOf(name: string, files: readonly SourceFile[]): string[] {
  const imports = (wanted: Import) => wanted.kind === 'package' && wanted.name === name
  return files.filter(file => file.imports.some(imports)).map(file => file.path)
}

function mayImport(part: string, wanted: Import): boolean {
  switch (wanted.kind) {
    case 'node':
      return !PURE_PARTS.includes(part)
    case 'package':
      return part !== 'core' || CORE_PACKAGES.includes(wanted.name)
    case 'file':
      return mayImportFile(part, wanted.path)
  }
}

function mayImportFile(part: string, path: string): boolean {
  if (!path.startsWith('src/')) return READS_DATA.includes(part) && path.endsWith('.json')
  const target = partOf(path)
  return MAY_IMPORT[part] !== undefined && (target === part || MAY_IMPORT[part].includes(target))
}

function told(file: SourceFile, wanted: Import): string {
  return `${file.path} imports ${wanted.kind === 'file' ? wanted.path : wanted.name}`
}
