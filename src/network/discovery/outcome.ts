/**
 * How a peer's dealing with a helper ended.
 */
import type { ErrorStatus } from '../../protocol/message.ts'

export type Failure =
  /** The helper answered, and said no. */
  | { readonly kind: 'refused'; readonly status: ErrorStatus; readonly text: string }
  /** It doesn't speak this protocol. */
  | { readonly kind: 'unsupported' }
  /** It said what no sane helper says, or too much of it. */
  | { readonly kind: 'invalid'; readonly what: string }
  /** No connection, a broken one, or no answer in time. */
  | { readonly kind: 'lost'; readonly cause: unknown }
  /** The caller's own signal fired. */
  | { readonly kind: 'stopped' }

export type Outcome<Value> = { readonly kind: 'ok'; readonly value: Value } | Failure
