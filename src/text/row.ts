/**
 * What line mode shows, before it is laid out: rows of safe text. Who makes rows knows events and people; who
 * lays them out knows times, widths and colours.
 */

/** What a row is, by the sign in front of it. */
export type Sign =
  /** `<alice>`; `<alice → bob "are you">` in answer to something, of which `to` is safe to print */
  | { readonly kind: 'says'; readonly peer: string; readonly name: string; readonly to?: string }
  /** `* alice` */
  | { readonly kind: 'acts'; readonly peer: string; readonly name: string; readonly to?: string }
  /** `--` */
  | { readonly kind: 'info' }
  /** `!!` */
  | { readonly kind: 'trouble' }

export interface Row {
  readonly sign: Sign
  /** At least one, each without line ends and safe to print. */
  readonly lines: readonly string[]
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Safe to print; absent if the row is about no room. */
  readonly room?: string
  /** When it was written, if it came too late to be shown in its place. */
  readonly writtenAt?: number
}
