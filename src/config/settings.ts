/**
 * Layers merged setting by setting. Objects are merged, lists are replaced as a whole: who gives one helper
 * means that one and no others.
 */
import type { Layer, Values } from './layers.ts'

export interface Setting {
  readonly value: unknown
  /** Where it came from, for people. */
  readonly place: string
  /** Whether somebody chose it. */
  readonly by: Layer['by']
  /** Which layer it came from, 0 being the strongest. */
  readonly rank: number
}

/** By dotted name: `network.redialMinMs`. */
export type Settings = ReadonlyMap<string, Setting>

/** Keys that a file has for editors and for the check, and that are no settings. */
const NO_SETTINGS = ['$schema', 'role']

/** Merges layers given from the strongest to the weakest. Names are in the order of the weakest that has them. */
export function merge(layers: readonly Layer[]): Settings {
  const settings = new Map<string, Setting>()
  for (const [rank, layer] of [...layers.entries()].reverse()) {
    for (const [name, value] of leaves(layer.values)) {
      if (!NO_SETTINGS.includes(name))
        settings.set(name, { value, place: layer.place(name), by: layer.by, rank })
    }
  }
  return settings
}

/** The settings as the nested object that a file would hold. */
export function nest(settings: Settings): Values {
  const root: Record<string, unknown> = {}
  for (const [name, { value }] of settings) {
    const path = name.split('.')
    const last = path.pop() ?? name
    let at = root
    for (const key of path) {
      at[key] ??= {}
      at = at[key] as Record<string, unknown>
    }
    at[last] = value
  }
  return root
}

function* leaves(values: Values, prefix = ''): Generator<readonly [string, unknown]> {
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      yield* leaves({ ...value }, `${prefix}${key}.`)
    } else {
      yield [`${prefix}${key}`, value]
    }
  }
}
