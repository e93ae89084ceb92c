/**
 * One reading of both clocks. Pace and deadlines use the steady clock, which no correction moves; messages
 * use the wall clock. Both in milliseconds.
 */
export interface Instant {
  /** Since some fixed point; never goes back. */
  readonly steady: number
  /** Since the epoch; may jump. */
  readonly wall: number
}
