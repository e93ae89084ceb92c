/**
 * `parley doctor`: what works here and what doesn't, with remedies. Needs no room.
 */

import type { Finding } from '../../chat/doctor.ts'
import { runDoctor } from '../../chat/doctor.ts'
import type { Flags } from '../../config/layers.ts'
import { resolvePeer } from '../../config/resolve.ts'
import type { OutputForm } from '../../config/types.ts'
import { peekAnswers } from '../../storage/remembered-answers.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import type { Io } from '../io.ts'
import { reportFailure } from '../output/stderr.ts'
import { sourcesOf } from './visit.ts'

const MARKS: Readonly<Record<Finding['state'], string>> = { well: 'ok  ', poor: 'note', bad: 'BAD ' }
/** The longest name of a check. */
const NAME_WIDTH = 12

/** Prints one finding per line. Resolves with the exit code: 1 if something is bad. */
export async function doctor(flags: Flags, io: Io): Promise<number> {
  const sources = sourcesOf(flags, io)
  const { config } = await resolvePeer(sources)
  let isWell = true
  try {
    const answers = await peekAnswers(config.dataDir)
    const { config: mine } = await resolvePeer({ ...sources, ...(answers && { answers }) })
    await runDoctor(mine, {
      nodeVersion: io.nodeVersion,
      who: io.who,
      report: finding => {
        isWell &&= finding.state !== 'bad'
        io.stdout.write(lineOf(finding, mine.output))
      },
    })
    return isWell ? 0 : 1
  } catch (error) {
    return reportFailure(error, io, config.output)
  }
}

function lineOf(finding: Finding, form: OutputForm): string {
  if (form === 'json') return `${JSON.stringify({ type: 'finding', ...finding })}\n`
  const { check, state, text, remedy } = finding
  const first = `${MARKS[state]}  ${check.padEnd(NAME_WIDTH)}  ${sanitiseLine(text)}\n`
  return remedy === undefined ? first : `${first}${' '.repeat(NAME_WIDTH + 8)}${sanitiseLine(remedy)}\n`
}
