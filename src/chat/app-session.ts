/**
 * A chat session as the commands see it: something to give inputs to, that tells what happens through the
 * `emit` it was started with, and that ends once, properly.
 */
import type { Input } from '../api/inputs.ts'

export interface Session {
  /**
   * Carries out one input. Resolves when it was handed over: for text, when it is in the log and its `sent`
   * event was emitted, so awaiting it is the backpressure of whoever reads input. Never rejects: what goes
   * wrong becomes an `error` event.
   */
  perform(input: Input): Promise<void>

  /**
   * Resolves when another peer holds everything the user wrote in this session, or when waiting any longer has no
   * point: nobody came within a moment, or whoever is here doesn't take it.
   */
  settled(): Promise<void>

  /** Tells the rooms, flushes, closes everything within 3 seconds, emits `bye`. Safe to call more than once. */
  close(): Promise<void>

  /** Resolves after `bye`, whoever asked for the end (`/quit` or `close`). */
  readonly closed: Promise<void>
}
