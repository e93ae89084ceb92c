/**
 * `parley history`: the stored messages of a room, without a network; with `--json`, a full export. It writes
 * page by page, as fast as its reader reads, so it needs little memory for a log of any size.
 */

import type { Recalled, UiEvent } from '../../api/events.ts'
import { jsonLine } from '../../api/json.ts'
import { type HistoryContext, shownMessagesOf } from '../../chat/commands/history-queries.ts'
import { nodeCrypto } from '../../chat/node-crypto.ts'
import { PeerLabels } from '../../chat/peer-labels.ts'
import { ParleyError } from '../../common/errors.ts'
import type { Flags } from '../../config/layers.ts'
import { resolvePeer } from '../../config/resolve.ts'
import type { PeerConfig } from '../../config/types.ts'
import { type PeerKey, toHex } from '../../protocol/ids.ts'
import { readIdentity } from '../../storage/identity.ts'
import { type LogReader, openLogReader, pagesOf } from '../../storage/log/log-reader.ts'
import type { Archive, ArchivedRoom, Query, StoredWithState } from '../../storage/log/log-store.ts'
import { countOption, sinceOption } from '../input/options.ts'
import type { Io } from '../io.ts'
import { BatchWriter } from '../output/batch-writer.ts'
import { historyFormatter } from '../output/format.ts'
import { lineLogger, reportFailure } from '../output/stderr.ts'
import { refuseUnlessQuiet } from './chat.ts'
import { sourcesOf, visitFormat } from './visit.ts'

export interface HistoryRequest {
  readonly flags: Flags
  readonly room: string
  /** As given on the command line. */
  readonly search?: string
  readonly limit?: string
  readonly since?: string
}

/** The default: two screens. */
const COUNT = 50
/** More than any room has. */
const MAX_COUNT = 999_999_999

/** Rooms listed in the error about an unknown one. */
const MAX_NAMED = 20

/** Prints a room's messages. Resolves with the exit code; rejects only with wrong settings. */
export async function history(request: HistoryRequest, io: Io): Promise<number> {
  const { config } = await resolvePeer(sourcesOf(request.flags, io, request.room))
  const since = sinceOption('--since', request.since, Date.now())
  const standard = config.output === 'json' || since !== undefined ? Number.POSITIVE_INFINITY : COUNT
  const limit = countOption('--limit', request.limit, { standard, min: 1, max: MAX_COUNT })
  const words = request.search
  const wanted = { limit, ...(since !== undefined && { since }), ...(words !== undefined && { words }) }
  try {
    await printHistory(config, wanted, io)
    return 0
  } catch (error) {
    return reportFailure(error, io, config.output)
  }
}

async function printHistory(config: PeerConfig, wanted: Omit<Query, 'room'>, io: Io): Promise<void> {
  const { dataDir, logLevel, output } = config
  const crypto = nodeCrypto()
  const logger = lineLogger(logLevel, line => io.stderr.write(`${line}\n`), Date.now)
  await using reader = await openLogReader(dataDir, io.who, { crypto, logger })
  const identity = await readIdentity(dataDir)
  const self = (identity === undefined ? '' : toHex(identity.publicKey.raw)) as PeerKey
  const { archive } = reader
  const room = roomOf(archive, config.room)
  const context = { self, labels: new PeerLabels(crypto), archive, room: room.id }
  const writer = new HistoryWriter(io, output, room.name, context)
  writer.tellNotices(reader)
  for (const page of pagesOf(archive, { ...wanted, room: room.id })) {
    if (!(await writer.write(page))) break
  }
  await writer.end()
}

/** Throws a `ParleyError` if the log has no such room. */
function roomOf(archive: Archive, name: string): ArchivedRoom {
  const rooms = archive.rooms()
  const room = rooms.find(one => one.name === name)
  if (room !== undefined) return room
  const names = rooms.slice(0, MAX_NAMED).map(one => one.name)
  const more = rooms.length > names.length ? ` and ${rooms.length - names.length} more` : ''
  const remedy = names.length === 0 ? 'It has no room yet' : `It has: ${names.join(', ')}${more}`
  throw new ParleyError('room-not-kept', `the log has nothing of the room ${name}`, remedy)
}

/** Writes pages in the chosen form. */
class HistoryWriter {
  readonly #io: Io
  readonly #form: PeerConfig['output']
  readonly #room: string
  readonly #context: HistoryContext
  readonly #format: (messages: readonly Recalled[]) => string
  readonly #output: BatchWriter
  #broken: Error | undefined
  #shown = 0
  #unknown = 0

  constructor(io: Io, form: PeerConfig['output'], room: string, context: HistoryContext) {
    this.#io = io
    this.#form = form
    this.#room = room
    this.#context = context
    this.#format = historyFormatter(io)
    this.#output = new BatchWriter(io.stdout, { droppedLine: () => '' })
    this.#output.broken.then(error => {
      this.#broken = error
    })
  }

  /** What the user must know about the log. */
  tellNotices({ notices }: LogReader): void {
    const format = visitFormat(this.#form, this.#io, () => '')
    for (const { code, text } of notices) this.#note(format({ type: 'notice', code, text }))
  }

  /** Resolves when the reader has taken it; false if nobody reads any more. */
  async write(page: readonly StoredWithState[]): Promise<boolean> {
    const messages = shownMessagesOf(page, this.#context)
    this.#shown += messages.length
    this.#unknown += page.length - messages.length
    if (this.#form !== 'json') this.#note(this.#format(messages))
    else for (const message of messages) this.#note(`${jsonLine(exportEvent(message, this.#room))}\n`)
    await this.#output.ready()
    return this.#broken === undefined
  }

  /** Reports what the messages don't show. Throws a `ParleyError` if they couldn't be written. */
  async end(): Promise<void> {
    await this.#output.flush()
    if (this.#broken !== undefined) return refuseUnlessQuiet(this.#broken)
    const { stderr } = this.#io
    if (this.#shown === 0 && this.#form !== 'json') stderr.write(`parley: nothing found in ${this.#room}\n`)
    const unknown = this.#unknown
    const what = unknown === 1 ? '1 message is of a kind' : `${unknown} messages are of kinds`
    if (unknown > 0) stderr.write(`parley: ${what} that only a newer parley can show\n`)
  }

  #note(text: string): void {
    if (text !== '') this.#output.write(text)
  }
}

/** The log doesn't store the time of receipt. */
function exportEvent(message: Recalled, room: string): UiEvent {
  return { type: 'message', room, ...message, receivedAt: message.sentAt, via: 'history', late: false }
}
