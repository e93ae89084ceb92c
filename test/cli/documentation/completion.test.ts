/** Completion scripts, run by the shells that are on this machine. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SHELLS } from '../../../src/cli/documentation/completion.ts'
import { run } from '../../../src/cli/program.ts'
import { OPTIONS } from '../../../src/config/options.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { testIo } from '../test-io.ts'

const folder = temporaryFolder()

async function scriptFor(shell: string): Promise<string> {
  const io = testIo()
  expect(await run(['completion', shell], io)).toBe(0)
  return (await io.written()).out
}

const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0

/** What bash offers for the last of these words. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const script = `${await scriptFor('bash')}
    COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _parley; printf '%s\\n' "\${COMPREPLY[@]}"`
  const out = execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8', cwd: folder() })
  return out.split('\n').filter(line => line !== '')
}

describe.skipIf(!has('bash'))('bash', () => {
  it('offers commands, and options where one was begun', async () => {
    expect(await offered('parley', 'he')).toEqual(['helper', 'help'])
    expect(await offered('parley', '')).toContain('completion')
    expect(await offered('parley', '--js')).toEqual(['--json'])
    expect(await offered('parley', 'send', '--co')).toEqual(['--code', '--config'])
    expect(await offered('parley', 'helper', '--na')).toEqual([])
    expect(await offered('parley', 'join', '')).toEqual([])
  })

  it('finds the command behind options and their values', async () => {
    expect(await offered('parley', '--name', 'send', 'history', '--se')).toEqual(['--search'])
    expect(await offered('parley', '--name', '=', 'send', 'history', '--se')).toEqual(['--search'])
  })

  it('offers what fits as a value', async () => {
    expect(await offered('parley', 'join', '--log-level', '')).toEqual([
      'silent',
      'error',
      'warn',
      'info',
      'debug',
      'trace',
    ])
    expect(await offered('parley', 'join', '--log-level', '=', 'de')).toEqual(['debug'])
    expect(await offered('parley', 'join', '--log-level', '=')).toContain('warn')
    expect(await offered('parley', 'completion', '')).toEqual([...SHELLS])
    expect(await offered('parley', 'help', 'hi')).toEqual(['history'])
    expect(await offered('parley', 'join', '--name', '')).toEqual([])
    mkdirSync(join(folder(), 'a folder'))
    writeFileSync(join(folder(), 'a file'), '')
    expect(await offered('parley', 'join', '--data', 'a')).toEqual(['a folder'])
    expect((await offered('parley', 'join', '--config', 'a')).toSorted()).toEqual(['a file', 'a folder'])
  })
})

it.each(SHELLS.filter(has))('%s reads its script', async shell => {
  const file = join(folder(), 'script')
  writeFileSync(file, await scriptFor(shell))
  const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

it.each(SHELLS)('the script for %s knows every option and command, and says how to use it', async shell => {
  const script = await scriptFor(shell)
  for (const { flag } of OPTIONS) expect(script).toContain(shell === 'fish' ? `-l ${flag} ` : `--${flag}`)
  for (const word of ['join', 'send', 'tail', 'history', 'completion']) expect(script).toContain(word)
  expect(script).toContain(`parley completion ${shell}`)
  expect(script).not.toContain('undefined')
  if (shell === 'zsh') expect(script).toMatch(/^#compdef parley\n/)
})

it('no other shell has one', async () => {
  const io = testIo()
  expect(await run(['completion', 'tcsh'], io)).toBe(2)
  expect((await io.written()).err).toContain('bash, zsh, fish')
})
