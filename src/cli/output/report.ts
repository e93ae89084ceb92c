/**
 * How a failure is told: one line on standard error, safe to print whatever it quotes; for `--json` an `error`
 * event on standard output too.
 */

import type { UiEvent } from '../../api/events.ts'
import { jsonLine } from '../../api/ui-json.ts'
import { ParleyError } from '../../common/errors.ts'
import type { OutputForm } from '../../config/types.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import type { Io } from '../io.ts'

type ErrorEvent = Extract<UiEvent, { type: 'error' }>

/** Tells a failure in the form that the user reads; returns the exit code. */
export function tellFailure(error: unknown, io: Io, form: OutputForm): number {
  // Who reads JSON must find the reason there too.
  if (form === 'json') io.stdout.write(`${jsonLine(failureEvent(error))}\n`)
  io.stderr.write(`${failureLine(error)}\n`)
  return error instanceof ParleyError ? error.exitCode : 1
}

/** `parley: what happened and why. What to do. [code]`, without a line end. */
export function failureLine(error: unknown): string {
  return eventLine(failureEvent(error))
}

/** The same of an `error` event. */
export function eventLine({ code, text, remedy }: ErrorEvent): string {
  return sanitiseLine(`parley: ${sentence(text)} ${sentence(remedy)} [${code}]`)
}

/** Any failure as the event of `--json`. What isn't meant for users is a fault of the program. */
export function failureEvent(error: unknown): ErrorEvent {
  if (error instanceof ParleyError) {
    return { type: 'error', code: error.code, text: error.message, remedy: error.remedy }
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    type: 'error',
    code: 'internal',
    text: `a fault in the program (${what})`,
    remedy: 'Please report it, with what --log-level debug prints',
  }
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}
