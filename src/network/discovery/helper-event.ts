/**
 * Which helpers there are to be, and what happens at them.
 */

/** Where a helper is and who it should be. */
export interface HelperTarget {
  /** As the user wrote it. */
  readonly text: string
  /** What to dial, without a peer id. */
  readonly multiaddr: string
  /** The peer id that the user gave, or that was pinned at first use. */
  readonly expected?: string
}

export type HelperEvent =
  | { readonly kind: 'connected'; readonly peer: string; readonly address: string }
  | { readonly kind: 'lost'; readonly peer: string; readonly address: string }
  /** It was never reached in this session; trying goes on. */
  | { readonly kind: 'unreachable'; readonly address: string; readonly cause: unknown }
  /** Another key answers than the expected one; it is not trusted. */
  | {
      readonly kind: 'wrong-key'
      readonly address: string
      readonly expected: string
      readonly shown: string
    }
  /** First contact: from now on only this key counts. */
  | {
      readonly kind: 'pinned'
      readonly peer: string
      readonly address: string
      readonly target: HelperTarget
    }
