/** What `npm pack` makes is what users get: it is complete, holds nothing else, and runs without any other package. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'parley-package-'))
const installed = join(folder, 'node_modules/parley-chat')

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, HOME: folder } })
}

/** The tests' own set-up has built the program. */
beforeAll(() => {
  run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], ROOT)
  writeFileSync(join(folder, 'package.json'), '{}')
  run(
    'npm',
    ['install', '--offline', '--ignore-scripts', `${packageJson.name}-${packageJson.version}.tgz`],
    folder,
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the installed program runs', () => {
  const program = join(folder, 'node_modules/.bin/parley')
  expect(run(process.execPath, [program, '--version'], folder).trim()).toBe(packageJson.version)
})

test('it needs no other package', () => {
  expect(readdirSync(join(folder, 'node_modules')).filter(name => !name.startsWith('.'))).toEqual([
    packageJson.name,
  ])
})

test('it holds the program, its data and its documents, not its sources', () => {
  const there = readdirSync(installed)
  expect(there).toEqual(
    expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'config', 'dist', 'package.json']),
  )
  expect(there).not.toContain('src')
  expect(there).not.toContain('test')
})

test('it brings its manual page', () => {
  const page = readFileSync(join(installed, packageJson.man), 'utf8')
  expect(page).toMatch(/^\.TH PARLEY 1 /)
})

test('it carries the licences of what is bundled', () => {
  const notices = readFileSync(join(installed, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
  for (const name of ['libp2p', '@libp2p/noise', '@libp2p/gossipsub', 'cborg', 'zod', 'commander']) {
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)$`, 'm'))
  }
})
