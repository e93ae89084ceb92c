import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { VERSION } from '../../src/cli/version.ts'
import { OPTIONS } from '../../src/config/options.ts'
import { openDataFolder } from '../../src/storage/data-folder.ts'
import { testIo } from './test-io.ts'

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-commands-'))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

async function parley(words: string, env: Record<string, string> = {}) {
  const io = testIo({ home, env })
  const exitCode = await run(words === '' ? [] : words.split(' '), io)
  return { exitCode, ...(await io.written()) }
}

describe('help and version', () => {
  it('are printed on standard output, with exit code 0', async () => {
    expect(await parley('--version')).toEqual({ exitCode: 0, out: `${VERSION}\n`, err: '' })
    const help = await parley('help')
    expect(help).toMatchObject({ exitCode: 0, err: '' })
    for (const command of ['join', 'send', 'tail', 'history', 'helper', 'id', 'config', 'completion', 'help'])
      expect(help.out).toContain(`\n  ${command} `)
    expect((await parley('--help')).out).toBe(help.out)
    expect(await parley('help helper')).toEqual(await parley('helper --help'))
  })

  it('name every option', async () => {
    const { out } = await parley('help config')
    for (const option of OPTIONS) expect(out).toContain(`--${option.flag} `)
  })
})

describe('a wrong command line', () => {
  it.each([
    [
      'jion',
      'the command "jion" is unknown. Did you mean join? What fits: join, send, tail, history, helper, id, doctor, config, completion, help.',
    ],
    ['help jion', 'the command "jion" is unknown. Did you mean join?'],
    ['join --helpr x', 'the option --helpr of parley join is unknown. Did you mean --helper?'],
    ['--frob', 'the option --frob of parley is unknown. What fits: --version, --name'],
    ['join --name', '--name needs a value. Run: parley join --help.'],
    ['join tea milk', 'parley join can\'t take "milk". What fits after it: [ROOM] and options.'],
    ['id me', 'parley id can\'t take "me". What fits after it: no words and options.'],
    ['join --port 5', '--port is an option of parley helper only'],
    ['helper --name ann', '--name is an option of parley join only'],
    ['--name ann helper', '--name is an option of parley join only'],
    ['config helper --no-lan', '--no-lan is an option of parley join only'],
    ['config nobody', 'nobody'],
    ['join --log-level loud', '--log-level is "loud", which does not fit. What fits: one of silent, error'],
    ['helper --port 99999', '--port is 99999, which does not fit. What fits: a TCP port from 0 to 65535.'],
    ['join a/b', 'the argument ROOM is "a/b", which does not fit'],
    ['join --config /no/such', "the configuration file /no/such can't be read (ENOENT)"],
  ])('%s: ends with exit code 2 and one line', async (words, told) => {
    const { exitCode, out, err } = await parley(words)
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' })
    expect(err).toContain(told)
    expect(err).toMatch(/^parley: [^\n]+ \[[a-z-]+\]\n$/)
    expect(await readdir(home)).toEqual([])
  })

  it('is told as JSON, too, where JSON is read', async () => {
    for (const { exitCode, out, err } of [
      await parley('join --json --name'),
      await parley('join --frob', { PARLEY_JSON: '1' }),
    ]) {
      expect(exitCode).toBe(2)
      expect(JSON.parse(out)).toEqual({
        type: 'error',
        code: expect.any(String),
        text: expect.any(String),
        remedy: expect.any(String),
      })
      expect(err).toMatch(/^parley: /)
    }
  })

  it('cannot smuggle control characters to the terminal', async () => {
    const { err } = await parley('join --name \u001b[2J')
    expect(err).not.toContain('\u001b')
  })
})

describe('parley id', () => {
  it('shows who I am, the same every time, also while a chat holds the folder', async () => {
    const first = await parley('id')
    expect(first).toMatchObject({ exitCode: 0, err: '' })
    expect(first.out).toMatch(
      /^name {9}ann\npeer {9}12D3KooW\w+\npublicKey {4}[0-9a-f]{64}\nfingerprint {2}([A-Z2-7]{4}-?){8}\n/,
    )
    await using _ = await openDataFolder(join(home, '.local/share/parley'), 'another test')
    expect(await parley('id')).toEqual(first)
    const { out } = await parley('id --json --name bo')
    expect(JSON.parse(out)).toMatchObject({ name: 'bo', dataDir: join(home, '.local/share/parley') })
  })

  it('tells what is wrong with the key, as JSON too', async () => {
    await writeFile(join(home, 'identity.key'), 'no key', { mode: 0o600 })
    const { exitCode, out, err } = await parley(`id --data ${home}`, { PARLEY_JSON: '1' })
    expect(exitCode).toBe(1)
    expect(err).toContain('is not a readable Ed25519 key')
    expect(JSON.parse(out)).toMatchObject({ type: 'error', code: 'identity-corrupt' })
  })
})

describe('parley config', () => {
  it('shows each value with where it came from', async () => {
    const { exitCode, out } = await parley('config --helper h.example --no-lan', { PARLEY_NAME: 'bo' })
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^name +bo +PARLEY_NAME$/m)
    expect(out).toMatch(/^helpers +h\.example +--helper$/m)
    expect(out).toMatch(/^lan +off +--no-lan$/m)
    expect(out).toMatch(/^announce +\(none\) +default \(config\/default\.json\)$/m)
    expect(out).toMatch(/^network\.pingIntervalMs +3000 +default/m)
  })

  it('shows what is remembered', async () => {
    const folder = await openDataFolder(join(home, '.local/share/parley'), 'another test')
    await folder.answers.remember({ name: 'cy', helper: 'h.example:7' })
    await folder.close()
    const { name, helpers } = JSON.parse((await parley('config --json')).out)
    expect(name).toEqual({ value: 'cy', from: 'remembered answers' })
    expect(helpers).toEqual({ value: ['h.example:7'], from: 'remembered answers' })
  })

  it('shows a helper, and changes nothing on disk', async () => {
    const { out } = await parley('config helper --port 0 --json')
    expect(JSON.parse(out)).toMatchObject({
      listen: { value: ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0'], from: '--port' },
      logLevel: { value: 'info' },
    })
    expect(await readdir(home)).toEqual([])
  })
})
