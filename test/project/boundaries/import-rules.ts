/**
 * Which folder of src/ may import which, and through which files: the picture in docs/architecture.md as a table.
 * Imports point downwards. A folder that is a vocabulary (formats, types, text functions) is open as a whole; of the
 * others only the doors are imported from outside. There are no `index.ts` files: the bundler would load a whole
 * folder with the first thing that is imported from it, and `parley --version` would take twice as long.
 */
import type { Import, SourceFile } from './source-file.ts'

interface Part {
  /** The folders that it may import besides itself, all of them below it. */
  readonly below: readonly string[]
  /** The files that other folders may import, relative to the folder; absent: all of them. */
  readonly doors?: readonly string[]
  /** The packages that a pure part may import; absent: any. */
  readonly packages?: readonly string[]
}

const VOCABULARY = ['common', 'protocol', 'api', 'text'] as const

const PARTS: Readonly<Record<string, Part>> = {
  common: { below: [], packages: [] },
  protocol: {
    below: ['common'],
    packages: ['cborg', '@multiformats/multiaddr', '@libp2p/utils', 'protons-runtime'],
  },
  room: {
    below: ['protocol', 'common'],
    packages: [],
    doors: [
      ...['room', 'events', 'log', 'messages/amendments', 'presence/members'],
      ...['names/names', 'names/characters', 'names/character-name'],
      ...['sync/session', 'sync/sync-room', 'sync/accounting'],
    ],
  },
  config: { below: ['room', 'protocol', 'common'] },
  storage: { below: ['room', 'protocol', 'common'] },
  api: { below: ['room', 'protocol', 'common'], packages: [] },
  text: { below: ['api', 'room', 'protocol', 'common'], packages: ['string-width'] },
  network: { below: ['config', 'room', 'protocol', 'common'] },
  helper: { below: ['network', 'config', 'storage', 'api', 'protocol', 'common'], doors: ['helper'] },
  chat: {
    below: ['network', 'storage', 'config', 'room', ...VOCABULARY],
    doors: ['session', 'doctor', 'commands/history-queries', 'node-crypto', 'peer-labels'],
  },
  tui: {
    below: ['room', ...VOCABULARY],
    doors: ['screen', 'model/state', 'keys/local-commands', 'terminal/terminal'],
  },
  cli: {
    below: ['chat', 'helper', 'tui', 'storage', 'config', 'room', ...VOCABULARY],
    doors: ['program', 'io', 'output/stderr'],
  },
  main: { below: ['cli', 'chat', 'config', 'common'] },
  launcher: { below: ['main', 'storage'] },
}

/** Files whose result depends on nothing but their input: no clock, no randomness, no timer, no `node:` module. */
const PURE = [
  /^src\/(common|protocol|room|api|text)\//,
  /^src\/tui\/(?!terminal\/)/,
  /^src\/cli\/output\/(plain|output-filter)\.ts$/,
  /^src\/helper\/rendezvous\/registry\.ts$/,
]

/** Who may read files outside src/, and those are data only: `config/*.json`, the version in `package.json`. */
const READS_DATA = ['config', 'cli']

/** Each comes under an alias and may be exchanged one day: exactly one module may know it. */
export const ONE_IMPORTER = [
  '@chainsafe/libp2p-gossipsub',
  '@chainsafe/libp2p-noise',
  '@chainsafe/libp2p-yamux',
]

export function isPure(path: string): boolean {
  return PURE.some(pattern => pattern.test(path))
}

/** `src/room/sync/session.ts` is in `room`, `src/main.ts` in `main`. */
export function partOf(path: string): string {
  return /^src\/([^/.]+)/.exec(path)?.[1] ?? path
}

export function forbiddenImports(files: readonly SourceFile[]): string[] {
  return files.flatMap(file =>
    file.imports
      .filter(wanted => !mayImport(file.path, wanted))
      .map(wanted => `${file.path} imports ${wanted.kind === 'file' ? wanted.path : wanted.name}`),
  )
}

/** The files that import the package, sorted as `files` is. */
export function importersOf(name: string, files: readonly SourceFile[]): string[] {
  const imports = (wanted: Import) => wanted.kind === 'package' && wanted.name === name
  return files.filter(file => file.imports.some(imports)).map(file => file.path)
}

function mayImport(path: string, wanted: Import): boolean {
  const part = PARTS[partOf(path)]
  if (part === undefined) return false
  switch (wanted.kind) {
    case 'node':
      return !isPure(path)
    case 'package':
      return part.packages?.includes(wanted.name) ?? true
    case 'file':
      return mayImportFile(partOf(path), part, wanted.path)
  }
}

function mayImportFile(from: string, part: Part, path: string): boolean {
  if (!path.startsWith('src/')) return READS_DATA.includes(from) && path.endsWith('.json')
  const target = partOf(path)
  if (target === from) return true
  const doors = PARTS[target]?.doors
  return (
    part.below.includes(target) &&
    (doors === undefined || doors.some(door => path === `src/${target}/${door}.ts`))
  )
}
