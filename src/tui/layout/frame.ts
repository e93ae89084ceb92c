/**
 * A screen as a value: lines of styled text, as many as the window has, and where the cursor stands. All text in it is
 * safe to print: who puts text into a span has made it so.
 */

/** What text is, not how it looks: that is the theme's. */
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
  /** Where it begins, zero-based, whatever the terminal thinks of the width of what is before; absent: behind that. */
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
