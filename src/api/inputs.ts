/**
 * What a user asked for, as a closed union: the result of parsing one typed line or one JSON line, and the only
 * thing that a chat session is told to do.
 */
export type Input =
  | { readonly kind: 'say'; readonly text: string; readonly room?: string }
  | { readonly kind: 'act'; readonly text: string; readonly room?: string }
  /** Output of a program, as a block. */
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
  /** The nth newest block, whole. */
  | { readonly kind: 'expand'; readonly nth: number }
  /** What the log has before a message, for who scrolls back. */
  | { readonly kind: 'earlier'; readonly room: string; readonly before: Place; readonly count: number }
  | { readonly kind: 'join'; readonly room: string }
  | { readonly kind: 'leave' }
  | { readonly kind: 'rooms' }
  | { readonly kind: 'help'; readonly topic?: string }
  | { readonly kind: 'quit' }
  /** Nothing that can be done: told to the user, never sent. */
  | { readonly kind: 'invalid'; readonly code: string; readonly text: string; readonly remedy: string }

/**
 * Which message is meant: by its place, the 1st being the newest of the room (for `/edit` and `/delete`, of one's own),
 * where only those count that are shown and weren't deleted; or by its id.
 */
export type Target =
  | { readonly by: 'place'; readonly nth: number }
  | { readonly by: 'id'; readonly id: string }

/** A message's place in the order that everyone shows. */
export interface Place {
  readonly sentAt: number
  readonly id: string
}
