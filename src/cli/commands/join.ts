/**
 * `parley join` and bare `parley`: from the settings through the data folder to a chat. Bare `parley` on a
 * terminal asks a few questions on its first start.
 */
import type { Flags, RememberedAnswers } from '../../config/layers.ts'
import { type Resolved, resolvePeer } from '../../config/resolve.ts'
import type { PeerConfig } from '../../config/types.ts'
import { type DataFolder, openDataFolder } from '../../storage/data-folder.ts'
import { type Io, isTerminal } from '../io.ts'
import { eventFormatter, parserOf, type ResolvedFormat, resolveFormat } from '../output/format.ts'
import { HistoryFolding } from '../output/output-filter.ts'
import { promptSurface } from '../output/prompt.ts'
import { lineLogger, reportFailure, stderrLines } from '../output/stderr.ts'
import { filteredSurface, type Surface, streamSurface } from '../output/surface.ts'
import { VERSION } from '../version.ts'
import { chat, Shutdown } from './chat.ts'
import { askFirstStart } from './first-start.ts'
import { sourcesOf } from './visit.ts'

export interface JoinRequest {
  readonly flags: Flags
  readonly room?: string
  /** `first-start`: ask unless asked before, if there is a terminal. */
  readonly questions: 'first-start' | 'never'
}

/** Chats until the user leaves. Resolves with the exit code; rejects only with wrong settings. */
export async function join(request: JoinRequest, io: Io): Promise<number> {
  const sources = sourcesOf(request.flags, io, request.room)
  // Wrong settings are refused before anything is created on disk.
  const resolved = await resolvePeer(sources)
  const { dataDir, logLevel, output } = resolved.config
  const leaving = new Shutdown()
  const forget = io.onSignal(leaving.ask)
  try {
    const logger = lineLogger(logLevel, stderrLines(io), Date.now)
    await using folder = await openDataFolder(dataDir, io.who, logger)
    const asking = folder.answers.get() ?? firstAnswers(request, resolved, folder, io)
    const answers = await Promise.race([asking, leaving.asked.then(() => 'ended' as const)])
    if (answers === 'ended') return 0
    const { config } = await resolvePeer({ ...sources, answers })
    return await runChat(folder, config, leaving, io)
  } catch (error) {
    return reportFailure(error, io, output)
  } finally {
    forget()
  }
}

/** The answers of the first start, remembered; empty if nobody can be asked. */
async function firstAnswers(
  { questions }: JoinRequest,
  { config, settings }: Resolved<PeerConfig>,
  folder: DataFolder,
  io: Io,
): Promise<RememberedAnswers | 'ended'> {
  const ask = [
    ...(settings.get('name')?.by === 'default' ? (['name'] as const) : []),
    ...(settings.get('helpers')?.by === 'default' ? (['helper'] as const) : []),
  ]
  const nobodyThere = config.output === 'json' || !isTerminal(io)
  if (questions === 'never' || nobodyThere || ask.length === 0) return {}
  const answers = await askFirstStart({ loginName: config.name, ask }, io)
  if (answers === undefined) return 'ended'
  await folder.answers.remember(answers)
  return answers
}

async function runChat(folder: DataFolder, config: PeerConfig, shutdown: Shutdown, io: Io): Promise<number> {
  const form = resolveFormat(config.output, io)
  const self = folder.privateKey.publicKey.toString()
  const surface = await surfaceOf(form, { folder, config, self }, shutdown, io)
  // Programs get every event, and a screen has a place for each; printed lines are filtered for people.
  const isComplete = form === 'json' || form === 'screen'
  const emit = isComplete ? surface.emit : filteredSurface(new HistoryFolding(self), surface.emit, Date.now)
  const logger = lineLogger(config.logLevel, surface.log, Date.now)
  return chat({
    surface,
    shutdown,
    parse: parserOf(form),
    async start() {
      // the network takes longer to load than everything else, and a screen can show before
      const { startPeer } = await import('../../chat/session.ts')
      return startPeer(config, { version: VERSION, folder, logger, emit })
    },
  })
}

interface ChatPlace {
  readonly folder: DataFolder
  readonly config: PeerConfig
  readonly self: string
}

async function surfaceOf(
  form: ResolvedFormat,
  { folder, config, self }: ChatPlace,
  { ask }: Shutdown,
  io: Io,
): Promise<Surface> {
  switch (form) {
    case 'screen': {
      const { screenSurface } = await import('../output/full-screen.ts')
      return screenSurface({ config, folder: folder.path, self, interrupt: ask }, io)
    }
    case 'prompt':
      return promptSurface(io, eventFormatter(form, self, io), ask)
    case 'plain':
    case 'json':
      return streamSurface(io, eventFormatter(form, self, io))
  }
}
