/**
 * What the screen itself takes of the time between a key and the frame that shows it: CPU time, with that of collecting
 * garbage, so that neither the terminal nor the rest of the machine is in it.
 */
import { SCREEN_CHOICES, SCREEN_DEFAULTS } from '../../src/config/screen-settings.ts'
import { Screen } from '../../src/tui/screen.ts'
import { Painter } from '../../src/tui/terminal/painter.ts'
import type { Round } from '../round.ts'
import { quantile } from '../sheet.ts'
import { PARLEY, ROOM_NAME } from '../system.ts'

const SIZE = { columns: 120, rows: 40 }
const TEXT = 'of what was said before, a line as long as lines of a chat are'
const FRAMES = 2_000
/** Until V8 has compiled what runs often. */
const WARM_UP = 500
const MS_PER_US = 0.001

export function measureFrames(round: Round): void {
  const stage = new FrameStage(round.options.screenMessages)
  const note = (what: string, times: readonly number[]): void => {
    const sorted = times.toSorted((a, b) => a - b)
    for (const [name, share] of [
      ['median', 0.5],
      ['99 of 100', 0.99],
    ] as const) {
      const row = `${what}, ${name}, ms`
      round.note({ measure: 'screen', table: 'drawing', row, column: PARLEY, value: quantile(sorted, share) })
    }
  }
  note(
    'a key, CPU',
    stage.times(() => stage.press()),
  )
  note(
    'a message that scrolls, CPU',
    stage.times(() => stage.say()),
  )
}

class FrameStage {
  readonly #screen: Screen
  readonly #painter = new Painter()
  #count = 0

  constructor(messages: number) {
    const deps = {
      self: { peer: 'self', name: 'ann' },
      room: ROOM_NAME,
      helpers: 1,
      lan: 'on' as const,
      fingerprintOf: () => 'ABCD',
      settings: SCREEN_DEFAULTS,
      seen: {},
      choices: SCREEN_CHOICES,
      change: () => ({ kind: 'invalid', text: '', remedy: '' }) as const,
    }
    this.#screen = new Screen(deps, SIZE, 0)
    for (let at = 0; at < messages; at++) this.say()
  }

  press(): void {
    const isFull = this.#count++ % SIZE.columns === 0
    this.#screen.onKey(isFull ? { kind: 'chord', chord: 'C-u' } : { kind: 'text', text: 'x' }, this.#count)
  }

  say(): void {
    const at = this.#count++
    const id = at.toString(16).padStart(16, '0')
    this.#screen.onEvent(
      {
        type: 'message',
        room: ROOM_NAME,
        id,
        peer: `peer ${at % 20}`,
        name: `peer ${at % 20}`,
        text: `line ${at} ${TEXT}`,
        action: false,
        sentAt: at,
        receivedAt: at,
        via: 'live',
        late: false,
        own: false,
      },
      at,
    )
  }

  /** Milliseconds of each frame that follows from doing this. */
  times(act: () => void): readonly number[] {
    const times = Array.from({ length: WARM_UP + FRAMES }, () => {
      const before = process.cpuUsage()
      act()
      this.#painter.draw(this.#screen.frame(), 'auto')
      const { user, system } = process.cpuUsage(before)
      return (user + system) * MS_PER_US
    })
    return times.slice(WARM_UP)
  }
}
