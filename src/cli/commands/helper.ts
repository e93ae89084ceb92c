/**
 * `parley helper`: runs a helper until it is asked to end. It prints the addresses to give to others; its log
 * goes to standard error.
 */

import type { UiEvent } from '../../api/events.ts'
import { jsonLine } from '../../api/json.ts'
import { hostPort } from '../../config/address.ts'
import type { Flags } from '../../config/layers.ts'
import { resolveHelper } from '../../config/resolve.ts'
import type { HelperConfig } from '../../config/types.ts'
import { startHelper } from '../../helper/helper.ts'
import { type DataFolder, openDataFolder } from '../../storage/data-folder.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import type { Io } from '../io.ts'
import { BatchWriter } from '../output/batch-writer.ts'
import { lineLogger, reportFailure, stderrLines } from '../output/stderr.ts'
import { droppedEvent } from '../output/surface.ts'
import { VERSION } from '../version.ts'
import { endInTime, LEAVE_DEADLINE_MS, Shutdown } from './chat.ts'
import { sourcesOf } from './visit.ts'

/** Runs it. Resolves with the exit code; rejects only with wrong settings. */
export async function helper(flags: Flags, io: Io): Promise<number> {
  const { config } = await resolveHelper(sourcesOf(flags, io))
  const leaving = new Shutdown()
  const forget = io.onSignal(leaving.ask)
  try {
    const logger = lineLogger(config.logLevel, stderrLines(io), Date.now)
    await using folder = await openDataFolder(config.dataDir, io.who, logger)
    const serving = serve(config, folder, leaving, io)
    return await endInTime(serving, leaving.asked, leaving.insisted, LEAVE_DEADLINE_MS)
  } catch (error) {
    return reportFailure(error, io, config.output)
  } finally {
    forget()
  }
}

async function serve(config: HelperConfig, folder: DataFolder, leaving: Shutdown, io: Io): Promise<void> {
  const format = config.output === 'json' ? jsonText : plainText
  io.unblock()
  const writer = new BatchWriter(io.stdout, { droppedLine: count => format(droppedEvent(count)) })
  const logger = lineLogger(config.logLevel, stderrLines(io), Date.now)
  const emit = (event: UiEvent) => writer.write(format(event))
  const running = await startHelper(config, { version: VERSION, folder, logger, emit })
  if (running.admin !== undefined) emit(adminNotice(running.admin))
  // A helper continues when nobody reads its output any more.
  await Promise.race([running.closed, leaving.asked])
  await running.close()
  await writer.flush()
}

/** The address of the admin pages: with port 0 nobody could know it. */
function adminNotice({ host, port }: NonNullable<HelperConfig['admin']>): UiEvent {
  // a percent sign within a URL is written as %25 (RFC 6874)
  const url = `http://${hostPort(host.replace('%', '%25'), String(port))}/`
  return { type: 'notice', code: 'admin', text: `Status page: ${url}`, url }
}

function jsonText(event: UiEvent): string {
  return `${jsonLine(event)}\n`
}

/** For the operator: what to give to others. */
function plainText(event: UiEvent): string {
  switch (event.type) {
    case 'ready':
      return [
        `parley ${event.version} helper ${event.peer}`,
        'Give one of these addresses to those who should find each other:',
        ...event.addresses.map(address => `  parley join --helper ${sanitiseLine(address)}`),
        '',
      ].join('\n')
    case 'notice':
    case 'error':
      return `${sanitiseLine(event.text)}\n`
    default:
      return ''
  }
}
