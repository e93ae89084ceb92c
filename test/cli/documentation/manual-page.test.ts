/** The manual page: all that help knows, in a form that man renders without complaint. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../src/api/command-table.ts'
import { run } from '../../../src/cli/program.ts'
import { environmentName, OPTIONS } from '../../../src/config/options.ts'
import { LOCAL_COMMANDS } from '../../../src/tui/keys/local-commands.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { testIo } from '../test-io.ts'

const folder = temporaryFolder()

async function page(): Promise<string> {
  const io = testIo()
  expect(await run(['help', '--man'], io)).toBe(0)
  return (await io.written()).out
}

/** The first renderer on this machine: man (man-db), mandoc, groff. */
const RENDERERS: readonly (readonly [string, readonly string[]])[] = [
  ['man', ['--warnings', '-l']],
  ['mandoc', ['-T', 'utf8', '-W', 'warning']],
  ['groff', ['-man', '-Tutf8', '-ww']],
]
const renderer = RENDERERS.find(([program]) => spawnSync(program, ['--version']).status === 0)

describe('the manual page', () => {
  it('is ASCII, and has no line that roff could take for a request', async () => {
    const lines = (await page()).trimEnd().split('\n')
    for (const line of lines)
      expect(line).toMatch(/^(\.(TH|nh|SH|SS|PP|TP|br|nf|fi|RS|RE)\b|[^.'])[\x20-\x7e]*$/)
  })

  it.skipIf(renderer === undefined)('is rendered whole and without a warning', async () => {
    const file = join(folder(), 'parley.1')
    writeFileSync(file, await page())
    const [program, words] = renderer ?? ['man', []]
    const env = {
      ...process.env,
      MANWIDTH: '200',
      MAN_KEEP_FORMATTING: '',
      LC_ALL: 'C.UTF-8',
      COLUMNS: '200',
    }
    const { stdout, stderr, status } = spawnSync(program, [...words, file], { encoding: 'utf8', env })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const text = stdout.replaceAll(/\u001b\[[\d;]*m|.\u0008/g, '').replaceAll(/\s+/g, ' ')
    for (const { flag } of OPTIONS) expect(text).toContain(`--${flag}`)
    for (const option of OPTIONS) expect(text).toContain(environmentName(option))
    for (const { usage } of COMMANDS) expect(text).toContain(usage)
    for (const { usage } of LOCAL_COMMANDS) expect(text).toContain(usage.replace('|keys', ''))
    for (const part of ['NAME', 'SYNOPSIS', 'EXIT STATUS', 'parley send ROOM', '203.0.113.7', '130'])
      expect(text).toContain(part)
  })
})
