/**
 * The log by itself: how fast a large one is written, how soon it is open and read, what it takes on disk, and what
 * one message costs that has to outlive a power cut.
 */
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { nodeCrypto } from '../../src/chat/node-crypto.ts'
import { roomIdOf } from '../../src/protocol/rooms.ts'
import type { LogStore } from '../../src/storage/log/log-store.ts'
import { openLogStore } from '../../src/storage/log/sqlite/store.ts'
import { BareFile, BareLog } from '../bare-log.ts'
import type { Sink } from '../fill.ts'
import { append, fill, logSink, timed } from '../fill.ts'
import { dropPageCache } from '../kernel.ts'
import type { LogReading } from '../log-reader.ts'
import { messagesOf } from '../messages.ts'
import { Program } from '../program.ts'
import type { Round } from '../round.ts'
import { quantile } from '../sheet.ts'
import { BARE_FILE, BARE_SQLITE, PARLEY, ROOM_NAME } from '../system.ts'
import { RARE_WORD, wordOf } from '../words.ts'

const AUTHORS = 20
/** Messages that are made durable one by one. */
const SINGLES = 200
const READER = join(import.meta.dirname, '../log-reader.ts')
const BACKLOG = 50

const SEARCHES = [
  { row: 'search for a word in 1 of 20,000 messages, ms', words: RARE_WORD },
  { row: 'search for one in 1 of 12, ms', words: wordOf(29) },
  { row: 'search for two of those, ms', words: `${wordOf(30)} ${wordOf(31)}` },
  { row: 'search for three letters that words begin with, ms', words: 'clo' },
  { row: 'search for one letter that words begin with, ms', words: 'b' },
]

interface Prepared {
  readonly folder: string
  readonly bare: string
}

type Note = (row: string, column: string, value: number | undefined) => void

/** Made in the first round and read in all of them. */
let prepared: Prepared | undefined

export async function measureLog(round: Round): Promise<void> {
  const count = round.options.logMessages
  const noteIn = (what: string): Note => {
    const table = `${what} a log of ${count.toLocaleString('en-US')} messages`
    return (row, column, value) => round.note({ measure: 'log', table, row, column, value })
  }
  const [noteWriting, noteReading] = [noteIn('writing'), noteIn('reading')]
  try {
    prepared ??= await prepare(round, noteWriting)
    const { folder, bare } = prepared
    for (let reading = 0; reading < round.options.starts; reading++) {
      await read(round, folder, 'cached', noteReading)
      if (dropPageCache()) await read(round, folder, 'not cached', noteReading)
      else noteReading(openRow('not cached'), PARLEY, undefined)
    }
    await writeSingles(round, { folder, bare }, noteWriting)
    await startPrograms(round, folder, noteReading)
  } catch (cause) {
    round.fail('the log', cause)
  }
}

/** Writes the logs, and notes what that costs. */
async function prepare(round: Round, note: Note): Promise<Prepared> {
  const folder = join(round.workshop.folder, 'log')
  const bare = join(folder, 'bare.db')
  mkdirSync(folder, { mode: 0o700 })
  const { store } = await open(folder)
  using bareLog = new BareLog(bare)
  const ours = timed(logSink(store.room(roomId(), ROOM_NAME)))
  const theirs = timed(bareLog.sink)
  const history = {
    room: roomId(),
    chains: AUTHORS,
    each: round.options.logMessages / AUTHORS,
    cut: 0,
  }
  round.tell('  writing a log')
  const { count, bytes } = await round.load.during('writing a log', () => {
    return fill(messagesOf(history), [ours.sink, theirs.sink])
  })
  store.close()
  note('messages written a second, 512 at a time', PARLEY, count / (ours.spentMs() / 1_000))
  note('messages written a second, 512 at a time', BARE_SQLITE, count / (theirs.spentMs() / 1_000))
  note('bytes of a message as it travels', PARLEY, bytes / count)
  note('bytes of a message on disk, before it is indexed', PARLEY, logBytes(folder) / count)
  note('bytes of a message on disk, before it is indexed', BARE_SQLITE, bareLog.close() / count)
  await index(round, folder, count, note)
  return { folder, bare }
}

async function index(round: Round, folder: string, count: number, note: Note): Promise<void> {
  const { store } = await open(folder)
  let longestMs = 0
  const spentMs = await round.load.during('indexing a log', () => {
    const startMs = performance.now()
    for (let state = 'more'; state === 'more'; ) {
      const stepMs = performance.now()
      state = store.indexSome()
      longestMs = Math.max(longestMs, performance.now() - stepMs)
    }
    return performance.now() - startMs
  })
  store.close()
  note('bytes of a message on disk, with the words indexed', PARLEY, logBytes(folder) / count)
  note('messages indexed a second', PARLEY, count / (spentMs / 1_000))
  note('longest step of indexing, ms', PARLEY, longestMs)
}

/** A fresh process reads the log. */
async function read(round: Round, folder: string, state: 'cached' | 'not cached', note: Note): Promise<void> {
  const reading = await round.load.during(`reading a log, ${state}`, async () => {
    const args = [READER, folder, ...SEARCHES.map(({ words }) => words)]
    await using reader = new Program({ name: 'reader of a log', args, env: round.workshop.env })
    await reader.event('ready')
    if (state === 'not cached') dropPageCache()
    await reader.write([{}])
    return (await reader.event('read')) as unknown as LogReading
  })
  if (reading.shown !== BACKLOG) throw new Error(`${reading.shown} messages were shown`)
  note(openRow(state), PARLEY, reading.openMs)
  if (state === 'not cached') return
  for (const [index, { row }] of SEARCHES.entries()) note(row, PARLEY, reading.searches[index]?.ms)
  note('memory of a process that did this, MiB', PARLEY, reading.memoryMiB)
}

function openRow(state: 'cached' | 'not cached'): string {
  return `open and read the newest ${BACKLOG}, file ${state}, ms`
}

/** One message at a time, each durable before the next. */
async function writeSingles(round: Round, { folder, bare }: Prepared, note: Note): Promise<void> {
  // another author in each round
  const history = { room: roomId(), chains: 1, firstChain: AUTHORS + round.run, each: SINGLES, cut: 0 }
  const { store } = await open(folder)
  const log = store.room(roomId(), ROOM_NAME)
  const sink: Sink = batch => {
    append(log, batch)
    log.commit()
  }
  using bareLog = new BareLog(bare)
  using bareFile = new BareFile(join(folder, 'bare-file'))
  const ways = [
    { column: PARLEY, sink },
    { column: BARE_SQLITE, sink: bareLog.sink },
    { column: BARE_FILE, sink: bareFile.sink },
  ]
  const times = new Map(ways.map(({ column }) => [column, [] as number[]]))
  await round.load.during('single messages', () => {
    for (const entry of messagesOf(history)) {
      for (const way of ways) {
        const one = timed(way.sink)
        one.sink([entry])
        times.get(way.column)?.push(one.spentMs())
      }
    }
  })
  store.close()
  for (const [column, all] of times) {
    const sorted = all.toSorted((a, b) => a - b)
    note('one message made durable, ms (half of them)', column, quantile(sorted, 0.5))
    note('one message made durable, ms (99 of 100)', column, quantile(sorted, 0.99))
  }
}

/** The program itself, with this log and with none. */
async function startPrograms(round: Round, folder: string, note: Note): Promise<void> {
  const empty = join(round.workshop.folder, 'log-empty')
  const starts = [
    { row: `start of the program until it shows the newest ${BACKLOG}, ms`, data: folder, backlog: BACKLOG },
    { row: 'start of the program without a log, ms', data: empty, backlog: 0 },
  ]
  // not counted: it makes an identity, and leaves compiled code behind
  for (const { data, backlog } of starts) await startOnce(round, data, backlog)
  for (let start = 0; start < round.options.starts; start++) {
    for (const { row, data, backlog } of starts) {
      note(row, PARLEY, await round.load.during('a start', () => startOnce(round, data, backlog)))
    }
  }
}

/** Milliseconds until it is ready and everything is shown. */
async function startOnce({ workshop, systems }: Round, data: string, backlog: number): Promise<number> {
  const system = systems.find(({ name }) => name === PARLEY)
  const args = system?.args({ room: ROOM_NAME, data, helper: '' }) ?? []
  const complete = Promise.withResolvers<number>()
  let shown = 0
  const onLine = (line: string, atMs: number): void => {
    if (line.startsWith('{"type":"message"') && ++shown === backlog) complete.resolve(atMs)
  }
  await using program = new Program({ name: 'parley', args, env: workshop.env, onLine })
  const { atMs } = await program.event('ready')
  const lastAtMs = backlog === 0 ? atMs : await complete.promise
  return Math.max(atMs, lastAtMs) - program.startedAtMs
}

function open(folder: string): Promise<{ readonly store: LogStore }> {
  return openLogStore(folder, { crypto: nodeCrypto() })
}

function roomId(): ReturnType<typeof roomIdOf> {
  return roomIdOf(ROOM_NAME, nodeCrypto())
}

function logBytes(folder: string): number {
  return statSync(join(folder, 'log.db')).size
}
