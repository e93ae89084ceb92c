/**
 * Checks the documents against the project: their links and the files that they name exist, and the reference pages
 * cover every option, command, event and error of the program.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/api/command-table.ts'
import { environmentName, OPTIONS } from '../../src/config/options.ts'
import * as limits from '../../src/protocol/limits.ts'

const ROOT = join(import.meta.dirname, '../..')
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...markdownIn('docs'), ...markdownIn('src')]

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const CLI = read('docs/cli.md')
const SCRIPTING = read('docs/scripting.md')

function markdownIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return files.filter(file => file.endsWith('.md')).map(file => join(folder, file))
}

function sourcesIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return files.filter(file => /\.(ts|cts)$/.test(file)).map(file => join(folder, file))
}

/** As GitHub makes them: https://docs.github.com/en/get-started/writing-on-github (section links). */
function anchorsOf(markdown: string): string[] {
  const headings = [...markdown.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)]
  return headings.map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
}

const links = DOCUMENTS.flatMap(document =>
  [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ document, target })),
).filter(({ target }) => !/^https?:/.test(target))

test.each(links)('$document leads to $target', ({ document, target }) => {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? document : join(dirname(document), path)
  expect(existsSync(join(ROOT, file))).toBe(true)
  if (anchor !== undefined) expect(anchorsOf(read(file))).toContain(anchor)
})

/** The files that a page names, such as `room/log.ts`. */
function filesIn(page: string): readonly string[] {
  return [...page.matchAll(/`([a-z0-9-]+(?:\/[a-z0-9-]+)*\.(?:ts|cts))`/g)].map(([, path = '']) => path)
}

test.each(['docs/architecture.md', ...markdownIn('src')])('%s names files that exist', page => {
  const bases = ['', 'src', dirname(page)]
  const missing = filesIn(read(page)).filter(path => !bases.some(base => existsSync(join(ROOT, base, path))))
  expect(missing).toEqual([])
})

test('docs/architecture.md is short, and so is the path of a message', () => {
  const page = read('docs/architecture.md')
  const start = page.indexOf('## The path of a message')
  const steps = page.slice(start, page.indexOf('\n\nThe delivery receipt', start))
  expect(page.split('\n').length).toBeLessThanOrEqual(121)
  expect(new Set(filesIn(steps)).size).toBeLessThanOrEqual(20)
  expect(filesIn(steps)).toContain('room/room.ts')
})

describe('the reference covers', () => {
  test.each(OPTIONS.map(option => [option.flag, environmentName(option)]))('--%s', flag => {
    expect(CLI).toContain(`\`--${flag}`)
  })

  test.each(COMMANDS.map(command => command.usage))('%s', usage => {
    expect(CLI).toContain(`\`${usage}\``)
  })

  test('every event', () => {
    const types = [...read('src/api/events.ts').matchAll(/type: '([a-z]+)'/g)].map(([, type]) => type)
    expect(types.length).toBeGreaterThan(10)
    expect(types.filter(type => !SCRIPTING.includes(`\`${type}\``))).toEqual([])
  })

  test('every error', () => {
    const makers = /(?:new ParleyError\(|wrong\(|unknownName\(|#error\(|\bcode:)\s*'([a-z]+(?:-[a-z]+)*)'/g
    const codes = sourcesIn('src').flatMap(file => [...read(file).matchAll(makers)].map(([, code]) => code))
    expect(codes.length).toBeGreaterThan(30)
    expect([...new Set(codes)].filter(code => !SCRIPTING.includes(`\`${code}\``))).toEqual([])
  })

  test('every reason why a helper is not reached', () => {
    const kinds = [
      ...read('src/network/discovery/dial-failure.ts').matchAll(/readonly kind: '([a-z0-9-]+)'/g),
    ]
    expect(kinds.length).toBeGreaterThan(10)
    const missing = [...kinds.map(([, kind]) => kind), 'wrong-key'].filter(
      kind => !SCRIPTING.includes(`| \`${kind}\` |`),
    )
    expect(missing).toEqual([])
  })
})

test('docs/protocol.md tells every limit that peers must agree on', () => {
  const [, section = ''] = read('docs/protocol.md').split('\n## Limits\n')
  const told = (value: number) => new RegExp(`\\b${value.toLocaleString('en')}\\b`).test(section)
  expect(Object.entries(limits).filter(([, value]) => !told(value))).toEqual([])
})

test('no text leads to the package of another project', () => {
  const texts = [...DOCUMENTS.map(read), ...sourcesIn('src').map(read), ...sourcesIn('scripts').map(read)]
  expect(
    texts.filter(text => /npx parley|npm (i|install) (-g |--global )?parley(?!-chat)\b/.test(text)),
  ).toEqual([])
})

test('the README stays short', () => {
  expect(read('README.md').split('\n').length).toBeLessThan(200)
})
