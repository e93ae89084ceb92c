/**
 * The settings of the full screen: a file of their own in the data folder, because the program changes it
 * (`/set`) and users may, too. `config/settings.schema.json` is generated from this.
 */
import * as z from 'zod/mini'
import type { ParleyError } from '../common/errors.ts'
import { checkRoom } from '../room/names/names.ts'
import { badValue, unknownName } from './errors.ts'

function choice<const T extends readonly [string, ...string[]]>(values: T, about: string) {
  return z.enum(values, { error: `one of ${values.join(', ')}` }).check(z.describe(about))
}

const LEVEL_FITS = 'all, mentions or none for each room'

const shape = {
  theme: choice(
    ['auto', 'dark', 'light', 'high-contrast', 'none'],
    'Colours: auto can be read on dark and on light; none uses bold and reverse only.',
  ),
  time: choice(['minutes', 'seconds', '12h', 'none'], 'How the time before each message looks.'),
  alert: choice(
    ['off', 'bell', 'osc9', 'osc777'],
    'When somebody speaks to you: nothing, the bell, or a desktop notification by OSC 9 (iTerm2, kitty, Windows Terminal) or OSC 777 (urxvt, foot, Ghostty).',
  ),
  people: choice(['auto', 'off'], 'The list of people beside a window of at least 90 columns.'),
  presence: choice(['fold', 'hide'], 'Who comes and goes: told in one line, or not at all.'),
  motion: choice(['full', 'reduced'], 'reduced: nothing on the screen changes by itself but what was said.'),
  wheel: choice(
    ['arrows', 'mouse', 'off'],
    'The mouse wheel scrolls. arrows: the terminal sends it as arrow keys, and the mouse selects as everywhere; mouse: the terminal reports the mouse, so that selecting needs Shift; off: it does not scroll.',
  ),
}

const roomsSchema = z
  .record(
    z.string().check(z.refine(name => checkRoom(name).kind === 'valid', { error: 'names of rooms' })),
    z.enum(['all', 'mentions', 'none'], { error: LEVEL_FITS }),
    { error: LEVEL_FITS },
  )
  .check(
    z.describe('What of a room makes itself heard; mentions, unless it is said. /notify and /mute set it.'),
  )

export const screenFileSchema = z.partial(
  z.strictObject({
    $schema: z.string({ error: 'the address of a JSON Schema' }).check(z.describe('For editors; not read.')),
    ...shape,
    rooms: roomsSchema,
  }),
)

const settingsSchema = z.object({ ...shape, rooms: roomsSchema })
type Settings = Readonly<z.infer<typeof settingsSchema>>

export const SCREEN_DEFAULTS: Settings = {
  theme: 'auto',
  time: 'minutes',
  alert: 'bell',
  people: 'auto',
  presence: 'fold',
  motion: 'full',
  wheel: 'arrows',
  rooms: {},
}

/** What `/set` can set, and to which values. */
export const SCREEN_CHOICES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(shape).map(([key, schema]) => [key, schema.options]),
)

/** The settings of a file. Throws a `ParleyError` with exit code 2 for the first fault. */
export function readScreenSettings(values: Readonly<Record<string, unknown>>, file: string): Settings {
  const result = screenFileSchema.safeParse(values)
  if (!result.success) throw faultOf(values, result.error.issues[0], file)
  const { $schema: _, ...settings } = result.data
  return settingsSchema.parse({ ...SCREEN_DEFAULTS, ...settings })
}

/** One setting changed. Throws like `readScreenSettings`. */
export function changeScreenSetting<Current extends object>(
  settings: Current,
  key: string,
  value: string,
): Settings {
  if (!SCREEN_CHOICES.has(key)) throw unknownName('unknown-key', `"${key}"`, key, [...SCREEN_CHOICES.keys()])
  return readScreenSettings({ ...settings, [key]: value }, '/set')
}

function faultOf(values: unknown, issue: z.core.$ZodIssue | undefined, file: string): ParleyError {
  const path = issue?.path ?? []
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    return unknownName('unknown-key', `"${key}" in ${file}`, key, Object.keys(SCREEN_DEFAULTS))
  }
  let value = values
  for (const key of path) value = Reflect.get(Object(value), key)
  return badValue(`"${path.join('.')}" in ${file}`, value, issue?.message ?? 'another value')
}
