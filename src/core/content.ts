/**
 * What a message says: the meaning of `kind` and `body`. A kind that this version doesn't know is accepted,
 * kept and passed on, but not shown, so that newer peers can add kinds without splitting a room. Every text
 * carries the name its author used, so that history reads right whoever is here.
 */
import { isText } from './codec.ts'
import type { Envelope } from './envelope.ts'
import { MAX_NAME_BYTES, MAX_TEXT_BYTES } from './limits.ts'

/** The values of `kind`. */
export const KIND = { text: 1, action: 2 } as const

export type Content =
  | { readonly kind: 'text' | 'action'; readonly name: string; readonly text: string }
  | { readonly kind: 'unknown' }
  /** A known kind whose body isn't of its form: rejected by everyone. */
  | { readonly kind: 'malformed' }

/** Reads the body of a message by its kind. */
export function contentOf(envelope: Pick<Envelope, 'kind' | 'body'>): Content {
  switch (envelope.kind) {
    case KIND.text:
      return readText('text', envelope.body)
    case KIND.action:
      return readText('action', envelope.body)
    default:
      return { kind: 'unknown' }
  }
}

/** A text or a name of one's own, as every peer reads it back: half a surrogate pair has no UTF-8. */
export function ownText(text: string): string {
  return text.toWellFormed()
}

/** The body of a text or an action: `[name, text]`. */
export function textBody(name: string, text: string): readonly [string, string] {
  return [name, text]
}

function readText(kind: 'text' | 'action', body: unknown): Content {
  if (!Array.isArray(body) || body.length !== 2) return { kind: 'malformed' }
  const [name, text] = body
  if (!isText(name, MAX_NAME_BYTES) || !isText(text, MAX_TEXT_BYTES)) return { kind: 'malformed' }
  if (name === '' || text === '') return { kind: 'malformed' }
  return { kind, name, text }
}
