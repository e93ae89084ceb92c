/**
 * The full screen, as its user feels it: how soon it is there, how soon a key is seen while others talk, and what it
 * costs. Through a terminal that `script` lends, whose relaying is part of every figure.
 */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { cpuSeconds, residentMiB } from '../kernel.ts'
import { Program } from '../program.ts'
import { PtyProgram } from '../pty.ts'
import type { Round } from '../round.ts'
import { quantile } from '../sheet.ts'
import { type Case, makeStock } from '../stock.ts'
import { helperArgs, PARLEY, parleyArgs, ROOM_NAME, screenArgs } from '../system.ts'
import { measureFrames } from './frames.ts'

const SIZE = { columns: 120, rows: 40 }
/** Never in what others write, so that it is seen when a key is. */
const LETTERS = 'àèìòùâêîôûäëïöüãñõ'
/** Between two keys, milliseconds: a fast typist. */
const KEY_GAP_MS = 60
/** Messages a second that come meanwhile. */
const PACE = 50
/** What the other one writes before, as fast as it is taken. */
const TEXT = 'of what was said before, a line as long as lines of a chat are'
/** After a burst, and before memory is read, milliseconds. */
const SETTLE_MS = 2_000
const CLEAR_LINE = '\u0015'

export async function measureScreen(round: Round): Promise<void> {
  const parts: readonly [string, () => Promise<void>][] = [
    ['frames', async () => measureFrames(round)],
    ['start of the screen', () => measureStart(round)],
    ['keys', () => measureKeys(round)],
    ['a large log', () => measureLog(round)],
  ]
  for (const [what, measure] of parts) {
    round.tell(`  ${what}`)
    try {
      await round.load.during(what, measure)
    } catch (cause) {
      round.fail(what, cause)
    }
  }
}

function note(round: Round, row: string, value: number | undefined): void {
  round.note({ measure: 'screen', table: 'the screen', row, column: PARLEY, value })
}

function newFolder({ workshop }: Round): string {
  return mkdtempSync(join(workshop.folder, 'screen-'))
}

function open(round: Round, data: string, helper: string): PtyProgram {
  const { env } = round.workshop
  const args = screenArgs({ room: ROOM_NAME, data, helper })
  return new PtyProgram({ args, env, ...SIZE, pidFile: join(newFolder(round), 'pid') })
}

async function measureStart(round: Round): Promise<void> {
  const data = newFolder(round)
  // not counted: it makes the identity and leaves compiled code behind for the others
  for (let count = 0; count <= round.options.starts; count++) {
    await using screen = open(round, data, '')
    const paintedMs = (await screen.draws('starting…')) - screen.startedAtMs
    const readyMs = (await screen.draws('you are ')) - screen.startedAtMs
    if (count === 0) continue
    note(round, 'first frame after, ms', paintedMs)
    note(round, 'in the room after, ms', readyMs)
  }
}

async function measureKeys(round: Round): Promise<void> {
  const { env } = round.workshop
  await using helper = new Program({ name: 'helper', args: helperArgs(newFolder(round)), env })
  const address = await helper.address()
  const args = parleyArgs({ room: ROOM_NAME, data: newFolder(round), helper: address })
  await using talker = new Program({ name: 'talker', args, env })
  await talker.event('ready')
  await using screen = open(round, newFolder(round), address)
  await screen.draws('2 here')
  await fillScreen(talker, screen, round.options.screenMessages)
  note(round, 'memory with so many messages on the screen, MiB', residentMiB(screen.pid))
  const delays = await pressKeys(round, talker, screen)
  const sorted = delays.toSorted((a, b) => a - b)
  note(round, 'key press to paint, median, ms', quantile(sorted, 0.5))
  note(round, 'key press to paint, 99 of 100, ms', quantile(sorted, 0.99))
  note(round, 'key press to paint, slowest, ms', sorted.at(-1))
  await wait(SETTLE_MS)
  note(round, 'CPU at rest, % of a core', await restingCpu(round, screen))
}

async function fillScreen(talker: Program, screen: PtyProgram, count: number): Promise<void> {
  const texts = Array.from({ length: count }, (_, at) => ({ text: `line ${at} ${TEXT}` }))
  await talker.write(texts)
  await talker.write([{ text: 'this was the last one' }])
  await screen.draws('this was the last one')
  await wait(SETTLE_MS)
}

/** Milliseconds from each key until it is drawn, while somebody talks. */
async function pressKeys(
  { options }: Round,
  talker: Program,
  screen: PtyProgram,
): Promise<readonly number[]> {
  let said = 0
  const talking = setInterval(
    () => void talker.write([{ text: `meanwhile ${said++} ${TEXT}` }]),
    1_000 / PACE,
  )
  const delays: number[] = []
  try {
    for (let count = 0; count < options.keys; count++) {
      // each line begins with another letter: one that stays where it was isn't drawn
      const letter = LETTERS[(count + Math.floor(count / LETTERS.length)) % LETTERS.length] ?? ''
      if (count > 0 && count % LETTERS.length === 0) {
        screen.type(CLEAR_LINE)
        await wait(KEY_GAP_MS)
      }
      screen.forget()
      const pressedMs = performance.now()
      screen.type(letter)
      delays.push((await screen.draws(letter)) - pressedMs)
      await wait(KEY_GAP_MS)
    }
  } finally {
    clearInterval(talking)
  }
  return delays
}

async function restingCpu({ options }: Round, { pid }: PtyProgram): Promise<number> {
  const [before, fromMs] = [cpuSeconds(pid), performance.now()]
  await wait(options.idleSeconds * 1_000)
  return ((cpuSeconds(pid) - before) / ((performance.now() - fromMs) / 1_000)) * 100
}

/** The log of a room that was talked in for years. */
async function measureLog(round: Round): Promise<void> {
  const { syncMessages } = round.options
  const history = { chains: 20, each: syncMessages / 20, cut: 0 }
  const whole: Case = { name: 'everything', history, lacking: 'everything' }
  const stock = await makeStock(newFolder(round), whole)
  await using screen = open(round, await stock.whole(), '')
  await screen.draws('you are ')
  await wait(SETTLE_MS)
  const row = `memory with ${syncMessages.toLocaleString('en-US')} messages in the log, MiB`
  note(round, row, residentMiB(screen.pid))
}
