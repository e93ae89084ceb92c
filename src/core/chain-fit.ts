/**
 * How a message relates to what is kept of its chain.
 */
import type { Chain, Head } from './chain.ts'
import type { Envelope } from './envelope.ts'
import type { MessageId } from './ids.ts'

/** How a message relates to what is there. */
export type Fit =
  | { readonly kind: 'next' }
  /** Nobody has what is before it: its chain begins, or goes on, here. */
  | { readonly kind: 'root' }
  | { readonly kind: 'known' }
  /** Its predecessor isn't here yet. */
  | { readonly kind: 'gap'; readonly missing: MessageId }
  /** It contradicts its predecessor: everyone who has that one says so. */
  | { readonly kind: 'wrong'; readonly reason: string }
  /** It isn't kept: displaced by smaller ids, beyond a fork's tail, pruned before, or one chain too many. */
  | { readonly kind: 'surplus' }

/** The only head of a chain that isn't forked. */
export function tipOf(chain: Chain | undefined): Head | undefined {
  return chain?.forkedAt === undefined ? chain?.heads[0] : undefined
}

/** How a message fits after its predecessor. */
export function follows(envelope: Envelope, parent: { readonly seq: number; readonly ts: number }): Fit {
  if (envelope.seq !== parent.seq + 1)
    return { kind: 'wrong', reason: 'its place does not follow its predecessor' }
  if (envelope.ts <= parent.ts) return { kind: 'wrong', reason: 'its time does not follow its predecessor' }
  return { kind: 'next' }
}
