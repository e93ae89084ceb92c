/**
 * The mouse wheel, where terminals send it as arrow keys ("alternate scroll", DECSET 1007): the mouse stays the
 * terminal's own, so that selecting and copying work as everywhere. A wheel sends several arrows at once and nobody's
 * finger does, so a lone one is held for a moment: does another follow, it is the wheel. Pure; who uses it has the timer.
 */
import type { Key } from '../keys/key.ts'

const STEPS: ReadonlyMap<string, 1 | -1> = new Map([
  ['Up', -1],
  ['Down', 1],
])

export class WheelFilter {
  /** `held`: one arrow came; `turning`: so many did that all that follow are the wheel's. */
  #state: { readonly kind: 'idle' } | { readonly kind: 'held' | 'turning'; readonly chord: string } = {
    kind: 'idle',
  }

  /** Whether something changes when nothing comes for a moment, and how long that has to be, milliseconds. */
  get patienceMs(): number | undefined {
    return PATIENCE_MS[this.#state.kind]
  }

  /** The keys, with arrows of the wheel as what they are. */
  push(keys: readonly Key[]): readonly Key[] {
    return keys.flatMap(key => this.#next(key))
  }

  /** Nothing came any more. */
  flush(): readonly Key[] {
    const state = this.#state
    this.#state = { kind: 'idle' }
    return state.kind === 'held' ? [{ kind: 'chord', chord: state.chord }] : []
  }

  #next(key: Key): readonly Key[] {
    const step = key.kind === 'chord' ? STEPS.get(key.chord) : undefined
    if (key.kind !== 'chord' || step === undefined) return [...this.flush(), key]
    const { chord } = key
    const isSame = this.#state.kind !== 'idle' && this.#state.chord === chord
    if (!isSame) {
      const before = this.flush()
      this.#state = { kind: 'held', chord }
      return before
    }
    const lines = this.#state.kind === 'held' ? 2 * step : step
    this.#state = { kind: 'turning', chord }
    return [{ kind: 'wheel', lines }]
  }
}

const PATIENCE_MS = {
  idle: undefined,
  /** Between the arrows of one notch, as terminals write them: far less than between two strokes of a held key, 30 ms. */
  held: 8,
  /** Between two notches of a wheel that goes on turning, and between the last lines of a touchpad's swing. */
  turning: 150,
} as const
