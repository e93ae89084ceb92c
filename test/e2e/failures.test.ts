/** What goes wrong is said in one line, with what to do about it, and with the exit code that fits. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Stage } from '../support/process-stage.ts'
import { gathered, part } from './room-story.ts'

const MAX_TEXT_BYTES = 8_192

describe('wrong usage ends with exit code 2 and names what is wrong', () => {
  test.concurrent.each([
    { args: ['join', 'lobby', '--nmae', 'ann'], names: ['--nmae', '--name'] },
    { args: ['jion'], names: ['jion', 'join'] },
    { args: ['join', 'lobby', 'kitchen'], names: ['kitchen'] },
    { args: ['join', '../etc'], names: ['../etc'] },
    { args: ['join', '--name', 'a\nb'], names: ['--name'] },
    { args: ['join', '--name', 'n'.repeat(33)], names: ['--name', '32'] },
    { args: ['join', '--helper', 'nowhere:99999'], names: ['--helper', 'nowhere:99999'] },
    { args: ['join', '--listen', '/ip4/300.0.0.1/tcp/0'], names: ['--listen', '300.0.0.1'] },
    { args: ['join', '--log-level', 'loud'], names: ['--log-level', 'loud', 'debug'] },
    { args: ['join', '--config', '/nowhere/parley.json'], names: ['/nowhere/parley.json'] },
    { args: ['join', '--port', '1'], names: ['--port'] },
    { args: ['helper', '--port', '70000'], names: ['--port', '70000'] },
    { args: ['helper', '--name', 'ann'], names: ['--name'] },
  ])('$args', async ({ args, names }) => {
    await using stage = await Stage.open()
    const program = stage.run(args)
    await program.exits(2)
    expect(program.lines.items).toEqual([])
    expect(program.stderr).toMatch(/^parley: .+\n$/)
    for (const name of names) expect(program.stderr).toContain(name)
  })

  test.concurrent('a wrong environment variable', async () => {
    await using stage = await Stage.open()
    const program = stage.run(['join'], { env: { PARLEY_LISTEN: 'here' } })
    await program.exits(2)
    expect(program.stderr).toMatch(/^parley: .*PARLEY_LISTEN.*\n$/)
  })
})

test.runIf(process.platform === 'linux').concurrent.each([
  { args: ['id'], env: { HOME: '/proc/1/nope' } },
  { args: ['id'], env: { XDG_CACHE_HOME: '/proc/1', XDG_DATA_HOME: '/proc/1' } },
  { args: ['helper'], env: { HOME: '/proc/1/nope' } },
])('$args, $env: a folder that cannot be made ends with exit code 1', async ({ args, env }) => {
  await using stage = await Stage.open()
  // Node's own variable would have it look after the compiled code by itself
  const program = stage.run(args, { env: { NODE_COMPILE_CACHE: '', ...env } })
  await program.exits(1)
  expect(program.output).toBe('')
  expect(program.stderr).toMatch(/^parley: can't use the data folder \/proc\/1\/.+\(ENOENT\).+--data.+\n$/)
})

test.concurrent.each(['join', 'helper'])(
  '%s: a port in use ends with exit code 1 and a remedy',
  async role => {
    await using stage = await Stage.open()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const lan = role === 'join' ? ['--no-lan'] : []
    const listen = `/ip4/127.0.0.1/tcp/${port}`
    const program = stage.run([
      role,
      ...lan,
      '--log-level',
      'error',
      '--listen',
      listen,
      '--data',
      stage.path('d'),
    ])
    await program.exits(1)
    expect(program.stderr).toMatch(/^parley: .+\n$/)
    expect(program.stderr).toContain(`port ${port} is in use`)
    expect(program.stderr).toContain('--listen')
    server.close()
  },
)

test.concurrent('a text over the limit and lines that are no input are refused, and the chat goes on', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.peer('ann', { helpers })
  const ben = await stage.peer('ben', { helpers })
  const people = [
    { name: 'ann', peer: ann },
    { name: 'ben', peer: ben },
  ]
  await gathered(people)

  const largest = 'ü'.repeat(MAX_TEXT_BYTES / 2)
  ann.say(`${largest}!`)
  const refusal = await ann.next({ type: 'error', code: 'text-too-long' })
  expect(refusal.text).toContain(String(MAX_TEXT_BYTES))
  const garbage = [
    'hello',
    '{"text":',
    '[]',
    '{"text":1}',
    '{"txt":"a"}',
    '{"text":"a","rom":"b"}',
    '',
    'null',
  ]
  for (const line of garbage) ann.write(`${line}\n`)
  ann.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a]).toString('latin1'))
  ann.write(`${'x'.repeat(70_000)}\n`)
  ann.command('/jion kitchen')
  ann.say(largest)
  ann.say('/who is no command here')
  await ben.heard([largest, '/who is no command here'])

  await part(people)
  const codes = ann.all({ type: 'error' }).map(({ code }) => code)
  expect(codes).toEqual([
    'text-too-long',
    ...garbage.map(() => 'bad-input'),
    'bad-input',
    'line-too-long',
    'unknown-command',
  ])
  expect(ben.messages.map(({ text }) => text)).toEqual([largest, '/who is no command here'])
  expect(ann.all({ type: 'sent' })).toHaveLength(2)
})

test.concurrent('a helper with another key is told and not used, until the user trusts it', async () => {
  await using stage = await Stage.open()
  const first = await stage.helper()
  const options = { helpers: [first], data: 'ann' }
  const ann = await stage.peer('ann', options)
  await ann.next({ type: 'notice', code: 'helper-pinned' })
  await part([{ name: 'ann', peer: ann }])
  first.program.signal('SIGKILL')
  await first.program.end()
  const second = await stage.helper({ port: first.port })
  const { peer: newKey } = await second.program.next({ type: 'ready' })

  const wary = await stage.peer('ann', options)
  const error = await wary.next({ type: 'error', code: 'helper-key-changed' })
  expect(error.reason).toBe('wrong-key')
  expect(error.text).toContain(newKey)
  expect(error.remedy).toContain('--trust-new-helper')
  await part([{ name: 'ann', peer: wary }])
  expect(wary.all({ type: 'helper' })).toEqual([])
  expect(wary.all({ type: 'error' })).toHaveLength(1)

  const trusting = await stage.peer('ann', { ...options, args: ['--trust-new-helper'] })
  await trusting.next({ type: 'helper', state: 'connected', peer: newKey })
  await trusting.next({ type: 'notice', code: 'helper-pinned' })
  await part([{ name: 'ann', peer: trusting }])

  const later = await stage.peer('ann', options)
  await later.next({ type: 'helper', state: 'connected', peer: newKey })
})

test.concurrent('a reader of standard output that goes away ends the program quietly', async () => {
  await using stage = await Stage.open()
  const ann = await stage.peer('ann')
  ann.closeOutput()
  ann.say('does anybody read this?')
  await ann.exits(0)
  expect(ann.stderr).toBe('')
})
