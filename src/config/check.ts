/**
 * The check of one layer against the schema, and of the merged settings against each other. The first fault
 * found is told, in one line.
 */
import type * as z from 'zod/mini'
import type { ParleyError } from '../common/errors.ts'
import { badValue, unknownName, wrong } from './errors.ts'
import type { Layer, Values } from './layers.ts'
import type { Role } from './options.ts'
import { keysAt, layerSchema, roleOf } from './schema.ts'

/** Throws a `ParleyError` with exit code 2 unless every setting of the layer is known, fits, and is for this role. */
export function checkLayer(layer: Layer, role: Role): void {
  const result = layerSchema.safeParse(layer.values)
  if (!result.success) throw faultOf(layer, result.error.issues[0])
  if (result.data.role !== undefined && result.data.role !== role) throw otherRole(layer, result.data.role)
  for (const key of Object.keys(layer.values)) {
    const owner = roleOf(key)
    if (owner !== undefined && owner !== role) throw settingOfOther(layer, key, owner)
  }
}

function faultOf(layer: Layer, issue: z.core.$ZodIssue | undefined): ParleyError {
  const path = issue?.path ?? []
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    return unknownName('unknown-key', layer.place([...path, key].join('.')), key, keysAt(path))
  }
  return badValue(layer.place(path.join('.')), valueAt(layer.values, path), issue?.message ?? 'another value')
}

function valueAt(values: Values, path: readonly PropertyKey[]): unknown {
  let value: unknown = values
  for (const key of path) value = Reflect.get(Object(value), key)
  return value
}

function otherRole(layer: Layer, owner: Role): ParleyError {
  return wrong(
    'wrong-role',
    `${layer.place('role')} is "${owner}": it configures the other program`,
    owner === 'helper' ? 'Start parley helper with it.' : 'Start parley join with it.',
  )
}

function settingOfOther(layer: Layer, key: string, owner: Role): ParleyError {
  return wrong(
    'wrong-role',
    `${layer.place(key)} is a setting of ${owner === 'helper' ? 'the helper' : 'peers'} only`,
    'Take it out, or put it into a file of its own.',
  )
}

/** Pairs of settings of which the first may not be above the second. */
const ORDERED: readonly (readonly [string, string])[] = [
  ['network.redialMinMs', 'network.redialMaxMs'],
  ['network.fullMeshUpTo', 'network.maxConnections'],
  ['limits.registrationTtlSeconds.default', 'limits.registrationTtlSeconds.max'],
]

/** Throws unless the merged settings make sense together. */
export function checkTogether(
  settings: ReadonlyMap<string, { readonly value: unknown; readonly place: string }>,
) {
  for (const [low, high] of ORDERED) {
    const [a, b] = [settings.get(low), settings.get(high)]
    if (typeof a?.value !== 'number' || typeof b?.value !== 'number' || a.value <= b.value) continue
    throw wrong(
      'settings-conflict',
      `${low} (${a.value}, ${a.place}) is above ${high} (${b.value}, ${b.place})`,
      `Lower ${low} or raise ${high}.`,
    )
  }
}
