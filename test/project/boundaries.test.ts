/**
 * Enforces the architecture: what each folder of src/ may import and touch. The second half feeds the rules with
 * samples that break them, because rules that notice nothing would pass, too.
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
    expect(sources.map(file => file.path)).toContain('src/protocol/ids.ts')
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

  test('makes folders in one module', () => {
    const makers = sources.filter(({ text }) => /\bmkdir/.test(text)).map(({ path }) => path)
    expect(makers).toEqual(['src/storage/make-folder.ts'])
  })

  test('has no import cycles', () => {
    expect(importCycles(sources)).toEqual([])
  })
})

describe('the import rules notice', () => {
  test.each([
    ['src/room/a.ts', "import { x } from '../network/network.ts'"],
    ['src/room/sync/a.ts', "import type { X } from '../../text/sanitise.ts'"],
    ['src/room/a.ts', "export * from '../storage/identity.ts'"],
    ['src/protocol/a.ts', "export { x } from '../room/room.ts'"],
    ['src/room/a.ts', "const b = await import('../chat/session.ts')"],
    ['src/room/a.ts', 'const b = await import(name)'],
    ['src/room/a.ts', "type B = import('../network/node.ts').B"],
    ['src/room/a.ts', "import 'node:fs'"],
    ['src/room/a.ts', "import { createHash } from 'crypto'"],
    ['src/room/a.ts', "import { z } from 'zod'"],
    ['src/room/a.ts', "import data from '../../config/default.json' with { type: 'json' }"],
    ['src/protocol/a.ts', "import { z } from 'zod'"],
    ['src/text/a.ts', "import { net } from 'node:net'"],
    ['src/tui/model/a.ts', "import { tty } from 'node:tty'"],
    ['src/tui/terminal/a.ts', "import { x } from '../../network/node.ts'"],
    ['src/network/a.ts', "import { x } from '../storage/identity.ts'"],
    ['src/network/a.ts', "import { x } from '../text/sanitise.ts'"],
    ['src/network/a.ts', "import { x } from '../helper/helper.ts'"],
    ['src/storage/a.ts', "import { x } from '../network/node.ts'"],
    ['src/config/a.ts', "import { x } from '../chat/session.ts'"],
    ['src/chat/a.ts', "import { x } from '../cli/program.ts'"],
    ['src/chat/a.ts', "import { x } from '../../test/b.ts'"],
    ['src/chat/a.ts', "import { x } from '../room/sync/backfill.ts'"],
    ['src/cli/a.ts', "import { x } from '../network/node.ts'"],
    ['src/cli/a.ts', "import { x } from '../main.ts'"],
    ['src/cli/a.ts', "import { x } from '../helper/node.ts'"],
    ['src/elsewhere/a.ts', "import { x } from '../common/errors.ts'"],
  ])('in %s: %s', (path, text) => {
    expect(forbiddenImports([sourceFile(path, text)])).toHaveLength(1)
  })

  test.each([
    ['src/room/a.ts', "import { x } from './sync/b.ts'; import { y } from '../protocol/cbor.ts'"],
    ['src/room/a.ts', `// import 'node:fs'\nconst text = "import 'node:fs'"`],
    ['src/tui/terminal/a.ts', "import 'node:tty'; import { x } from '../screen.ts'"],
    ['src/chat/a.ts', "import { x } from '../network/node.ts'; import { y } from '../storage/identity.ts'"],
    ['src/chat/a.ts', "import { Room } from '../room/room.ts'"],
    ['src/config/a.ts', "import data from '../../config/default.json' with { type: 'json' }"],
    ['src/launcher.cts', "import('./main.js')"],
  ])('nothing in %s: %s', (path, text) => {
    expect(forbiddenImports([sourceFile(path, text)])).toEqual([])
  })

  test('every importer of a library that only one may know', () => {
    const files = ['src/network/a.ts', 'src/network/b.ts', 'src/network/c.ts'].map((path, i) =>
      sourceFile(
        path,
        i < 2 ? "import type { Noise } from '@chainsafe/libp2p-noise'" : '// @chainsafe/libp2p-noise',
      ),
    )
    expect(importersOf('@chainsafe/libp2p-noise', files)).toEqual(['src/network/a.ts', 'src/network/b.ts'])
  })

  test('a cycle, through types too', () => {
    const a = sourceFile('src/room/a.ts', "import { b } from './b.ts'")
    const b = sourceFile('src/room/b.ts', "import type { C } from './c.ts'")
    const c = sourceFile('src/room/c.ts', "import { a } from './a.ts'")
    expect(importCycles([a, b])).toEqual([])
    expect(importCycles([a, b, c])).toEqual(['src/room/a.ts → src/room/b.ts → src/room/c.ts → src/room/a.ts'])
  })
})

describe('the rule about globals notices', () => {
  test.each([
    ['src/room/a.ts', 'const t = Date.now()'],
    ['src/room/a.ts', "const t = Date['now']()"],
    ['src/room/a.ts', 'const t = new Date()'],
    ['src/room/a.ts', 'const t = new Date'],
    ['src/room/a.ts', 'const { now } = Date'],
    ['src/room/a.ts', 'const r = Math.random()'],
    ['src/room/a.ts', 'const r = [1].map(Math.random)'],
    ['src/room/a.ts', 'const { random } = Math'],
    ['src/room/a.ts', 'setTimeout(() => {}, 1)'],
    ['src/room/a.ts', 'const t = globalThis.setInterval'],
    ['src/room/a.ts', 'const s = AbortSignal.timeout(1)'],
    ['src/room/a.ts', 'const id = crypto.randomUUID()'],
    ['src/text/a.ts', 'const t = performance.now()'],
    ['src/text/a.ts', 'const t = `${' + 'process.env.HOME}`'],
    ['src/network/a.ts', 'process.exit(1)'],
    ['src/chat/a.ts', "import process from 'node:process'"],
  ])('in %s: %s', (path, text) => {
    expect(ambientGlobals(sourceFile(path, text))).toHaveLength(1)
  })

  test.each([
    ['src/room/a.ts', '// Date.now()\nconst text = "Math.random() process.env"'],
    ['src/room/a.ts', 'const at = new Date(0).getTime() + Date.UTC(2026) + Math.max(1, 2)'],
    ['src/room/a.ts', 'export const signed = (crypto: { sign(): string }) => crypto.sign()'],
    ['src/room/a.ts', 'export const process = (x: { process: number }) => x.process'],
    ['src/tui/terminal/a.ts', 'setTimeout(() => Date.now(), 1)'],
    ['src/network/a.ts', 'setTimeout(() => Date.now(), Math.random())'],
    ['src/main.ts', 'process.exit(1)'],
    ['src/launcher.cts', 'process.exitCode = 1'],
  ])('nothing in %s: %s', (path, text) => {
    expect(ambientGlobals(sourceFile(path, text))).toEqual([])
  })
})
