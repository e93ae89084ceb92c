import { describe, expect, test } from 'vitest'
import {
  changeScreenSetting,
  readScreenSettings,
  SCREEN_CHOICES,
  SCREEN_DEFAULTS,
} from '../../src/config/screen-settings.ts'
import { THEMES } from '../../src/tui/layout/theme.ts'

test('what a file doesn’t say is the default', () => {
  expect(readScreenSettings({}, 'F')).toEqual(SCREEN_DEFAULTS)
  expect(readScreenSettings({ $schema: './s.json', theme: 'dark' }, 'F')).toEqual({
    ...SCREEN_DEFAULTS,
    theme: 'dark',
  })
})

test.each([
  [{ theme: 'blue' }, '"theme" in F is "blue", which does not fit', 'one of auto, dark'],
  [{ them: 'dark' }, '"them" in F is unknown', 'Did you mean theme?'],
  [{ rooms: { tea: 'loud' } }, '"rooms.tea" in F is "loud"', 'all, mentions or none'],
  [{ rooms: 'none' }, '"rooms" in F is "none"', 'all, mentions or none'],
  [{ time: 12 }, '"time" in F is 12', 'minutes'],
])('%j names itself', (values, message, remedy) => {
  expect(() => readScreenSettings(values, 'F')).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
      exitCode: 2,
    }),
  )
})

describe('/set', () => {
  test('changes one and keeps the others', () => {
    const before = { ...SCREEN_DEFAULTS, rooms: { tea: 'none' } as const }
    expect(changeScreenSetting(before, 'time', 'seconds')).toEqual({ ...before, time: 'seconds' })
  })

  test('refuses what is no setting of it', () => {
    expect(() => changeScreenSetting(SCREEN_DEFAULTS, 'rooms', 'x')).toThrow('"rooms" is unknown')
    expect(() => changeScreenSetting(SCREEN_DEFAULTS, 'alert', 'siren')).toThrow('"alert" in /set is "siren"')
  })

  test('offers every theme that there is', () => {
    expect(SCREEN_CHOICES.get('theme')).toEqual(THEMES)
  })
})
