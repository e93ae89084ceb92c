/**
 * A frame: the screen as a value, with lines of styled text and a cursor position. All text in it is safe to
 * print: whoever creates a span has sanitised it.
 */

/** The meaning of a text, not its look: that is the theme's. */
export type Style =
  | 'text'
  | 'faint'
  | 'own'
  | 'mention'
  | 'trouble'
  | 'divider'
  | 'match'
  | 'status'
  | 'status-good'
  | 'status-alert'
  | 'prompt'
  | 'selected'
  | `person-${number}`

export interface Span {
  readonly text: string
  readonly style: Style
  /**
   * Where it begins, zero-based, whatever the terminal makes of the preceding width; absent: after the
   * previous span.
   */
  readonly column?: number
}

export type FrameLine = readonly Span[]

export interface Size {
  readonly columns: number
  readonly rows: number
}

export interface Frame extends Size {
  /** Exactly `rows`, none wider than `columns`. */
  readonly lines: readonly FrameLine[]
  /** Zero-based. */
  readonly cursor: { readonly x: number; readonly y: number }
}

/** One span. */
export function span(text: string, style: Style = 'text'): Span {
  return { text, style }
}
