/**
 * The content of a message: the meaning of `kind` and `body`. An unknown kind is accepted, stored and
 * forwarded, but not shown, so that newer peers can add kinds without splitting a room. Every body carries
 * its author's name, so that history reads right whoever is present.
 */
import { isBytes, isText } from './cbor.ts'
import type { Envelope } from './envelope.ts'
import type { MessageId } from './ids.ts'
import { fromHex, toHex } from './ids.ts'
import { MAX_EMOJI_BYTES, MAX_NAME_BYTES, MAX_TEXT_BYTES } from './limits.ts'

/** The values of `kind`. */
export const KIND = { text: 1, action: 2, reply: 3, code: 4, edit: 5, deletion: 6, reaction: 7 } as const

/** Content that stands by itself in the room. `code` is program output, shown verbatim and collapsed. */
export type Said =
  | { readonly kind: 'text' | 'action' | 'code'; readonly name: string; readonly text: string }
  | { readonly kind: 'reply'; readonly name: string; readonly text: string; readonly ref: MessageId }

/** An amendment: `ref` names the message that it changes. amendments.ts decides whether it may. */
export type Amendment = { readonly name: string; readonly ref: MessageId } & (
  | { readonly kind: 'edit'; readonly newText: string }
  | { readonly kind: 'deletion' }
  | { readonly kind: 'reaction'; readonly emoji: string; readonly isOn: boolean }
)

export type Content =
  | Said
  | Amendment
  | { readonly kind: 'unknown' }
  /** A known kind with an invalid body: everyone rejects it. */
  | { readonly kind: 'malformed' }

/** A kind and its body, to be signed. */
export type KindAndBody = Pick<Envelope, 'kind' | 'body'>

const MALFORMED = { kind: 'malformed' } as const

/** Decodes the body of a message by its kind. */
export function contentOf({ kind, body }: KindAndBody): Content {
  switch (kind) {
    case KIND.text:
      return readText('text', body)
    case KIND.action:
      return readText('action', body)
    case KIND.reply:
      return readReply(body)
    case KIND.code:
      return readText('code', body)
    case KIND.edit:
      return readEdit(body)
    case KIND.deletion:
      return readDeletion(body)
    case KIND.reaction:
      return readReaction(body)
    default:
      return { kind: 'unknown' }
  }
}

/** The content, if the message stands by itself. */
export function saidIn(envelope: KindAndBody): Said | undefined {
  const content = contentOf(envelope)
  return 'text' in content ? content : undefined
}

/** The amendment, if the message is one. */
export function amendmentIn(envelope: KindAndBody): Amendment | undefined {
  if (!isAmending(envelope.kind)) return undefined
  const content = contentOf(envelope)
  return 'ref' in content && content.kind !== 'reply' ? content : undefined
}

/** True for the kinds of amendments: quicker than decoding the body. */
export function isAmending(kind: number): boolean {
  return kind === KIND.edit || kind === KIND.deletion || kind === KIND.reaction
}

/** An own text or name as every peer decodes it: half a surrogate pair has no UTF-8. */
export function ownText(text: string): string {
  return text.toWellFormed()
}

/** The body of a text, an action or a code block: `[name, text]`. */
export function textBody(name: string, text: string): readonly [string, string] {
  return [name, text]
}

/** The kind and body for some content. `contentOf` is its inverse. */
export function encodeContent(content: Said | Amendment): KindAndBody {
  const { kind, name } = content
  switch (kind) {
    case 'text':
    case 'action':
    case 'code':
      return { kind: KIND[kind], body: textBody(name, content.text) }
    case 'reply':
      return { kind: KIND.reply, body: [name, content.text, fromHex(content.ref)] }
    case 'edit':
      return { kind: KIND.edit, body: [name, content.newText, fromHex(content.ref)] }
    case 'deletion':
      return { kind: KIND.deletion, body: [name, fromHex(content.ref)] }
    case 'reaction':
      return { kind: KIND.reaction, body: [name, fromHex(content.ref), content.emoji, content.isOn] }
  }
}

function readText(kind: 'text' | 'action' | 'code', body: unknown): Content {
  const [name, text] = elements(body, 2)
  return isName(name) && isTextBody(text) ? { kind, name, text } : MALFORMED
}

function readReply(body: unknown): Content {
  const [name, text, ref] = elements(body, 3)
  return isName(name) && isTextBody(text) && isId(ref)
    ? { kind: 'reply', name, text, ref: idOf(ref) }
    : MALFORMED
}

function readEdit(body: unknown): Content {
  const [name, text, ref] = elements(body, 3)
  return isName(name) && isTextBody(text) && isId(ref)
    ? { kind: 'edit', name, newText: text, ref: idOf(ref) }
    : MALFORMED
}

function readDeletion(body: unknown): Content {
  const [name, ref] = elements(body, 2)
  return isName(name) && isId(ref) ? { kind: 'deletion', name, ref: idOf(ref) } : MALFORMED
}

function readReaction(body: unknown): Content {
  const [name, ref, emoji, isOn] = elements(body, 4)
  if (!isName(name) || !isId(ref) || typeof isOn !== 'boolean') return MALFORMED
  // which texts are emoji depends on the reader's version of Unicode, so the form doesn't demand one
  if (!isText(emoji, MAX_EMOJI_BYTES) || emoji === '') return MALFORMED
  return { kind: 'reaction', name, ref: idOf(ref), emoji, isOn }
}

/** The elements of an array of this length; none of anything else. */
function elements(body: unknown, length: number): readonly unknown[] {
  return Array.isArray(body) && body.length === length ? body : []
}

function isName(value: unknown): value is string {
  return isText(value, MAX_NAME_BYTES) && value !== ''
}

function isTextBody(value: unknown): value is string {
  return isText(value, MAX_TEXT_BYTES) && value !== ''
}

function isId(value: unknown): value is Uint8Array {
  return isBytes(value, 32)
}

function idOf(bytes: Uint8Array): MessageId {
  return toHex(bytes) as MessageId
}

// Emoji for reactions: exactly one, as Unicode recommends for interchange
// (https://www.unicode.org/reports/tr51/#def_rgi_set). The set depends on the reader's version of Unicode, so
// this decides what is shown and never what is accepted.

const ONE_EMOJI = /^\p{RGI_Emoji}$/v

/** Requests the coloured form of a character that also has a plain one. */
const EMOJI_PRESENTATION = '\u{fe0f}'

/** True for exactly one emoji in its full form. */
export function isEmoji(text: string): boolean {
  return ONE_EMOJI.test(text)
}

/** The emoji in its full form: `❤` and `❤️` are the same. Undefined if it is none, or several. */
export function fullEmoji(text: string): string | undefined {
  return [text, text + EMOJI_PRESENTATION].find(isEmoji)
}
