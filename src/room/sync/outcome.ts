/**
 * How an exchange ended, as the room is told.
 */
import type { ChainId } from '../../protocol/ids.ts'

/** How an exchange ended. `received` and `sent` count messages. */
export type Outcome = { readonly received: number; readonly sent: number } & (
  | {
      readonly kind: 'complete'
      /** Chains that the partner said to have, and didn't send. */
      readonly unkept: readonly ChainId[]
    }
  | ({ readonly kind: 'failed' } & Fault)
)

/** Why an exchange can't go on. `partner`: no honest one does that. */
export interface Fault {
  readonly reason: string
  readonly blame: 'partner' | 'nobody'
}

/** A fault of the partner's. */
export function partner(reason: string): Fault {
  return { reason, blame: 'partner' }
}

/** A fault that may happen to anybody. */
export function nobody(reason: string): Fault {
  return { reason, blame: 'nobody' }
}
