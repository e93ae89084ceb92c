/**
 * `npm run screenshots`: plays a conversation with the built program on real terminals and writes what they show to
 * `docs/images/`. Nothing is drawn by hand: a screenshot that looks wrong is a fault of the program.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Stage } from '../../test/support/process-stage.ts'
import type { TerminalProgram } from '../../test/support/terminal.ts'
import { buildProgram } from '../build.ts'
import { renderSvg } from './svg.ts'

const IMAGES = join(import.meta.dirname, '../../docs/images')
const ENTER = '\r'

async function main(): Promise<void> {
  await buildProgram()
  mkdirSync(IMAGES, { recursive: true })
  await using stage = await Stage.open()
  const helpers = [await stage.helper()]
  const room = 'kitchen'
  const peer = (name: string, more = {}) => stage.peer(name, { helpers, room, ...more })
  const ann = await stage.screenPeer('Ann', { helpers, room, columns: 100, rows: 26 })
  await ann.shows('helper ok')
  ann.type(`/set theme dark${ENTER}/clear${ENTER}`)
  await ann.hides('Welcome')
  const eve = await stage.screenPeer('Eve', { helpers, room, columns: 40, rows: 20 })
  const [bob, cleo, dan] = [await peer('Bob'), await peer('Cleo'), await peer('Dan')]
  await ann.shows('5 here')
  bob.say('morning! the build is green again')
  await ann.shows('green again')
  cleo.say('nice. who wants to look at the relay branch today? 日本 time works for me, so early is good')
  await ann.shows('early is good')
  dan.command('/me makes coffee ☕')
  await ann.shows('makes coffee')
  ann.type(`I do, after lunch.\u001b\rCould somebody send me the log of last night?${ENTER}`)
  await ann.shows('last night? ✓✓')
  bob.say('Ann: sent. It stops at 03:12, right when the helper went down, and goes on at 03:13')
  await ann.shows('at 03:13')
  await secondRoom(ann, dan)
  shoot(ann, 'chat.svg', 'Five people chat in the room kitchen; a status line tells that all are connected')
  ann.type('\u0015/n\t')
  await ann.shows('/notify')
  shoot(ann, 'completion.svg', 'Tab shows the commands that begin with what was typed')
  ann.type('\u001b')
  await ann.hides('/notify')
  ann.type('\u0015\u0006relay')
  await ann.shows('search: relay')
  shoot(ann, 'search.svg', 'A search marks what it found')
  await eve.shows('03:13')
  shoot(eve, 'narrow.svg', 'The same room in a window of forty columns')
}

/** Something happens elsewhere. */
async function secondRoom(
  ann: TerminalProgram,
  dan: { command(text: string): void; say(text: string, room: string): void },
): Promise<void> {
  ann.type(`/join tea${ENTER}`)
  await ann.shows('you joined tea')
  dan.command('/join tea')
  await ann.shows(/^ tea · 2 here/m)
  ann.type('\u001b1')
  await ann.shows(/^ kitchen · 5 here/m)
  dan.say('Ann, do you have any Earl Grey?', 'tea')
  await ann.shows('2:tea 1@1')
  ann.type('thanks B')
  await ann.shows('> thanks B')
}

function shoot(terminal: TerminalProgram, file: string, title: string): void {
  writeFileSync(join(IMAGES, file), renderSvg(terminal.emulator, title))
  process.stdout.write(`docs/images/${file}\n`)
}

await main()
