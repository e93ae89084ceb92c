/** What the screen does with the terminal itself: how it begins, how it leaves it, and where it isn't used at all. */
import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Stage } from '../support/process-stage.ts'
import type { TerminalProgram } from '../support/terminal.ts'

const ENTER = '\r'
const CTRL_C = '\u0003'
const LOOPBACK = ['--no-lan', '--listen', '/ip4/127.0.0.1/tcp/0']

/** Ends with a fault when it is asked to: what a user can't bring about, as there should be none. */
const FAULTY = "data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('a fault on purpose')})"

/** As a shell wants to find it. */
async function expectRestored(terminal: TerminalProgram, code: number): Promise<void> {
  const end = await terminal.end()
  expect(end.code).toBe(code)
  for (const flag of ['icanon', 'echo', 'isig', 'icrnl', 'opost'])
    expect(end.stty).toMatch(new RegExp(`(?<!-)\\b${flag}\\b`))
  const { emulator, output } = terminal
  expect(emulator.buffer.active.type).toBe('normal')
  expect(emulator.modes.bracketedPasteMode).toBe(false)
  expect(output.lastIndexOf('\u001b[?25h')).toBeGreaterThan(output.lastIndexOf('\u001b[?25l'))
  expect(output.lastIndexOf('\u001b[?2026l')).toBeGreaterThan(output.lastIndexOf('\u001b[?2026h'))
}

test('the first start asks three questions and shows how it works; the second one asks nothing', async () => {
  await using stage = await Stage.open()
  const { port } = await stage.helper()
  const first = stage.terminal(LOOPBACK, { rows: 30 })
  await first.shows('Username (')
  first.type(`Ann${ENTER}`)
  await first.shows("Helper's IP address")
  first.type(`127.0.0.1${ENTER}`)
  await first.shows("Helper's port (12345)")
  first.type(`${port}${ENTER}`)
  await first.shows('Welcome. Type, press Enter')
  await first.shows('you are Ann in room lobby')
  await first.shows('lobby · connected, nobody else here yet · helper ok')
  first.type(`/quit${ENTER}`)
  await expectRestored(first, 0)
  const second = stage.terminal(LOOPBACK)
  await second.shows('you are Ann in room lobby')
  expect(second.text).not.toContain('Welcome')
  second.type(CTRL_C)
  await expectRestored(second, 0)
})

test('Ctrl-C leaves properly, gives the terminal back and says what waits', async () => {
  await using stage = await Stage.open()
  const ann = await stage.screenPeer('ann')
  ann.type(`to whom it may concern${ENTER}`)
  await ann.shows('concern ·')
  ann.type(CTRL_C)
  await expectRestored(ann, 0)
  expect(ann.text).toContain('parley: 1 message waits in your log')
})

test('Ctrl-C twice ends at once', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.screenPeer('ann', { helpers })
  ann.type(CTRL_C + CTRL_C)
  const { code } = await ann.end()
  // it may have left before the second one was read
  expect([0, 130]).toContain(code)
  await expectRestored(ann, code)
})

test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s gives the terminal back', async signal => {
  await using stage = await Stage.open()
  const ann = await stage.screenPeer('ann')
  ann.signal(signal)
  await expectRestored(ann, 0)
})

test('a fault of the program gives the terminal back and tells what it was', async () => {
  await using stage = await Stage.open()
  const ann = await stage.screenPeer('ann', { nodeArgs: ['--import', FAULTY] })
  ann.signal('SIGUSR2')
  await expectRestored(ann, 1)
  expect(ann.text).toContain('parley: a fault in the program (Error: a fault on purpose)')
})

test('Ctrl-Z gives the terminal to the shell, and the screen is there again afterwards', async () => {
  await using stage = await Stage.open()
  const ann = await stage.screenPeer('ann', { shell: 'jobs' })
  ann.type('a draft')
  await ann.shows('> a draft')
  ann.type('\u001a')
  await ann.shows(/^asleep$/m)
  expect(ann.emulator.buffer.active.type).toBe('normal')
  ann.type('\n')
  await ann.shows('> a draft')
  expect(ann.emulator.buffer.active.type).toBe('alternate')
  ann.type(` sent${ENTER}`)
  await ann.shows('<ann> a draft sent ·')
})

test('a wrong setting in the file is named, and the screen is never opened', async () => {
  await using stage = await Stage.open()
  const before = await stage.screenPeer('ann', { data: 'ann' })
  before.type(`/quit${ENTER}`)
  await before.end()
  const path = stage.path('ann/settings.json')
  const settings = JSON.parse(await readFile(path, 'utf8'))
  expect(settings.$schema).toBe('./settings.schema.json')
  await readFile(stage.path('ann/settings.schema.json'), 'utf8')
  await writeFile(path, JSON.stringify({ ...settings, time: 'sundial' }))
  const ann = stage.terminal(['join', '--data', stage.path('ann'), ...LOOPBACK])
  expect((await ann.end()).code).toBe(2)
  expect(ann.text.replaceAll('\n', '')).toContain('"sundial", which does not fit. What fits: one of minutes')
  expect(ann.output).not.toContain('\u001b[?1049h')
})

test('a dumb terminal and --plain get lines and not one escape sequence', async () => {
  await using stage = await Stage.open()
  const join = ['join', stage.room, '--name', 'ann', ...LOOPBACK]
  const dumb = stage.terminal([...join, '--data', stage.path('dumb')], { env: { TERM: 'dumb' } })
  const plain = stage.terminal([...join, '--plain', '--data', stage.path('plain')], {
    env: { NO_COLOR: '1' },
  })
  for (const terminal of [dumb, plain]) {
    await terminal.shows('you are ann')
    terminal.type(`/quit${ENTER}`)
    expect((await terminal.end()).code).toBe(0)
    expect(terminal.output).not.toContain('\u001b')
  }
})

test('NO_COLOR leaves the screen without colours', async () => {
  await using stage = await Stage.open()
  const ann = await stage.screenPeer('ann', { env: { NO_COLOR: '1' } })
  ann.type(`hello${ENTER}`)
  await ann.shows('<ann> hello ·')
  expect(ann.output).not.toMatch(/\u001b\[[\d;]*[34]8;5/)
})

test('a message from before, of somebody who was away, stands in its place', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const ann = await stage.screenPeer('ann', { helpers })
  const away = await stage.peer('eve', { data: 'eve' })
  away.say('written on a train')
  await away.next({ type: 'sent' })
  away.endInput()
  await away.exits(0)
  ann.type(`said meanwhile${ENTER}`)
  await ann.shows('said meanwhile')
  await stage.peer('eve', { data: 'eve', helpers })
  await ann.shows(/<eve> written on a train.*\n.*<ann> said meanwhile/)
})

test('what came while the user was away stands below a line', async () => {
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const first = await stage.screenPeer('ann', { helpers, data: 'ann' })
  const eve = await stage.peer('eve', { helpers })
  eve.say('read before')
  await first.shows('<eve> read before')
  first.type(`/quit${ENTER}`)
  await first.end()
  eve.say('missed')
  await eve.next({ type: 'sent', text: 'missed' })
  const again = await stage.screenPeer('ann', { helpers, data: 'ann' })
  await again.shows(/<eve> read before\n── new ─+\n.*<eve> missed/)
})
