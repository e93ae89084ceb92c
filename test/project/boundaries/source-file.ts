/**
 * One source file as the boundary rules see it: where it is, what it says, and what it imports in whatever way
 * (statically, for its types alone, dynamically, by re-export, in a type). Read from the syntax tree: a string or a
 * comment that looks like an import is none.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { extname, join } from 'node:path'
import { dirname, normalize } from 'node:path/posix'
import { parseSync, Visitor } from 'oxc-parser'

export interface SourceFile {
  /** From the project's folder, with slashes: `src/protocol/ids.ts`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

export type Import =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'package'; readonly name: string }

const SOURCE_EXTENSIONS = ['.ts', '.tsx', '.cts', '.mts']

export function readSources(root: string): SourceFile[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map(name => `src/${name.replaceAll('\\', '/')}`)
    .filter(path => SOURCE_EXTENSIONS.includes(extname(path)))
    .toSorted()
    .map(path => sourceFile(path, readFileSync(join(root, path), 'utf8')))
}

/** @throws when `text` is no TypeScript */
export function sourceFile(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text)
  if (parsed.errors[0] !== undefined) throw new Error(`${path}: ${parsed.errors[0].message}`)
  const inTypes: string[] = []
  new Visitor({ TSImportType: node => inTypes.push(node.source.value) }).visit(parsed.program)
  const { staticImports, staticExports, dynamicImports } = parsed.module
  const specifiers = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(entry => entry.moduleRequest?.value ?? [])),
    ...dynamicImports.map(({ moduleRequest }) =>
      unquoted(text.slice(moduleRequest.start, moduleRequest.end)),
    ),
    ...inTypes,
  ]
  return { path, text, imports: [...new Set(specifiers)].map(specifier => resolveImport(path, specifier)) }
}

/** A computed dynamic import stays as it is written, which no rule allows: it would escape them all. */
function unquoted(expression: string): string {
  return /^(['"`])(.*)\1$/.exec(expression)?.[2] ?? expression
}

function resolveImport(from: string, specifier: string): Import {
  if (specifier.startsWith('.')) {
    // The launcher names the built main.js, which comes from main.ts.
    return { kind: 'file', path: normalize(join(dirname(from), specifier)).replace(/\.js$/, '.ts') }
  }
  if (isBuiltin(specifier)) return { kind: 'node', name: specifier.replace(/^node:/, '') }
  return { kind: 'package', name: specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/') }
}
