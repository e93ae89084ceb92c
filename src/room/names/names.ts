/**
 * Which names of people and rooms are valid. A valid name is well formed and nothing more; it is a claim, not
 * unique. These rules apply to what *this* user types. The protocol bounds other people's names in bytes, and
 * they are sanitised when shown, never refused by these rules: graphemes and assigned characters depend on
 * the Unicode version, and peers must not disagree about a message.
 */

import { MAX_NAME_BYTES } from '../../protocol/limits.ts'
import { characterName, unseenReason } from './character-name.ts'
import { BLANKS, FORMAT_SIGNS, settleMarks } from './characters.ts'
import { looksTagged } from './display-names.ts'

export { mixedScripts, skeleton } from './confusables.ts'
export { displayNames, displaySimilarNames } from './display-names.ts'
export { fingerprint, tagOf } from './fingerprint.ts'

/** As many graphemes as fit beside a message on a narrow terminal. */
export const MAX_NAME_GRAPHEMES = 32

/** Code points of a room's name: it is part of a topic, which every gossip message repeats. */
export const MAX_ROOM_POINTS = 32

/** UTF-16 units that are examined at all: far more than any valid name has. */
const MAX_RAW_UNITS = 1_024

/** `reason` finishes a sentence that begins with the name: "… is longer than 32 characters". */
export type NameCheck =
  | { readonly kind: 'valid'; readonly name: string }
  | { readonly kind: 'invalid'; readonly reason: string }

/** `reason` as for a name. */
export type RoomCheck =
  | { readonly kind: 'valid'; readonly room: string }
  | { readonly kind: 'invalid'; readonly reason: string }

/** A visible character. */
const VISIBLE = new RegExp(String.raw`[\p{L}\p{N}\p{P}\p{S}${FORMAT_SIGNS}]`, 'u')

/** A blank character: reported by its name. */
const BLANK = new RegExp(String.raw`${BLANKS.source}|\p{Default_Ignorable_Code_Point}`, 'u')

/** The name in the form in which it is claimed (trimmed, NFC, single spaces), or why it is invalid. */
export function checkName(raw: string): NameCheck {
  if (raw.length > MAX_RAW_UNITS) return invalid(`is longer than ${MAX_NAME_GRAPHEMES} characters`)
  const name = raw.normalize('NFC').replace(BLANKS, ' ').replace(/ {2,}/g, ' ').trim()
  const reason = reasonAgainst(name)
  return reason === undefined ? { kind: 'valid', name } : invalid(reason)
}

function reasonAgainst(name: string): string | undefined {
  // controls, line breaks, bidi, invisible and unassigned code points, and joiners and tags that join nothing
  const unseen = unseenReason(name)
  if (unseen !== undefined) return unseen
  if (!VISIBLE.test(name)) return 'has nothing in it that can be seen'
  if (isLongerThan(name, MAX_NAME_GRAPHEMES)) {
    return `is longer than ${MAX_NAME_GRAPHEMES} characters`
  }
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes`
  if (settleMarks(name) !== name) return 'has accents where they mean nothing'
  if (looksTagged(name)) return 'ends like a fingerprint tag (·K7QF), which parley adds itself'
  return undefined
}

/**
 * A name has no more graphemes than UTF-16 units, so most names are counted without loading the segmenter.
 */
function isLongerThan(name: string, max: number): boolean {
  if (name.length <= max) return false
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })
  return [...graphemes.segment(name)].length > max
}

/** One name for all the ways to type it: `#Lobby`, `LOBBY` and `lobby` are the same room. */
export function checkRoom(raw: string): RoomCheck {
  const tooLong = `is longer than ${MAX_ROOM_POINTS} characters`
  if (raw.length > MAX_RAW_UNITS) return invalid(tooLong)
  const room = raw.normalize('NFKC').trim().replace(/^#/u, '').toLowerCase().normalize('NFKC')
  if (room === '') return invalid('is empty')
  if ([...room].length > MAX_ROOM_POINTS) return invalid(tooLong)
  const unseen = unseenReason(raw.trim())
  if (unseen !== undefined) return invalid(unseen)
  if (!/^[\p{L}\p{Nd}]/u.test(room)) return invalid("doesn't start with a letter or a digit")
  const others = /[^\p{L}\p{Nd}\p{M}._-]|\p{Default_Ignorable_Code_Point}/u.exec(room)
  if (others === null) return { kind: 'valid', room }
  return invalid(`contains ${quoted(others[0])}, and only letters, digits, ".", "_" and "-" fit`)
}

function quoted(character: string): string {
  if (character === ' ') return 'a space'
  return BLANK.test(character) ? characterName(character) : `"${character}"`
}

function invalid(reason: string): { readonly kind: 'invalid'; readonly reason: string } {
  return { kind: 'invalid', reason }
}
