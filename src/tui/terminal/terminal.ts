/**
 * The full screen on a real terminal: keys from it, frames to it, and its original state at the end.
 * `tui/screen.ts` decides what is drawn, `painter.ts` how.
 */

import type { Readable, Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { UiEvent } from '../../api/events.ts'
import type { Key } from '../keys/key.ts'
import { KeyDecoder } from '../keys/key.ts'
import type { Size } from '../layout/frame.ts'
import type { ThemeName } from '../layout/theme.ts'
import type { ScreenEffect, ScreenSettings } from '../model/state.ts'
import type { Screen } from '../screen.ts'
import { WheelFilter } from './mouse-wheel.ts'
import { TerminalOutputGate } from './output.ts'
import { ENTER_SCREEN, LEAVE_SCREEN, Painter, WHEEL_MODES } from './painter.ts'

export interface TerminalInput extends Readable {
  readonly setRawMode?: (isRaw: boolean) => unknown
}

export interface TerminalOutput extends Writable {
  readonly columns?: number
  readonly rows?: number
}

export interface TerminalConfig {
  readonly stdin: TerminalInput
  readonly stdout: TerminalOutput
  readonly screen: Screen
  /** A theme that overrides the user's: no colours where they aren't wanted. */
  readonly theme?: ThemeName
  /** Carries out effects that aren't the terminal's business. */
  readonly perform: (effect: TerminalEffect) => void
  /** Suspends until the program is resumed. */
  readonly suspend: () => Promise<void>
  /** The terminal hung up. */
  readonly onHangUp: () => void
}

export type TerminalEffect = Extract<ScreenEffect, { kind: 'input' | 'interrupt' | 'save' }>

/** The shortest time between frames for events, milliseconds; keys are drawn at once. */
const PACE_MS = 33
/** How long an Escape may be the beginning of a sequence: longer than a slow connection splits one. */
const ESCAPE_MS = 30

/** The assumed size of a terminal that doesn't report it. */
const DEFAULT_SIZE: Size = { columns: 80, rows: 24 }

export class Terminal {
  readonly #config: TerminalConfig
  readonly #keys = new KeyDecoder()
  readonly #text = new StringDecoder('utf8')
  readonly #painter = new Painter()
  readonly #output: TerminalOutputGate
  #isOpen = false
  #pace: NodeJS.Timeout | undefined
  #escape: NodeJS.Timeout | undefined
  #drawnAt = Number.NEGATIVE_INFINITY
  /** The alert for the next frame; of several the first. */
  #alert = ''
  readonly #wheelFilter = new WheelFilter()
  #wheelTimer: NodeJS.Timeout | undefined
  /** The wheel mode that the terminal was set to. */
  #wheel: ScreenSettings['wheel'] | undefined

  constructor(config: TerminalConfig) {
    this.#config = config
    this.#output = new TerminalOutputGate(config.stdout, this.#onFree)
    config.stdout.on('resize', this.#onResize)
    config.stdin.on('end', config.onHangUp)
    config.stdin.on('error', config.onHangUp)
    this.#open()
  }

  /** Shows an event, soon. */
  onEvent(event: UiEvent): void {
    this.#handleEffect(this.#config.screen.onEvent(event, Date.now()))
    this.#drawSoon()
  }

  onLog(line: string): void {
    this.#config.screen.onLog(line, Date.now())
    this.#drawSoon()
  }

  /** Draws what is pending and restores the terminal. Safe to call more than once. */
  readonly close = (): void => {
    const { stdin, stdout, onHangUp } = this.#config
    stdout.off('resize', this.#onResize)
    stdin.off('end', onHangUp)
    stdin.off('error', onHangUp)
    void this.#shut()
  }

  #open(): void {
    const { stdin } = this.#config
    this.#isOpen = true
    stdin.setRawMode?.(true)
    stdin.on('data', this.#onData)
    stdin.resume()
    this.#painter.forget()
    this.#wheel = undefined
    void this.#output.write(ENTER_SCREEN)
    this.#draw()
  }

  /** Resolves when the terminal has taken that. */
  #shut(): Promise<void> {
    if (!this.#isOpen) return Promise.resolve()
    const { stdin } = this.#config
    this.#draw()
    this.#isOpen = false
    clearTimeout(this.#pace)
    clearTimeout(this.#escape)
    clearTimeout(this.#wheelTimer)
    this.#pace = undefined
    stdin.off('data', this.#onData)
    stdin.pause()
    stdin.setRawMode?.(false)
    return this.#output.write(LEAVE_SCREEN)
  }

  readonly #onFree = (): void => {
    if (this.#isOpen) this.#draw()
  }

  readonly #onResize = (): void => {
    const { screen, stdout } = this.#config
    screen.onResize(sizeOf(stdout))
    if (this.#isOpen) this.#draw()
  }

  readonly #onData = (chunk: Buffer | string): void => {
    clearTimeout(this.#escape)
    const text = typeof chunk === 'string' ? chunk : this.#text.write(chunk)
    this.#handleKeys(this.#keys.push(text))
    if (this.#keys.isWaiting) this.#escape = setTimeout(this.#onSilence, ESCAPE_MS)
  }

  readonly #onSilence = (): void => this.#handleKeys(this.#keys.flush())

  #handleKeys(keys: readonly Key[]): void {
    clearTimeout(this.#wheelTimer)
    this.#handleEffects(this.#wheel === 'arrows' ? this.#wheelFilter.push(keys) : keys)
    const { patienceMs } = this.#wheelFilter
    if (patienceMs !== undefined) this.#wheelTimer = setTimeout(this.#onStill, patienceMs)
  }

  readonly #onStill = (): void => this.#handleEffects(this.#wheelFilter.flush())

  #handleEffects(keys: readonly Key[]): void {
    if (keys.length === 0) return
    for (const key of keys) this.#handleEffect(this.#config.screen.onKey(key, Date.now()))
    if (this.#isOpen) this.#draw()
  }

  #handleEffect(effects: readonly ScreenEffect[]): void {
    for (const effect of effects) this.#perform(effect)
  }

  #perform(effect: ScreenEffect): void {
    switch (effect.kind) {
      case 'alert':
        this.#alert ||= alertOf(effect)
        break
      case 'redraw':
        this.#painter.forget()
        break
      case 'suspend':
        void this.#suspend()
        break
      case 'input':
      case 'interrupt':
      case 'save':
        this.#config.perform(effect)
    }
  }

  async #suspend(): Promise<void> {
    await this.#shut()
    await this.#config.suspend()
    this.#config.screen.onResize(sizeOf(this.#config.stdout))
    this.#open()
  }

  #drawSoon(): void {
    if (this.#pace !== undefined || !this.#isOpen) return
    const wait = Math.max(0, this.#drawnAt + PACE_MS - performance.now())
    this.#pace = setTimeout(() => this.#draw(), wait)
  }

  #draw(): void {
    clearTimeout(this.#pace)
    this.#pace = undefined
    if (!this.#output.isFree()) return
    const { screen, theme = screen.theme } = this.#config
    const wheel = this.#wheel === screen.wheel ? '' : WHEEL_MODES[screen.wheel]
    const drawn = wheel + this.#painter.draw(screen.frame(), theme) + this.#alert
    this.#alert = ''
    this.#wheel = screen.wheel
    if (drawn !== '') void this.#output.write(drawn)
    this.#drawnAt = performance.now()
  }
}

/** The terminal's size. An unreported one is absent, or 0 by 0. */
export function sizeOf({ columns, rows }: TerminalOutput): Size {
  return { columns: columns || DEFAULT_SIZE.columns, rows: rows || DEFAULT_SIZE.rows }
}

// The sequences for a bell or a notification. Title and text are safe to print, so neither ends the sequence.

/** UTF-16 units of a text that fit into a notification. */
const MAX_TEXT = 240

export function alertOf({ how, title, text }: Extract<ScreenEffect, { kind: 'alert' }>): string {
  // to some terminals a leading number and semicolon mean something else
  const head = title.replaceAll(';', ',')
  const body = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT).toWellFormed()}…`
  switch (how) {
    case 'bell':
      return '\u0007'
    case 'osc9':
      return `\u001b]9;${head}: ${body}\u001b\\`
    case 'osc777':
      return `\u001b]777;notify;${head};${body}\u001b\\`
  }
}
