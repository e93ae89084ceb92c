/**
 * Finds uses of the world outside: the clock, randomness, timers, the process. esbuild replaces a global by a marker
 * only where the name really is the global, not a parameter of that name, a property, a type, a string or a comment;
 * what is left to do is to look for the markers.
 */
import { extname } from 'node:path'
import { type Loader, transformSync } from 'esbuild'
import { isPure, partOf } from './import-rules.ts'
import type { SourceFile } from './source-file.ts'

const MARKER = 'AMBIENT_'

/** Always impure, or a way round this check. */
const IMPURE = [
  ...[
    'process',
    'performance',
    'crypto',
    'console',
    'fetch',
    'WebSocket',
    'require',
    'globalThis',
    'global',
    'eval',
  ],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'clearTimeout', 'clearInterval'],
]

/** Impure unless used in one of these ways: `new Date(ms)` is pure, `new Date()` isn't. */
const PURE_USES: Readonly<Record<string, RegExp>> = {
  Date: /^(\.(UTC|parse)\(|\([^)])/,
  Math: /^\.(?!random\b)[a-zA-Z0-9]+/,
  AbortSignal: /^\.(abort|any)\(/,
}

const OWNERS_OF_PROCESS = ['main', 'launcher']

/** In pure files: any of the above. Elsewhere: `process`, which belongs to main and the launcher. */
export function ambientGlobals(file: SourceFile): string[] {
  if (isPure(file.path)) return told(file, [...IMPURE, ...Object.keys(PURE_USES)])
  return OWNERS_OF_PROCESS.includes(partOf(file.path)) ? [] : told(file, ['process'])
}

function told(file: SourceFile, names: readonly string[]): string[] {
  const used = new Set(usesOf(names, file).map(use => `${file.path} uses ${use}`))
  const imported = file.imports.some(wanted => wanted.kind === 'node' && wanted.name === 'process')
  return imported ? [...used, `${file.path} imports process`] : [...used]
}

function usesOf(names: readonly string[], { path, text }: SourceFile): string[] {
  const define = Object.fromEntries(names.map(name => [name, MARKER + name]))
  const loader: Loader = extname(path) === '.tsx' ? 'tsx' : 'ts'
  const { code } = transformSync(text, { loader, define, minifySyntax: true, target: 'node24' })
  return [...code.matchAll(new RegExp(`${MARKER}(\\w+)`, 'g'))]
    .map(match => ({ name: match[1] ?? '', rest: code.slice(match.index + match[0].length) }))
    .filter(({ name, rest }) => PURE_USES[name]?.test(rest) !== true)
    .map(({ name }) => name)
}
