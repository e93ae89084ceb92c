/**
 * The full screen as a surface: the user's actions become inputs, events are shown. Loaded only on a
 * terminal, since it takes longer to load than everything else.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import schema from '../../../config/settings.schema.json' with { type: 'json' }
import type { UiEvent } from '../../api/events.ts'
import { ParleyError } from '../../common/errors.ts'
import { SILENT_LOGGER } from '../../common/logger.ts'
import { changeScreenSetting, readScreenSettings, SCREEN_CHOICES } from '../../config/screen-settings.ts'
import type { PeerConfig } from '../../config/types.ts'
import { type ReadMarker, ReadMarkers } from '../../storage/read-markers.ts'
import { SettingsFile } from '../../storage/settings-file.ts'
import { wantsColour } from '../../text/colours.ts'
import { undeliveredText } from '../../text/message-text.ts'
import type { ScreenSettings, SettingResult } from '../../tui/model/state.ts'
import { Screen } from '../../tui/screen.ts'
import { sizeOf, Terminal, type TerminalEffect } from '../../tui/terminal/terminal.ts'
import type { Line } from '../input/lines.ts'
import type { Io } from '../io.ts'
import { fingerprintOf } from './format.ts'
import { failureEvent, stderrLines } from './stderr.ts'
import type { Surface } from './surface.ts'

/** Beside the settings, so that editors find the schema. */
const SCHEMA_FILE = 'settings.schema.json'

export interface ScreenRequest {
  readonly config: PeerConfig
  /** The data folder's path. */
  readonly folder: string
  /** Own peer id. */
  readonly self: string
  /** Asks to leave. */
  readonly interrupt: () => void
}

/** Opens the screen. Rejects with a `ParleyError` with exit code 2 if the settings are wrong. */
export async function screenSurface(request: ScreenRequest, io: Io): Promise<Surface> {
  const file = await SettingsFile.open(request.folder)
  const settings = readScreenSettings(file.found ?? {}, file.path)
  const seen = await ReadMarkers.open(request.folder, SILENT_LOGGER)
  const screen = new Screen(screenDepsOf(request, settings, seen.until), sizeOf(io.stdout), Date.now())
  if (file.found === undefined) {
    screen.welcome(Date.now())
    await createFile(file, request.folder, settings)
  }
  return surfaceOf(request, screen, { file, seen }, io)
}

interface Files {
  readonly file: SettingsFile
  readonly seen: ReadMarkers
}

function screenDepsOf({ config, self }: ScreenRequest, settings: ScreenSettings, seen: ReadMarker) {
  return {
    self: { peer: self, name: config.name },
    room: config.room,
    helpers: config.helpers.length,
    lan: config.lan,
    fingerprintOf,
    settings,
    seen,
    change: changeSetting,
    choices: SCREEN_CHOICES,
  }
}

function surfaceOf(request: ScreenRequest, screen: Screen, { file, seen }: Files, io: Io): Surface {
  const typed = new TypedInputs()
  const broken = Promise.withResolvers<Error>()
  io.stdout.on('error', broken.resolve)
  io.unblock()
  let undelivered = 0
  const perform = (effect: TerminalEffect): void => {
    if (effect.kind === 'input') typed.add(JSON.stringify(effect.input))
    else if (effect.kind === 'interrupt') request.interrupt()
    else file.save(savedForm(effect.settings)).catch(error => tui.onEvent(failureEvent(error)))
  }
  const { stdin, stdout, suspend } = io
  const isColourful = wantsColour({ isTTY: true, env: io.env }) === 'ansi'
  const theme = isColourful ? {} : ({ theme: 'none' } as const)
  const tui = new Terminal({ stdin, stdout, screen, perform, suspend, onHangUp: typed.end, ...theme })
  const forget = io.atEnd(tui.close)
  return {
    emit(event: UiEvent) {
      if (event.type === 'bye') undelivered = event.undelivered
      tui.onEvent(event)
    },
    log: io.stderr.isTTY === true ? line => tui.onLog(line) : stderrLines(io),
    lines: typed.batches(),
    ready: () => Promise.resolve(),
    broken: broken.promise,
    async close() {
      typed.end()
      tui.close()
      forget()
      if (undelivered > 0) stdout.write(`parley: ${undeliveredText(undelivered)}\n`)
      await Promise.allSettled([file.settled(), seen.remember(screen.seen)])
    },
  }
}

/** Creates the file for users who want to edit it. */
async function createFile(file: SettingsFile, folder: string, settings: ScreenSettings): Promise<void> {
  await file.save(savedForm(settings))
  await writeFile(join(folder, SCHEMA_FILE), `${JSON.stringify(schema, undefined, 2)}\n`)
}

function savedForm(settings: ScreenSettings): Readonly<Record<string, unknown>> {
  return { $schema: `./${SCHEMA_FILE}`, ...settings }
}

function changeSetting(settings: ScreenSettings, key: string, value: string): SettingResult {
  try {
    return { kind: 'valid', settings: changeScreenSetting(settings, key, value) }
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error
    return { kind: 'invalid', text: error.message, remedy: error.remedy }
  }
}

/** Inputs that wait to be carried out. A person's typing stays far below any bound. */
class TypedInputs {
  #waiting: Line[] = []
  #some = Promise.withResolvers<void>()
  #isOver = false

  add(text: string): void {
    this.#waiting.push({ kind: 'line', text })
    this.#some.resolve()
  }

  readonly end = (): void => {
    this.#isOver = true
    this.#some.resolve()
  }

  async *batches(): AsyncGenerator<readonly Line[]> {
    while (!this.#isOver || this.#waiting.length > 0) {
      await this.#some.promise
      this.#some = Promise.withResolvers()
      const batch = this.#waiting
      this.#waiting = []
      yield batch
    }
  }
}
