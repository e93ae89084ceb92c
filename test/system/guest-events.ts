/** Collects the JSON events that a guest's process writes, and how it ended. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { UiEvent } from '../../src/api/events.ts'
import type { GuestProcess } from './compose-project.ts'

export interface GuestEvents {
  /** Names of the people who joined so far, sorted. */
  joined(): string[]
  /** Texts of the others read so far. */
  texts(): string[]
  /** Resolves when the process has ended and all it wrote is read. */
  readonly ended: Promise<GuestEnd>
}

export interface GuestEnd {
  readonly code: number
  readonly last: UiEvent | undefined
  readonly stderr: string
}

export function readEvents(guest: GuestProcess): GuestEvents {
  const events: UiEvent[] = []
  const read = async () => {
    for await (const line of createInterface({ input: guest.stdout })) events.push(JSON.parse(line))
  }
  const finish = async (): Promise<GuestEnd> => {
    const [[code], stderr] = await Promise.all([once(guest, 'exit'), text(guest.stderr), read()])
    return { code, last: events.at(-1), stderr }
  }
  return {
    joined: () => events.flatMap(event => (event.type === 'joined' ? [event.name] : [])).toSorted(),
    texts: () => events.flatMap(event => (event.type === 'message' && !event.own ? [event.text] : [])),
    ended: finish(),
  }
}
