/**
 * The mouse wheel, if the terminal sends it as arrow keys ("alternate scroll", DECSET 1007): the mouse stays
 * the terminal's own, so selecting and copying work as everywhere. A wheel sends several arrows at once, a
 * finger doesn't; so a single arrow is held for a moment: if another follows, it is the wheel. Pure; the
 * caller has the timer.
 */
import type { Key } from '../keys/key.ts'

const STEPS: ReadonlyMap<string, 1 | -1> = new Map([
  ['Up', -1],
  ['Down', 1],
])

export class WheelFilter {
  /** `held`: one arrow arrived; `turning`: so many that all further ones are the wheel's. */
  #state: { readonly kind: 'idle' } | { readonly kind: 'held' | 'turning'; readonly chord: string } = {
    kind: 'idle',
  }

  /** Whether the state changes when nothing arrives for a moment, and how long that is, milliseconds. */
  get patienceMs(): number | undefined {
    return PATIENCE_MS[this.#state.kind]
  }

  /** The keys, with the wheel's arrows as wheel events. */
  push(keys: readonly Key[]): readonly Key[] {
    return keys.flatMap(key => this.#next(key))
  }

  /** Nothing more arrived. */
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
  /** Between the arrows of one notch: far less than the 30 ms between repeats of a held key. */
  held: 8,
  /** Between two notches of a turning wheel, and between the last lines of a touchpad's swing. */
  turning: 150,
} as const
