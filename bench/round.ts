/** What every measure is given: what to measure in this round, where, and where the figures go. */
import type { ForeignLoad } from './foreign-load.ts'
import type { Workshop } from './group.ts'
import type { Options } from './options.ts'
import type { Figure } from './sheet.ts'
import type { System } from './system.ts'

export interface Round {
  /** From 1. */
  readonly run: number
  readonly options: Options
  readonly workshop: Workshop
  /** In this round's order: none always goes first. */
  readonly systems: readonly System[]
  readonly load: ForeignLoad
  /** Whether the loopback carries nothing but what is measured. */
  readonly loopback: 'own' | 'shared'
  readonly note: (figure: Omit<Figure, 'run'>) => void
  /** Tells whoever waits for the run's end. */
  readonly tell: (line: string) => void
  /** Notes that a system could not be measured, and why; the run goes on without it. */
  readonly fail: (what: string, cause: unknown) => void
}
