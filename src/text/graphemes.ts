/**
 * Grapheme boundaries: what people perceive as one character (extended grapheme clusters, UAX #29). A cursor
 * may only stand at a boundary.
 */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

const PLAIN = /^[\x20-\x7e]*$/

const WORD = /[\p{L}\p{N}\p{M}_]/u

/** The clusters of a text, in order. */
export function graphemes(text: string): readonly string[] {
  if (PLAIN.test(text)) return text.split('')
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** The first boundary at or after an offset; offsets are in UTF-16 units. */
export function boundaryAt(text: string, place: number): number {
  if (place <= 0) return 0
  if (place >= text.length) return text.length
  const { index, segment } = segmentAt(text, place)
  return index === place ? place : index + segment.length
}

/** The boundary before an offset; 0 at the beginning. */
export function boundaryBefore(text: string, place: number): number {
  return place <= 0 ? 0 : segmentAt(text, Math.min(place, text.length) - 1).index
}

/** The boundary after an offset; the text's length at its end. */
export function boundaryAfter(text: string, place: number): number {
  if (place >= text.length) return text.length
  const { index, segment } = segmentAt(text, Math.max(0, place))
  return index + segment.length
}

/** The start of the word before an offset, with readline's words: letters and digits. */
export function wordStart(text: string, place: number): number {
  let at = place
  while (at > 0 && !isWord(text, boundaryBefore(text, at))) at = boundaryBefore(text, at)
  while (at > 0 && isWord(text, boundaryBefore(text, at))) at = boundaryBefore(text, at)
  return at
}

/** The end of the word after an offset. */
export function wordEnd(text: string, place: number): number {
  let at = place
  while (at < text.length && !isWord(text, at)) at = boundaryAfter(text, at)
  while (at < text.length && isWord(text, at)) at = boundaryAfter(text, at)
  return at
}

/** The start of the run of visible characters before an offset. */
export function blankStart(text: string, place: number): number {
  let at = place
  while (at > 0 && isBlank(text, boundaryBefore(text, at))) at = boundaryBefore(text, at)
  while (at > 0 && !isBlank(text, boundaryBefore(text, at))) at = boundaryBefore(text, at)
  return at
}

function isWord(text: string, at: number): boolean {
  return WORD.test(String.fromCodePoint(text.codePointAt(at) ?? 0))
}

function isBlank(text: string, at: number): boolean {
  return /\s/.test(text.charAt(at))
}

function segmentAt(text: string, place: number): Intl.SegmentData {
  const found = segmenter.segment(text).containing(place)
  // There is one for every offset within the text.
  return found ?? { index: place, segment: text.charAt(place), input: text }
}
