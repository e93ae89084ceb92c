/** Import cycles among files. Imports of types count: a cycle of ideas is as hard to read as one of values. */
import type { SourceFile } from './source-file.ts'

/** Each cycle once, as `a → b → a`; none for an acyclic graph. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map(file => [file.path, file]))
  const finished = new Set<string>()
  const cycles: string[] = []

  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' → '))
    if (start >= 0 || finished.has(path)) return
    for (const wanted of byPath.get(path)?.imports ?? []) {
      if (wanted.kind === 'file') visit(wanted.path, [...trail, path])
    }
    finished.add(path)
  }

  for (const path of byPath.keys()) visit(path, [])
  return cycles
}
