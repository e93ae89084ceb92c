/**
 * What `send` and `tail` share: from the settings through the data folder to a session whose text form keeps
 * standard output for the command's result, and reports trouble on standard error.
 */
import type { UiEvent } from '../../api/events.ts'
import { jsonLine } from '../../api/json.ts'
import type { Flags } from '../../config/layers.ts'
import type { Resolved, Sources } from '../../config/resolve.ts'
import { resolvePeer } from '../../config/resolve.ts'
import type { OutputForm, PeerConfig } from '../../config/types.ts'
import type { DataFolder } from '../../storage/data-folder.ts'
import { openDataFolder } from '../../storage/data-folder.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import type { Io } from '../io.ts'
import { eventLine, lineLogger, reportFailure, stderrLines } from '../output/stderr.ts'
import type { EventFormatter } from '../output/surface.ts'

/** Notices worth an interruption: about the log, or that nobody will receive the message. */
const REPORTED_NOTICES = ['no-discovery', 'log-set-aside', 'log-copied', 'log-ok']

/**
 * Opens the data folder for a visit. Resolves with the visit's exit code, or with that of the failure that
 * kept it from starting, which it reports.
 */
export async function visit(
  sources: Sources,
  { config: { dataDir, logLevel, output } }: Resolved<PeerConfig>,
  io: Io,
  stay: (config: PeerConfig, folder: DataFolder) => Promise<number>,
): Promise<number> {
  try {
    const logger = lineLogger(logLevel, stderrLines(io), Date.now)
    await using folder = await openDataFolder(dataDir, io.who, logger)
    const answers = folder.answers.get() ?? {}
    const { config } = await resolvePeer({ ...sources, answers })
    return await stay(config, folder)
  } catch (error) {
    return reportFailure(error, io, output)
  }
}

/** JSON, or `text` for the command's events and trouble on standard error. */
export function visitFormat(form: PeerConfig['output'], io: Io, text: EventFormatter): EventFormatter {
  if (form === 'json') return event => `${jsonLine(event)}\n`
  return event => {
    const trouble = troubleLine(event)
    if (trouble !== undefined) io.stderr.write(`${trouble}\n`)
    return text(event)
  }
}

function troubleLine(event: UiEvent): string | undefined {
  if (event.type === 'error') return eventLine(event)
  const isTold = event.type === 'notice' && REPORTED_NOTICES.includes(event.code)
  return isTold ? sanitiseLine(`parley: ${event.text}`) : undefined
}

// The configuration for commands: where settings come from, and how values are printed.

export function sourcesOf(flags: Flags, io: Io, room?: string): Sources {
  return { flags, env: io.env, host: io.host, ...(room === undefined ? {} : { room }) }
}

/** Prints named values: one per line, or one JSON object. */
export function writeFields(fields: Readonly<Record<string, string>>, io: Io, form: OutputForm): void {
  if (form === 'json') {
    io.stdout.write(`${JSON.stringify(fields)}\n`)
    return
  }
  const width = Math.max(...Object.keys(fields).map(name => name.length))
  for (const [name, value] of Object.entries(fields)) {
    io.stdout.write(`${name.padEnd(width)}  ${sanitiseLine(value)}\n`)
  }
}
