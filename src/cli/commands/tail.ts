/**
 * `parley tail`: joins a room read-only. It sends nothing and reads no standard input; it prints the newest
 * messages, then new ones, until it is interrupted or its reader goes away.
 */
import { startPeer } from '../../chat/session.ts'
import type { Flags } from '../../config/layers.ts'
import { resolvePeer } from '../../config/resolve.ts'
import { isAmendingEvent, undeliveredText } from '../../text/message-text.ts'
import type { Line } from '../input/lines.ts'
import { countOption } from '../input/options.ts'
import type { Io } from '../io.ts'
import { plainFormatter } from '../output/format.ts'
import { TailFilter } from '../output/output-filter.ts'
import { lineLogger } from '../output/stderr.ts'
import { type EventFormatter, filteredSurface, streamSurface } from '../output/surface.ts'
import { VERSION } from '../version.ts'
import { chat, Shutdown } from './chat.ts'
import { sourcesOf, visit, visitFormat } from './visit.ts'

export interface TailRequest {
  readonly flags: Flags
  readonly room: string
  /** As given on the command line. */
  readonly history?: string
}

/** As tail(1). */
const HISTORY_COUNT = 10
/** `parley history` shows more. */
const MAX_HISTORY_COUNT = 10_000

/** Prints messages until it is told to end. Resolves with the exit code; rejects only with wrong settings. */
export async function tail(request: TailRequest, io: Io): Promise<number> {
  const sources = sourcesOf(request.flags, io, request.room)
  const resolved = await resolvePeer(sources)
  const range = { standard: HISTORY_COUNT, min: 0, max: MAX_HISTORY_COUNT }
  const history = countOption('--history', request.history, range)
  const shutdown = new Shutdown()
  const forget = io.onSignal(shutdown.ask)
  try {
    return await visit(sources, resolved, io, (config, folder) => {
      const self = folder.privateKey.publicKey.toString()
      const surface = streamSurface(io, visitFormat(config.output, io, messagesOf(self, io)), nothing())
      const emit = filteredSurface(new TailFilter({ history, start: Date.now() }), surface.emit, Date.now)
      const logger = lineLogger(config.logLevel, surface.log, Date.now)
      const start = () => startPeer(config, { version: VERSION, folder, logger, emit })
      return chat({ surface, shutdown, parse: () => undefined, start })
    })
  } finally {
    forget()
  }
}

/** Messages as in line mode; undelivered ones are reported on standard error. */
function messagesOf(self: string, io: Io): EventFormatter {
  const format = plainFormatter(self, 'none', io)
  return event => {
    if (event.type === 'bye' && event.undelivered > 0)
      io.stderr.write(`parley: ${undeliveredText(event.undelivered)}\n`)
    return event.type === 'message' || isAmendingEvent(event) ? format(event) : ''
  }
}

/** An input without lines that never ends. */
async function* nothing(): AsyncGenerator<readonly Line[]> {
  await new Promise(() => {})
}
