/**
 * Completion: what Tab offers for the word before the cursor: commands at the beginning of the line, rooms
 * where a command takes one, emoji after a colon, and names everywhere.
 */
import { EMOJI_BY_NAME } from '../../api/emoji-names.ts'

/** The candidates. */
export interface CompletionSources {
  /** Most recent speakers first. */
  readonly names: readonly string[]
  readonly rooms: readonly string[]
  readonly commands: readonly CompletionChoice[]
  /** The keys of `/set` with their values. */
  readonly settings: ReadonlyMap<string, readonly string[]>
}

export interface CompletionChoice {
  /** What it inserts. */
  readonly text: string
  /** Shown beside it. */
  readonly about: string
}

export interface Completion {
  /** Where the completed word begins and ended. */
  readonly start: number
  readonly end: number
  readonly choices: readonly CompletionChoice[]
}

/** Nobody would look through more. */
const MAX_CHOICES = 50
/** An emoji's name is completed from two letters on: ":p" and ":D" are smileys. */
const EMOJI_WORD = /^:[a-z0-9_+-]{2,}$/i

/** The choices, or undefined if there is none. */
export function complete(text: string, cursor: number, known: CompletionSources): Completion | undefined {
  const before = text.slice(0, cursor)
  const start = before.search(/\S*$/)
  const word = before.slice(start)
  const choices = choicesFor(before.slice(0, start), word, known).slice(0, MAX_CHOICES)
  return choices.length === 0 ? undefined : { start, end: cursor, choices }
}

function choicesFor(lead: string, word: string, known: CompletionSources): readonly CompletionChoice[] {
  if (lead === '' && word.startsWith('/') && !word.startsWith('//')) {
    return known.commands
      .filter(({ text }) => fits(text, word))
      .map(({ text, about }) => ({ text: `${text} `, about }))
  }
  if (/^\/join\s+$/i.test(lead)) return simple(known.rooms, word, '')
  if (/^\/set\s+$/i.test(lead)) return simple([...known.settings.keys()], word, ' ')
  const setting = /^\/set\s+(\S+)\s+$/i.exec(lead)?.[1]
  if (setting !== undefined) return simple(known.settings.get(setting) ?? [], word, '')
  if (EMOJI_WORD.test(word)) return emojiChoices(word)
  return word === '' ? [] : nameChoices(lead, word, known.names)
}

function emojiChoices(word: string): readonly CompletionChoice[] {
  const wanted = word.slice(1)
  return [...EMOJI_BY_NAME]
    .filter(([name]) => fits(name, wanted))
    .map(([name, emoji]) => ({ text: emoji, about: `:${name}:` }))
}

/** A name at the beginning of a line addresses someone; others are used to a leading `@`. */
function nameChoices(lead: string, word: string, names: readonly string[]): readonly CompletionChoice[] {
  const at = word.startsWith('@') ? '@' : ''
  const ending = lead === '' ? ': ' : ' '
  return simple(names, word.slice(at.length), ending).map(({ text, about }) => ({ text: at + text, about }))
}

function simple(values: readonly string[], word: string, ending: string): readonly CompletionChoice[] {
  return values.filter(value => fits(value, word)).map(value => ({ text: value + ending, about: '' }))
}

function fits(value: string, word: string): boolean {
  return value.toLocaleLowerCase().startsWith(word.toLocaleLowerCase())
}
