/**
 * What a user asked for, as a closed union: the result of parsing one typed line or one JSON line, and the only
 * thing that a chat session is told to do.
 */
export type Input =
  | { readonly kind: 'say'; readonly text: string; readonly room?: string }
  | { readonly kind: 'act'; readonly text: string; readonly room?: string }
  | { readonly kind: 'nick'; readonly name: string }
  | { readonly kind: 'who' }
  | { readonly kind: 'peers' }
  | { readonly kind: 'why'; readonly name: string }
  | { readonly kind: 'ignore'; readonly name: string }
  | { readonly kind: 'unignore'; readonly name: string }
  | { readonly kind: 'who-got'; readonly nth: number }
  | { readonly kind: 'history'; readonly count: number }
  | { readonly kind: 'search'; readonly words: string }
  | { readonly kind: 'join'; readonly room: string }
  | { readonly kind: 'leave' }
  | { readonly kind: 'rooms' }
  | { readonly kind: 'help'; readonly topic?: string }
  | { readonly kind: 'quit' }
  /** Nothing that can be done: told to the user, never sent. */
  | { readonly kind: 'invalid'; readonly code: string; readonly text: string; readonly remedy: string }
