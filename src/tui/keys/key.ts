/**
 * The key decoder: turns a terminal's bytes into typed text, pasted text, and chords with Emacs' names
 * (`C-a`, `M-Enter`, `PageUp`). A chunk may end anywhere, so an incomplete sequence waits for the next one.
 */

export type Key =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'chord'; readonly chord: string }
  /** Lines down; negative: up. */
  | { readonly kind: 'wheel'; readonly lines: number }

/** A key for the line or the current mode. */
export type TypedKey = Exclude<Key, { kind: 'wheel' }>

/**
 * An endless paste is cut here, UTF-16 units: a terminal that lost the end marker must not swallow every key.
 */
const MAX_PASTE = 1_048_576

const ESC = '\u001b'
const PASTE_BEGIN = '\u001b[200~'
const PASTE_END = '\u001b[201~'

/** CSI and SS3 sequences: parameters and the final byte (ECMA-48 §5.4). */
const SEQUENCE = /^\u001b(?:\[|O)(?<parameters>[0-?]*)[ -/]*(?<final>[@-~])/
/** The beginning of one. */
const UNFINISHED = /^\u001b(?:(?:\[|O)[0-?]*[ -/]*)?$/

const BY_FINAL: Readonly<Record<string, string>> = {
  A: 'Up',
  B: 'Down',
  C: 'Right',
  D: 'Left',
  F: 'End',
  H: 'Home',
  Z: 'S-Tab',
}

const BY_NUMBER: Readonly<Record<string, string>> = {
  1: 'Home',
  2: 'Insert',
  3: 'Delete',
  4: 'End',
  5: 'PageUp',
  6: 'PageDown',
  7: 'Home',
  8: 'End',
}

const BY_CONTROL: Readonly<Record<string, string>> = {
  '\t': 'Tab',
  '\r': 'Enter',
  '\u007f': 'Backspace',
  '\u0000': 'C-Space',
  '\u001f': 'C-_',
}

/** Turns chunks into keys. */
export class KeyDecoder {
  #rest = ''
  /**
   * The rest of a cut paste is arriving: it is dropped, since its line ends would send what precedes them.
   */
  #isDropping = false

  /** True if keys wait for the rest of a possible sequence: a lone Escape looks like the beginning of one. */
  get isWaiting(): boolean {
    return this.#rest !== '' || this.#isDropping
  }

  /** The keys of a chunk. */
  push(chunk: string): readonly Key[] {
    let rest = this.#rest + chunk
    this.#rest = ''
    const keys: Key[] = []
    while (rest !== '') {
      if (this.#isDropping) {
        rest = this.#drop(rest)
        continue
      }
      const found = nextKey(rest)
      if (found === undefined) {
        this.#rest = rest
        break
      }
      if (found.key !== undefined) keys.push(found.key)
      this.#isDropping = found.isCut === true
      rest = rest.slice(found.length)
    }
    return keys
  }

  /** Nothing more arrived: what waited stands for itself. A paste continues to wait. */
  flush(): readonly Key[] {
    if (this.#isDropping) {
      this.#isDropping = false
      this.#rest = ''
    }
    if (!this.isWaiting || this.#rest.startsWith(PASTE_BEGIN)) return []
    const rest = this.#rest.slice(1)
    this.#rest = ''
    return [{ kind: 'chord', chord: 'Esc' }, ...this.push(rest)]
  }

  /** The text after the end of the paste; what may be the beginning of the end marker waits. */
  #drop(text: string): string {
    const end = text.indexOf(PASTE_END)
    this.#isDropping = end === -1
    if (end !== -1) return text.slice(end + PASTE_END.length)
    this.#rest = text.slice(1 - PASTE_END.length)
    return ''
  }
}

interface DecodedKey {
  /** Absent for an unknown sequence. */
  readonly key?: Key
  readonly length: number
  /** The paste continues. */
  readonly isCut?: true
}

function nextKey(text: string): DecodedKey | undefined {
  if (text.startsWith(PASTE_BEGIN)) return pasteOf(text)
  if (text.startsWith(ESC)) return escapeOf(text)
  const plain = /^[^\0-\x1f\x7f]+/.exec(text)?.[0]
  if (plain !== undefined) return { key: { kind: 'text', text: plain }, length: plain.length }
  return { key: { kind: 'chord', chord: controlChord(text.charAt(0)) }, length: 1 }
}

function pasteOf(text: string): DecodedKey | undefined {
  const end = text.indexOf(PASTE_END, PASTE_BEGIN.length)
  if (end !== -1) return pasted(text, end, end + PASTE_END.length)
  return text.length > MAX_PASTE ? { ...pasted(text, MAX_PASTE, MAX_PASTE), isCut: true } : undefined
}

function pasted(text: string, end: number, length: number): DecodedKey {
  return { key: { kind: 'paste', text: text.slice(PASTE_BEGIN.length, end) }, length }
}

function escapeOf(text: string): DecodedKey | undefined {
  const sequence = SEQUENCE.exec(text)
  if (sequence !== null) {
    const { parameters = '', final = '' } = sequence.groups ?? {}
    const length = sequence[0].length
    if (parameters.startsWith('<')) return { ...mouseKey(parameters, final), length }
    const chord = sequenceChord(parameters, final)
    return chord === undefined ? { length } : { key: { kind: 'chord', chord }, length }
  }
  if (UNFINISHED.test(text)) return undefined
  return metaOf(text)
}

/** Alt and a key: Escape precedes it. A slash begins a command, which must never lose it and become text. */
function metaOf(text: string): DecodedKey {
  const next = String.fromCodePoint(text.codePointAt(1) ?? 0)
  if (next === ESC || next === '/') return { key: { kind: 'chord', chord: 'Esc' }, length: 1 }
  const chord = /[\0-\x1f\x7f]/.test(next) ? controlChord(next) : next
  return { key: { kind: 'chord', chord: `M-${chord}` }, length: 1 + next.length }
}

function controlChord(character: string): string {
  return BY_CONTROL[character] ?? `C-${String.fromCharCode(character.charCodeAt(0) + 0x60)}`
}

/** `CSI < 64 ; x ; y M`: wheel up, 65: down (xterm's SGR mouse reports). Buttons are ignored. */
function mouseKey(parameters: string, final: string): { readonly key?: Key } {
  const button = Number(parameters.slice(1).split(';')[0])
  if (final !== 'M' || (button !== 64 && button !== 65)) return {}
  return { key: { kind: 'wheel', lines: button === 64 ? -NOTCH : NOTCH } }
}

/** Lines per notch, as terminals scroll. */
const NOTCH = 3

/** `CSI 1 ; 5 H`: the second parameter is 1 plus the sum of shift 1, alt 2, control 4. */
function sequenceChord(parameters: string, final: string): string | undefined {
  const [number = '', modifiers = '1'] = parameters.split(';')
  const name = final === '~' ? BY_NUMBER[number] : BY_FINAL[final]
  if (name === undefined) return undefined
  const bits = Number(modifiers) - 1
  return `${bits & 2 ? 'M-' : ''}${bits & 4 ? 'C-' : ''}${bits & 1 ? 'S-' : ''}${name}`
}
