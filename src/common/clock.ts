/**
 * One reading of both clocks. Pace and deadlines go by the steady one, which no correction moves; what is
 * written into messages goes by the wall clock. Both in milliseconds.
 */
export interface Instant {
  /** Since some fixed point; never goes back. */
  readonly steady: number
  /** Since the epoch; may jump. */
  readonly wall: number
}
