/**
 * The arguments of `/reply`, `/edit`, `/delete` and `/react`, and the same from lines of `--json`. A message
 * is referred to by its place, counted back from the newest, or by its id.
 */

import { unseenClause } from '../room/names/character-name.ts'
import { readEmoji } from './emoji-names.ts'
import type { Input, Target } from './inputs.ts'

/** How far back a place may count. */
const MAX_PLACE = 1_000

/** Ids are SHA-256. */
const ID = /^[0-9a-f]{64}$/

/** `N TEXT` */
export function readReply(rest: string): Input | undefined {
  const [nth, text] = splitPlace(rest)
  return nth === undefined || text === '' ? undefined : { kind: 'reply', to: place(nth), text }
}

/** `[N] TEXT`. A leading number is a place; to start the text with a number, give the place as well. */
export function readEdit(rest: string): Input | undefined {
  const [nth, text] = splitPlace(rest)
  if (nth === undefined) return { kind: 'edit', of: place(1), text: rest }
  return text === '' ? undefined : { kind: 'edit', of: place(nth), text }
}

/** `[N]` */
export function readDelete(rest: string): Input | undefined {
  const nth = rest === '' ? 1 : readPlace(rest)
  return nth === undefined ? undefined : { kind: 'delete', of: place(nth) }
}

/** `[N] EMOJI` */
export function readReact(rest: string): Input | undefined {
  const [nth, name] = splitPlace(rest)
  const word = nth === undefined || name === '' ? rest : name
  if (/\s/.test(word)) return undefined
  const emoji = readEmoji(word)
  const to = place(name === '' ? 1 : (nth ?? 1))
  return emoji === undefined ? badEmoji(word) : { kind: 'react', to, emoji, change: 'toggle' }
}

/** For `--json`: `to` is an id. */
export function readJsonReact(to: string, name: string, change: 'on' | 'off' | 'toggle'): Input {
  const emoji = readEmoji(name)
  return emoji === undefined ? badEmoji(name) : { kind: 'react', to: { by: 'id', id: to }, emoji, change }
}

export function isMessageId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

function badEmoji(word: string): Input {
  return {
    kind: 'invalid',
    code: 'bad-emoji',
    text: `"${word.slice(0, 40)}" is not one emoji${unseenClause(word)}`,
    remedy: 'Write an emoji, or one of its names: :+1:, :heart:, :tada:, :joy:, :eyes:',
  }
}

function place(nth: number): Target {
  return { by: 'place', nth }
}

/** A leading number, and the rest. */
function splitPlace(rest: string): readonly [number | undefined, string] {
  const [first = ''] = rest.split(/\s/, 1)
  const nth = readPlace(first)
  return nth === undefined ? [undefined, rest] : [nth, rest.slice(first.length).trim()]
}

function readPlace(word: string): number | undefined {
  const nth = /^\d{1,4}$/.test(word) ? Number(word) : 0
  return nth >= 1 && nth <= MAX_PLACE ? nth : undefined
}
