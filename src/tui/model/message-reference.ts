/**
 * Message references: which message a command means that counts back from the newest (`/reply 3 …`). A
 * message that arrives while the user types would change the count, so the reference is resolved when the
 * number is typed, shown until Enter, and passed on as an id. Only shown messages count.
 */
import { readJsonReact } from '../../api/command-arguments.ts'
import type { Input } from '../../api/inputs.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import { cutTo } from '../../text/width.ts'
import type { MessageRow, Transcript } from './transcript.ts'
import { isSaid } from './transcript.ts'

type Command = 'reply' | 'edit' | 'delete' | 'react'

export interface MessageReference {
  readonly command: Command
  /** From the newest, which is 1. */
  readonly nth: number
  /** The message; undefined if there aren't that many. */
  readonly id: string | undefined
}

/** The part of a room that is used. */
interface ReferenceContext {
  readonly line: { readonly text: string }
  readonly transcript: Transcript
  reference: MessageReference | undefined
}

const COMMAND_START = /^\/(reply|edit|delete|react)\s+(?:(\d{1,4})(?!\S))?/i

/** Columns quoted: enough to recognise the message. */
const QUOTED = 40

const ACTION_TEXTS: Readonly<Record<Command, string>> = {
  reply: 'answers',
  edit: 'changes',
  delete: 'deletes',
  react: 'reacts to',
}

/** Resolves the line's reference, unless it is resolved already. */
export function resolveReference(room: ReferenceContext): void {
  const [whole, command = '', place] = COMMAND_START.exec(room.line.text) ?? []
  if (whole === undefined || (command.toLowerCase() === 'reply' && place === undefined)) {
    room.reference = undefined
    return
  }
  const wanted = { command: command.toLowerCase() as Command, nth: Number(place ?? 1) }
  if (room.reference?.command === wanted.command && room.reference.nth === wanted.nth) return
  room.reference = { ...wanted, id: nthRow(room, wanted)?.id }
}

/** The referenced message in a printable line; undefined if there is no reference. */
export function referenceText(room: ReferenceContext): string | undefined {
  const { reference } = room
  if (reference === undefined) return undefined
  const row = reference.id === undefined ? undefined : room.transcript.get(reference.id)
  if (row?.kind !== 'message') return `there is no such message here: ${reference.nth} back`
  return `${ACTION_TEXTS[reference.command]} ${row.name} "${cutTo(sanitiseLine(row.source.text), QUOTED)}"`
}

/** The input with its resolved message; undefined if there aren't that many. */
export function withReference(room: ReferenceContext, input: Input): Input | undefined {
  const target = 'to' in input ? input.to : 'of' in input ? input.of : undefined
  if (target?.by !== 'place') return input
  if (room.reference?.id === undefined) return undefined
  const reference = { by: 'id', id: room.reference.id } as const
  return 'to' in input ? { ...input, to: reference } : ({ ...input, of: reference } as Input)
}

function nthRow(
  { transcript }: ReferenceContext,
  { command, nth }: Omit<MessageReference, 'id'>,
): MessageRow | undefined {
  const isOwn = command === 'edit' || command === 'delete'
  let left = nth
  return transcript.rows.findLast((row): row is MessageRow => {
    if (!isSaid(row) || (isOwn && !row.own)) return false
    left -= 1
    return left === 0
  })
}

// A line that refers to a picked message: an answer, an edit, a reaction or a deletion. It holds the
// message's id, so nothing that arrives meanwhile can change it.

export interface InputTarget {
  readonly act: 'reply' | 'edit' | 'react' | 'delete'
  readonly id: string
  /** Safe to print, and short. */
  readonly prompt: string
}

/** Columns quoted of the message: enough to recognise it. */
const QUOTED_IN_PROMPT = 24

export function inputTargetOf(act: InputTarget['act'], row: MessageRow): InputTarget {
  const quote = cutTo(sanitiseLine(row.source.text), QUOTED_IN_PROMPT)
  switch (act) {
    case 'reply':
      return { act, id: row.id, prompt: `to ${row.name}> ` }
    case 'edit':
      return { act, id: row.id, prompt: 'edit> ' }
    case 'react':
      return { act, id: row.id, prompt: `react to "${quote}" with> ` }
    case 'delete':
      return { act, id: row.id, prompt: `delete "${quote}"? Enter: yes, Esc: no> ` }
  }
}

/** The input on Enter; undefined if there is nothing to do. */
export function inputFor({ act, id }: InputTarget, text: string): Input | undefined {
  const target = { by: 'id', id } as const
  if (act === 'delete') return { kind: 'delete', of: target }
  if (text.trim() === '') return undefined
  switch (act) {
    case 'reply':
      return { kind: 'reply', to: target, text }
    case 'edit':
      return { kind: 'edit', of: target, text }
    case 'react':
      return readJsonReact(id, text.trim(), 'toggle')
  }
}
