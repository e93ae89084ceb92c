/**
 * A line that is about a message: an answer to it, its new words, a reaction, or its deletion. What it is about is
 * remembered by the message's id, so that nothing that arrives meanwhile can change it.
 */
import { readJsonReact } from '../../api/command-arguments.ts'
import type { Input } from '../../api/inputs.ts'
import { sanitiseLine } from '../../text/sanitise.ts'
import { cutTo } from '../../text/width.ts'
import type { MessageRow } from './row.ts'

export interface About {
  readonly act: 'reply' | 'edit' | 'react' | 'delete'
  readonly id: string
  /** Safe to print, and short. */
  readonly prompt: string
}

/** Columns that are quoted of the message: enough to know which it is. */
const QUOTED_IN_PROMPT = 24

export function aboutRow(act: About['act'], row: MessageRow): About {
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

/** What Enter asks for; undefined if nothing was written that there is something to do about. */
export function inputAbout({ act, id }: About, text: string): Input | undefined {
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
