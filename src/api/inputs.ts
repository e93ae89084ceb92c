/**
 * A user's request, as a closed union: the result of parsing a typed line or a JSON line, and the only thing
 * that a chat session carries out.
 */
export type Input =
  | { readonly kind: 'say'; readonly text: string; readonly room?: string }
  | { readonly kind: 'act'; readonly text: string; readonly room?: string }
  /** Program output, as a block. */
  | { readonly kind: 'code'; readonly text: string; readonly room?: string }
  | { readonly kind: 'reply'; readonly to: Target; readonly text: string; readonly room?: string }
  | { readonly kind: 'edit'; readonly of: Target; readonly text: string; readonly room?: string }
  | { readonly kind: 'delete'; readonly of: Target; readonly room?: string }
  | {
      readonly kind: 'react'
      readonly to: Target
      /** One emoji in its full form. */
      readonly emoji: string
      readonly change: 'on' | 'off' | 'toggle'
      readonly room?: string
    }
  | { readonly kind: 'nick'; readonly name: string }
  | { readonly kind: 'who' }
  | { readonly kind: 'peers' }
  | { readonly kind: 'why'; readonly name: string }
  | { readonly kind: 'ignore'; readonly name: string }
  | { readonly kind: 'unignore'; readonly name: string }
  | { readonly kind: 'who-got'; readonly nth: number }
  | { readonly kind: 'history'; readonly count: number }
  | { readonly kind: 'search'; readonly words: string }
  /** The nth newest block in full. */
  | { readonly kind: 'expand'; readonly nth: number }
  /** Messages before a given one, for scrolling back. */
  | { readonly kind: 'earlier'; readonly room: string; readonly before: Place; readonly count: number }
  | { readonly kind: 'join'; readonly room: string }
  | { readonly kind: 'leave' }
  | { readonly kind: 'rooms' }
  | { readonly kind: 'help'; readonly topic?: string }
  | { readonly kind: 'quit' }
  /** An invalid request: reported to the user, never sent. */
  | { readonly kind: 'invalid'; readonly code: string; readonly text: string; readonly remedy: string }

/**
 * The message referred to: by its place, where 1 is the room's newest (for `/edit` and `/delete`, one's own
 * newest) and hidden and deleted ones don't count; or by its id.
 */
export type Target =
  | { readonly by: 'place'; readonly nth: number }
  | { readonly by: 'id'; readonly id: string }

/** A position in the common order of messages. */
export interface Place {
  readonly sentAt: number
  readonly id: string
}
