/**
 * What every command needs of the configuration: where settings come from, and how a few values are shown.
 */
import type { Flags } from '../../config/layers.ts'
import type { Sources } from '../../config/resolve.ts'
import type { OutputForm } from '../../config/types.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import type { Io } from '../io.ts'

/** The places that settings come from, without what the data folder remembers. */
export function sourcesOf(flags: Flags, io: Io, room?: string): Sources {
  return { flags, env: io.env, host: io.host, ...(room === undefined ? {} : { room }) }
}

/** Prints named values: one a line, or one JSON object. */
export function writeFields(fields: Readonly<Record<string, string>>, io: Io, form: OutputForm): void {
  if (form === 'json') {
    io.stdout.write(`${JSON.stringify(fields)}\n`)
    return
  }
  const width = Math.max(...Object.keys(fields).map(name => name.length))
  for (const [name, value] of Object.entries(fields)) {
    io.stdout.write(`${name.padEnd(width)}  ${sanitiseLine(value)}\n`)
  }
}
