/**
 * Options on the command line: the option table in the parser, the given flags, and the values of options
 * that one command alone has.
 */

import type { Command } from 'commander'
import { Option } from 'commander'
import { badValue } from '../../config/errors.ts'
import type { Flags } from '../../config/layers.ts'
import type { OptionSpec } from '../../config/options.ts'
import { OPTIONS } from '../../config/options.ts'

/** Makes the command accept these options. */
export function addOptions(command: Command, specs: readonly OptionSpec[]): Command {
  for (const spec of specs) command.addOption(parserOption(spec))
  return command
}

/**
 * The options given to this command, or before it to its parent: `parley --json join` is `parley join
 * --json`.
 */
export function givenFlags(command: Command): Flags {
  const flags: Record<string, Flags[string]> =
    command.parent === null ? {} : { ...givenFlags(command.parent) }
  for (const spec of OPTIONS) {
    const option = command.options.find(candidate => candidate.long === `--${spec.flag}`)
    if (option === undefined) continue
    if (command.getOptionValueSource(option.attributeName()) !== 'cli') continue
    const value: unknown = command.getOptionValue(option.attributeName())
    flags[spec.flag] = spec.form.kind === 'switch' ? true : (value as string | readonly string[])
  }
  return flags
}

function parserOption(spec: OptionSpec): Option {
  switch (spec.form.kind) {
    case 'switch':
      return new Option(`--${spec.flag}`, spec.help)
    case 'list':
      return new Option(`--${spec.flag} <${spec.form.placeholder}>`, spec.help).argParser(collect)
    case 'text':
    case 'number':
      return new Option(`--${spec.flag} <${spec.form.placeholder}>`, spec.help)
  }
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

// Options of a single command are no settings: no file and no variable sets them.

/** A whole number; `given` is as typed. Throws a `ParleyError` with exit code 2 if it doesn't fit. */
export function countOption(
  flag: string,
  given: string | undefined,
  range: { readonly standard: number; readonly min: number; readonly max: number },
): number {
  if (given === undefined) return range.standard
  const count = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
  if (count >= range.min && count <= range.max) return count
  throw badValue(flag, given, `a whole number from ${range.min} to ${range.max}`)
}

/** Milliseconds; a bare number counts seconds, as in timeout(1). Throws like `countOption`. */
export function timeOption(
  flag: string,
  given: string | undefined,
  range: { readonly standard: number; readonly max: number },
): number {
  if (given === undefined) return range.standard
  const ms = parseDuration(/^\d+$/.test(given) ? `${given}s` : given)
  if (ms !== undefined && ms <= range.max) return ms
  throw badValue(flag, given, `${DURATION_FITS}, at most ${range.max / 1_000}s`)
}

/** A time, milliseconds since the epoch; undefined if none was given. Throws like `countOption`. */
export function sinceOption(flag: string, given: string | undefined, now: number): number | undefined {
  if (given === undefined) return undefined
  const since = parseSince(given, now)
  if (since === undefined) throw badValue(flag, given, SINCE_FITS)
  return since
}

// Times and durations as people type them: `2h`, `yesterday`, `2026-11-22 14:03`. A time without a zone is
// local. The current time is a parameter.

const DURATION_FITS = 'a duration like 500ms, 10s, 5m, 2h, 3d or 1h30m'
const SINCE_FITS =
  'a date or time like 2026-11-22, "2026-11-22 14:03", 14:03, today or yesterday, with a zone (Z, +02:00) or local; ' +
  'how long ago, like 90m, 2h or 3d; or milliseconds since the epoch'

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A hundred years: anything longer is a mistake. */
const MAX_DURATION_MS = 36_525 * 86_400_000

/** From 1973 on: a shorter number is rather a year or a mistake than milliseconds. */
const EPOCH_MS = /^\d{12,14}$/

const DAY = /(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)/.source
const TIME = /(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d)(?::(?<second>[0-5]\d)(?:\.(?<fraction>\d{1,3}))?)?/
  .source
const ZONE = /(?<zone>Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)/.source
const MOMENT = new RegExp(`^${DAY}(?:[T ]${TIME} ?${ZONE}?)?$`, 'i')
const TIME_OF_DAY = new RegExp(`^${TIME}$`)

/** `1h30m` in milliseconds; undefined if it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:ms|[smhdw]))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+)([a-z]+)/g)]
  const ms = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0)
  return ms <= MAX_DURATION_MS ? ms : undefined
}

/** Milliseconds since the epoch; undefined if it is no time. `now` in the same unit. */
export function parseSince(text: string, now: number): number | undefined {
  const trimmed = text.trim()
  const ago = parseDuration(trimmed)
  if (ago !== undefined) return now - ago
  if (EPOCH_MS.test(trimmed)) return Number(trimmed)
  switch (trimmed.toLowerCase()) {
    case 'now':
      return now
    case 'today':
      return midnight(now, 0)
    case 'yesterday':
      return midnight(now, -1)
  }
  return parseTimeOfDay(trimmed, now) ?? parseMoment(trimmed)
}

/** The start of the day so many days from `now`. */
function midnight(now: number, days: number): number {
  const date = new Date(now)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime()
}

function parseTimeOfDay(text: string, now: number): number | undefined {
  const groups = TIME_OF_DAY.exec(text)?.groups
  if (groups === undefined) return undefined
  const date = new Date(now)
  return date.setHours(...timeOf(groups))
}

function parseMoment(text: string): number | undefined {
  const groups = MOMENT.exec(text)?.groups
  if (groups === undefined) return undefined
  const [year, month, day] = [Number(groups['year']), Number(groups['month']) - 1, Number(groups['day'])]
  const utc = new Date(Date.UTC(year, month, day, ...timeOf(groups)))
  // 30 February would be taken for 2 March.
  if (utc.getUTCMonth() !== month || utc.getUTCDate() !== day) return undefined
  const zone = groups['zone']
  return zone === undefined
    ? new Date(year, month, day, ...timeOf(groups)).getTime()
    : utc.getTime() - offsetOf(zone)
}

type Time = [hour: number, minute: number, second: number, ms: number]

function timeOf(groups: Readonly<Record<string, string | undefined>>): Time {
  const { hour = '0', minute = '0', second = '0', fraction = '0' } = groups
  return [Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, '0'))]
}

/** Milliseconds by which a zone is ahead of UTC. */
function offsetOf(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? []
  const ms = Number(hours) * 3_600_000 + Number(minutes) * 60_000
  return sign === '-' ? -ms : ms
}
