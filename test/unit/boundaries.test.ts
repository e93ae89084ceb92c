/**
 * The architecture, enforced: what each part of src/ may import and touch. The second half feeds the rules with
 * samples that break them, since rules that notice nothing would pass too.
 */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ambientGlobals } from './boundaries/ambient-globals.ts'
import { importCycles } from './boundaries/cycles.ts'
import { forbiddenImports, importersOf, ONE_IMPORTER } from './boundaries/import-rules.ts'
import { readSources, sourceFile } from './boundaries/source-file.ts'

describe('src', () => {
  const sources = readSources(join(import.meta.dirname, '../..'))

  test('is read', () => {
    expect(sources.map(file => file.path)).toContain('src/core/ids.ts')
  })

  test('imports only what the architecture allows', () => {
    expect(forbiddenImports(sources)).toEqual([])
  })

  test.each(ONE_IMPORTER)('imports %s in one module', name => {
    expect(importersOf(name, sources)).toHaveLength(1)
  })

  test('keeps clock, randomness, timers and process out of where they do not belong', () => {
    expect(sources.flatMap(ambientGlobals)).toEqual([])
  })

  test('has no import cycles', () => {
    expect(importCycles(sources)).toEqual([])
  })
})

describe('the import rules notice', () => {
  test.each([
    ['src/core/a.ts', "import { x } from '../net/b.ts'"],
    ['src/core/a.ts', "import type { X } from '../ui/b.ts'"],
    ['src/core/a.ts', "export * from '../store/b.ts'"],
    ['src/core/a.ts', "export { x } from '../config/b.ts'"],
    ['src/core/a.ts', "const b = await import('../app/b.ts')"],
    ['src/core/a.ts', 'const b = await import(name)'],
    ['src/core/a.ts', "type B = import('../net/b.ts').B"],
    ['src/core/a.ts', "import 'node:fs'"],
    ['src/core/a.ts', "import { createHash } from 'crypto'"],
    ['src/core/a.ts', "import { z } from 'zod'"],
    ['src/core/a.ts', "import data from '../../config/default.json' with { type: 'json' }"],
    ['src/ui/a.ts', "import { net } from 'node:net'"],
    ['src/ui/a.ts', "import { View } from './tui/view.tsx'"],
    ['src/ui/tui/a.tsx', "import { x } from '../../net/b.ts'"],
    ['src/net/a.ts', "import { x } from '../store/b.ts'"],
    ['src/net/a.ts', "import { x } from '../ui/b.ts'"],
    ['src/store/a.ts', "import { x } from '../net/b.ts'"],
    ['src/config/a.ts', "import { x } from '../app/b.ts'"],
    ['src/commands/a.ts', "import { x } from '../net/b.ts'"],
    ['src/commands/a.ts', "import { x } from '../main.ts'"],
    ['src/app/a.ts', "import { x } from '../commands/b.ts'"],
    ['src/app/a.ts', "import { x } from '../../test/b.ts'"],
    ['src/elsewhere/a.ts', "import { x } from '../core/b.ts'"],
  ])('in %s: %s', (path, text) => {
    expect(forbiddenImports([sourceFile(path, text)])).toHaveLength(1)
  })

  test.each([
    ['src/core/a.ts', "import { encode } from 'cborg'; import { x } from './b.ts'"],
    ['src/core/a.ts', `// import 'node:fs'\nconst text = "import 'node:fs'"`],
    ['src/ui/tui/a.tsx', "import 'node:tty'; import { render } from 'ink'; import { x } from '../view.ts'"],
    ['src/app/a.ts', "import { x } from '../net/b.ts'; import { y } from '../store/b.ts'"],
    ['src/config/a.ts', "import data from '../../config/default.json' with { type: 'json' }"],
    ['src/launcher.cts', "import('./main.js')"],
  ])('nothing in %s: %s', (path, text) => {
    expect(forbiddenImports([sourceFile(path, text)])).toEqual([])
  })

  test('every importer of a library that only one may know', () => {
    const files = ['src/net/a.ts', 'src/net/b.ts', 'src/net/c.ts'].map((path, i) =>
      sourceFile(
        path,
        i < 2 ? "import type { Noise } from '@chainsafe/libp2p-noise'" : '// @chainsafe/libp2p-noise',
      ),
    )
    expect(importersOf('@chainsafe/libp2p-noise', files)).toEqual(['src/net/a.ts', 'src/net/b.ts'])
  })

  test('a cycle, through types too', () => {
    const a = sourceFile('src/core/a.ts', "import { b } from './b.ts'")
    const b = sourceFile('src/core/b.ts', "import type { C } from './c.ts'")
    const c = sourceFile('src/core/c.ts', "import { a } from './a.ts'")
    expect(importCycles([a, b])).toEqual([])
    expect(importCycles([a, b, c])).toEqual(['src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts'])
  })
})

describe('the rule about globals notices', () => {
  test.each([
    ['src/core/a.ts', 'const t = Date.now()'],
    ['src/core/a.ts', "const t = Date['now']()"],
    ['src/core/a.ts', 'const t = new Date()'],
    ['src/core/a.ts', 'const t = new Date'],
    ['src/core/a.ts', 'const { now } = Date'],
    ['src/core/a.ts', 'const r = Math.random()'],
    ['src/core/a.ts', 'const r = [1].map(Math.random)'],
    ['src/core/a.ts', 'const { random } = Math'],
    ['src/core/a.ts', 'setTimeout(() => {}, 1)'],
    ['src/core/a.ts', 'const t = globalThis.setInterval'],
    ['src/core/a.ts', 'const s = AbortSignal.timeout(1)'],
    ['src/core/a.ts', 'const id = crypto.randomUUID()'],
    ['src/ui/a.ts', 'const t = performance.now()'],
    ['src/ui/a.ts', 'const t = `${' + 'process.env.HOME}`'],
    ['src/net/a.ts', 'process.exit(1)'],
    ['src/app/a.ts', "import process from 'node:process'"],
  ])('in %s: %s', (path, text) => {
    expect(ambientGlobals(sourceFile(path, text))).toHaveLength(1)
  })

  test.each([
    ['src/core/a.ts', '// Date.now()\nconst text = "Math.random() process.env"'],
    ['src/core/a.ts', 'const at = new Date(0).getTime() + Date.UTC(2026) + Math.max(1, 2)'],
    ['src/core/a.ts', 'export const signed = (crypto: { sign(): string }) => crypto.sign()'],
    ['src/core/a.ts', 'export const process = (x: { process: number }) => x.process'],
    ['src/ui/tui/a.ts', 'setTimeout(() => Date.now(), 1)'],
    ['src/net/a.ts', 'setTimeout(() => Date.now(), Math.random())'],
    ['src/main.ts', 'process.exit(1)'],
    ['src/launcher.cts', 'process.exitCode = 1'],
  ])('nothing in %s: %s', (path, text) => {
    expect(ambientGlobals(sourceFile(path, text))).toEqual([])
  })
})
