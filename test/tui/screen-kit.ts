/**
 * A screen under test: its clock moves only when told, and it is looked at as a user does, line by line.
 */

import type { MessageEvent, UiEvent } from '../../src/api/events.ts'
import { ParleyError } from '../../src/common/errors.ts'
import { changeScreenSetting, SCREEN_CHOICES, SCREEN_DEFAULTS } from '../../src/config/screen-settings.ts'
import { type Key, KeyDecoder } from '../../src/tui/keys/key.ts'
import type { Frame, Size } from '../../src/tui/layout/frame.ts'
import type { ScreenDeps, ScreenEffect, ScreenSettings } from '../../src/tui/model/state.ts'
import { Screen } from '../../src/tui/screen.ts'

export const NOW = Date.UTC(2026, 10, 25, 14, 3, 22)
export const SELF = '12D3KooWSelf'

const DEPS: ScreenDeps = {
  self: { peer: SELF, name: 'ann' },
  room: 'lobby',
  helpers: 1,
  lan: 'on',
  fingerprintOf: peer => Buffer.from(peer).toString('hex').slice(-8).toUpperCase(),
  settings: SCREEN_DEFAULTS,
  seen: {},
  choices: SCREEN_CHOICES,
  timeZone: 'UTC',
  change(settings, key, value) {
    try {
      return { kind: 'valid', settings: changeScreenSetting(settings, key, value) }
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error
      return { kind: 'invalid', text: error.message, remedy: error.remedy }
    }
  },
}

export class ScreenTest {
  readonly screen: Screen
  readonly effects: ScreenEffect[] = []
  now = NOW
  readonly #keys = new KeyDecoder()
  #count = 0

  constructor(
    given: {
      readonly size?: Size
      readonly settings?: Partial<ScreenSettings>
      readonly helpers?: number
      readonly lan?: ScreenDeps['lan']
      readonly seen?: ScreenDeps['seen']
    } = {},
  ) {
    const { size = { columns: 80, rows: 12 }, settings = {}, helpers = 1, lan = 'on', seen = {} } = given
    const deps = { ...DEPS, helpers, lan, seen, settings: { ...SCREEN_DEFAULTS, ...settings } }
    this.screen = new Screen(deps, size, NOW)
  }

  tell(event: UiEvent): void {
    this.effects.push(...this.screen.onEvent(event, this.now))
  }

  /** Somebody says something, now, in the lobby, unless it is said otherwise. */
  say(text: string, more: Partial<MessageEvent> = {}): MessageEvent {
    this.#count += 1
    const event: MessageEvent = {
      type: 'message',
      room: 'lobby',
      id: this.#count.toString(16).padStart(8, '0'),
      peer: '12D3KooWBobb',
      name: 'bob',
      text,
      action: false,
      sentAt: this.now,
      receivedAt: this.now,
      via: 'live',
      late: false,
      own: false,
      ...more,
    }
    this.tell(event)
    return event
  }

  join(name: string, more: { readonly room?: string; readonly peer?: string } = {}): void {
    const { room = 'lobby', peer = `12D3KooW${name}` } = more
    this.tell({ type: 'joined', room, peer, name, fingerprint: 'ABCD' })
  }

  /** Types what a terminal would send. */
  type(...sent: string[]): void {
    const keys = sent.flatMap(chunk => this.#keys.push(chunk)).concat(this.#keys.flush())
    for (const key of keys) this.press(key)
  }

  chord(...chords: string[]): void {
    for (const chord of chords) this.press({ kind: 'chord', chord })
  }

  press(key: Key): void {
    this.effects.push(...this.screen.onKey(key, this.now))
  }

  get frame(): Frame {
    return this.screen.frame()
  }

  /** The frame as text, without what is blank at the ends of lines. */
  get lines(): readonly string[] {
    return linesOf(this.frame)
  }

  get text(): string {
    return this.lines.join('\n')
  }

  get status(): string {
    const { lines, cursor } = this.frame
    const line = linesOf(this.frame)
    const at = lines.findLastIndex((_, place) => place < cursor.y && (line[place] ?? '').startsWith(' '))
    return line[at]?.trim() ?? ''
  }

  /** What was asked of the session. */
  get inputs(): readonly unknown[] {
    return this.effects.flatMap(effect => (effect.kind === 'input' ? [effect.input] : []))
  }
}

function linesOf(frame: Frame): readonly string[] {
  return frame.lines.map(line =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  )
}
