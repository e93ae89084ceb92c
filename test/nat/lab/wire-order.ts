/** What is said to the wire's process. */
import type { Conditions } from './wire.ts'

export type WireOrder =
  | { readonly kind: 'plug'; readonly cable: string }
  /** Appends every frame that comes or leaves by this cable to a file, as a spy would. */
  | { readonly kind: 'record'; readonly cable: string; readonly file: string }
  | { readonly kind: 'set'; readonly conditions: Conditions }

/** The device at the wire's end of the cable that was plugged in as the nth. */
export function tapOf(number: number): string {
  return `tap-${number}`
}
