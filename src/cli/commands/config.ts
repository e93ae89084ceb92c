/**
 * `parley config`: the effective configuration, each value with its source.
 */
import type { Flags, Settings } from '../../config/layers.ts'
import type { Role } from '../../config/options.ts'
import { resolveHelper, resolvePeer } from '../../config/resolve.ts'
import type { OutputForm } from '../../config/types.ts'
import { peekAnswers } from '../../storage/remembered-answers.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import type { Io } from '../io.ts'
import { sourcesOf } from './visit.ts'

/** Prints one setting per line, or one JSON object. Resolves with the exit code. */
export async function config(role: Role, flags: Flags, io: Io): Promise<number> {
  const sources = sourcesOf(flags, io)
  if (role === 'helper') {
    const { config, settings } = await resolveHelper(sources)
    return printSettings(settings, config.output, io)
  }
  const { dataDir } = (await resolvePeer(sources)).config
  const answers = await peekAnswers(dataDir)
  const { config, settings } = await resolvePeer({ ...sources, ...(answers && { answers }) })
  return printSettings(settings, config.output, io)
}

function printSettings(settings: Settings, form: OutputForm, io: Io): number {
  if (form === 'json') {
    const entries = [...settings].map(([name, { value, place }]) => [name, { value, from: place }])
    io.stdout.write(`${JSON.stringify(Object.fromEntries(entries))}\n`)
    return 0
  }
  const lines = [...settings].map(([name, { value, place }]) => [name, shown(value), place] as const)
  const [nameWidth, valueWidth] = [
    widest(lines.map(([name]) => name)),
    widest(lines.map(([, value]) => value)),
  ]
  for (const [name, value, place] of lines) {
    io.stdout.write(`${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${sanitiseLine(place)}\n`)
  }
  return 0
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map(text => text.length))
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map(shown).join(', ')
  return sanitiseLine(String(value))
}
