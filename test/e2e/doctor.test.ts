/** `parley doctor` says what works and what doesn't, with a remedy, without a room, also beside a chat. */
import { expect, test } from 'vitest'
import type { Finding } from '../../src/chat/doctor.ts'
import { Stage } from '../support/process-stage.ts'

type Line = Finding & { readonly type: 'finding' }

async function consult(stage: Stage, args: readonly string[], exitCode = 0): Promise<readonly Line[]> {
  const data = ['--data', stage.path('patient')]
  const program = stage.run(['doctor', '--json', '--no-lan', ...data, ...args])
  await program.exits(exitCode)
  return program.lines.items.map(line => JSON.parse(line))
}

function about(lines: readonly Line[], check: Finding['check']): Line | undefined {
  return lines.find(line => line.check === check)
}

test('with a helper that reaches us everything is well', async () => {
  await using stage = await Stage.open()
  const helper = await stage.helper()
  const lines = await consult(stage, ['--helper', `127.0.0.1:${helper.port}`])
  expect(lines.map(({ check }) => check)).toEqual([
    'node',
    'data-folder',
    'helper',
    'clock',
    'reachability',
    'nat',
    'punching',
    'firewall',
    'relay',
  ])
  expect(lines.filter(({ state }) => state !== 'well')).toEqual([])
  expect(about(lines, 'reachability')?.text).toContain('others can reach you directly, at 127.0.0.1 port')
})

test('a chat that holds the data folder is no trouble', async () => {
  await using stage = await Stage.open()
  const helper = await stage.helper()
  const at = ['--helper', `127.0.0.1:${helper.port}`]
  const chat = stage.run(['join', '--json', '--no-lan', '--data', stage.path('patient'), ...at])
  await chat.lines.find(line => JSON.parse(line).type === 'ready', 'ready')
  const lines = await consult(stage, at)
  expect(about(lines, 'data-folder')).toMatchObject({
    state: 'well',
    text: expect.stringMatching('in use by'),
  })
  expect(lines.filter(({ state }) => state !== 'well')).toEqual([])
  expect(chat.lines.items.map(line => JSON.parse(line)).filter(({ state }) => state === 'lost')).toEqual([])
})

test('a helper that refuses is bad, with a remedy', async () => {
  await using stage = await Stage.open()
  const dead = await consult(stage, ['--helper', '127.0.0.1:1'], 1)
  expect(about(dead, 'helper')).toMatchObject({
    state: 'bad',
    reason: 'refused',
    remedy: 'Check that it is running and that the port is open.',
  })
})

test('a helper with another key than the one that was pinned is bad', async () => {
  await using stage = await Stage.open()
  const helper = await stage.helper()
  const options = { helpers: [helper], data: 'patient' }
  const ann = await stage.peer('ann', options)
  await ann.next({ type: 'notice', code: 'helper-pinned' })
  ann.command('/quit')
  await ann.exits(0)
  helper.program.signal('SIGKILL')
  await helper.program.end()
  await stage.helper({ port: helper.port })
  const lines = await consult(stage, ['--helper', `127.0.0.1:${helper.port}`], 1)
  expect(about(lines, 'helper')).toMatchObject({
    state: 'bad',
    reason: 'wrong-key',
    remedy: expect.stringContaining('--trust-new-helper'),
  })
})

test('people get a line for each finding, and what to do below it', async () => {
  await using stage = await Stage.open()
  const lan = stage.run(['doctor', '--data', stage.path('patient')])
  await lan.exits(0)
  expect(lan.lines.items[0]).toMatch(/^ok +node +Node \d+/)
  expect(lan.lines.items.at(-2)).toMatch(/^note +helper +no helper is set/)
  expect(lan.lines.items.at(-1)).toMatch(/^ +Give one with --helper/)
  const alone = stage.run(['doctor', '--no-lan', '--data', stage.path('patient')])
  await alone.exits(1)
  expect(alone.lines.items.at(-2)).toMatch(/^BAD +helper +Nobody new can be found/)
  expect(alone.lines.items.at(-1)).toMatch(/^ +Give a helper with --helper/)
})
