/**
 * The user's answers of the first start. They are validated where they are used, like every other setting:
 * the file may have been edited by hand.
 */
import { join } from 'node:path'
import type { Logger } from '../common/logger.ts'
import { JsonFile, type JsonFileSpec, peekJson } from './json-file.ts'

const MAX_FILE_BYTES = 16_384

export interface Answers {
  /** The username. */
  readonly name?: string
  /** The helper as `HOST:PORT`; empty: none. */
  readonly helper?: string
}

export class AnswersFile {
  readonly #file: JsonFile<Answers | undefined>

  private constructor(file: JsonFile<Answers | undefined>) {
    this.#file = file
  }

  static async open(folder: string, logger: Logger): Promise<AnswersFile> {
    return new AnswersFile(await JsonFile.open(spec(folder), logger))
  }

  /** The answers, or undefined if nobody was asked yet. */
  get(): Answers | undefined {
    return this.#file.value
  }

  /** Stores the answers. Resolves when they are on disk; rejects with a `ParleyError`. */
  remember(answers: Answers): Promise<void> {
    return this.#file.set(answers)
  }

  /** Resolves when no write is pending. */
  settled(): Promise<void> {
    return this.#file.settled()
  }
}

/** The answers in a data folder that another program may be using. */
export function peekAnswers(folder: string): Promise<Answers | undefined> {
  return peekJson(spec(folder))
}

function spec(folder: string): JsonFileSpec<Answers | undefined> {
  return {
    path: join(folder, 'answers.json'),
    guard: isAnswers,
    initial: undefined,
    maxBytes: MAX_FILE_BYTES,
  }
}

function isAnswers(value: unknown): value is Answers {
  if (typeof value !== 'object' || value === null) return false
  const { name, helper } = value as Record<string, unknown>
  return isOptionalText(name) && isOptionalText(helper)
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}
