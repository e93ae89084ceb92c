/**
 * A peer (or helper) that speaks `--json`, as a program that drives it would: lines in, events out.
 */
import type { MessageEvent, UiEvent } from '../../src/api/events.ts'
import type { ProgramOptions } from './process.ts'
import { Program } from './process.ts'
import { Journal } from './process-journal.ts'

type Type = UiEvent['type']
export type EventOf<T extends Type> = Extract<UiEvent, { readonly type: T }>
/** An event's type and those of its fields that matter. */
export type Pattern<T extends Type> = { readonly type: T } & Partial<EventOf<T>>

export class JsonProgram extends Program {
  readonly #events: Journal<UiEvent>

  constructor(options: ProgramOptions) {
    super(options)
    this.#events = new Journal(() => this.describe(), options.patienceMs)
    this.lines.follow({
      onItem: line => this.#events.add(JSON.parse(line)),
      onEnd: () => this.#events.end(),
    })
  }

  get events(): readonly UiEvent[] {
    return this.#events.items
  }

  /** The first event of this form, from place `after` of all events on, now or as soon as it comes. */
  next<T extends Type>(pattern: Pattern<T>, after = 0): Promise<EventOf<T>> {
    const fits = (event: UiEvent): event is EventOf<T> => matches(event, pattern)
    return this.#events.find(fits, `event like ${JSON.stringify(pattern)}`, after)
  }

  /** All events of this form so far. */
  all<T extends Type>(pattern: Pattern<T>): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => matches(event, pattern))
  }

  /** Resolves when as many different texts of others as this were shown. */
  heard(texts: Iterable<string>): Promise<void> {
    const missing = new Set(texts)
    let seen = 0
    return this.#events.until(() => {
      for (; seen < this.events.length; seen++) {
        const event = this.events[seen]
        if (event?.type === 'message') missing.delete(event.text)
      }
      return missing.size === 0
    }, `all of ${missing.size} messages`)
  }

  /** Messages of others so far, as shown. */
  get messages(): MessageEvent[] {
    return this.all({ type: 'message', own: false })
  }

  say(text: string, room?: string): void {
    this.write(`${JSON.stringify(room === undefined ? { text } : { text, room })}\n`)
  }

  command(command: string): void {
    this.write(`${JSON.stringify({ command })}\n`)
  }
}

function matches(event: UiEvent, pattern: { readonly type: Type }): boolean {
  const fields: ReadonlyMap<string, unknown> = new Map(Object.entries(event))
  return Object.entries(pattern).every(([key, value]) => fields.get(key) === value)
}
