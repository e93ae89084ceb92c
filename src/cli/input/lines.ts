/**
 * Splits bytes into lines, all lines of a chunk at once, in bounded memory: a reader can start all of a
 * chunk's work together and read on when it is done. An overlong line is reported once and skipped.
 */
import type { Readable } from 'node:stream'

/** A text has at most 8 KiB; in JSON with every character escaped, six times as much. */
export const MAX_LINE_BYTES = 65_536

export type Line = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'too-long' }

const NEWLINE = 0x0a

/** Splits chunks at LF or CR LF. Invalid UTF-8 becomes U+FFFD. */
export class LineSplitter {
  #rest: Uint8Array = new Uint8Array()
  #skipping = false

  /** The lines that this chunk completes. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(...this.#complete(chunk.subarray(start, end)))
      start = end + 1
    }
    lines.push(...this.#keep(chunk.subarray(start)))
    return lines
  }

  /** A last line without a line end. */
  end(): Line[] {
    return this.#rest.length === 0 ? [] : this.#complete(new Uint8Array())
  }

  #complete(last: Uint8Array): Line[] {
    const wasSkipping = this.#skipping
    const bytes = this.#rest.length === 0 ? last : Buffer.concat([this.#rest, last])
    this.#rest = new Uint8Array()
    this.#skipping = false
    if (wasSkipping) return []
    return [bytes.length > MAX_LINE_BYTES ? { kind: 'too-long' } : { kind: 'line', text: decode(bytes) }]
  }

  /** Keeps the beginning of a line, unless it is overlong already. */
  #keep(bytes: Uint8Array): Line[] {
    if (this.#skipping || bytes.length === 0) return []
    if (this.#rest.length + bytes.length <= MAX_LINE_BYTES) {
      this.#rest = Buffer.concat([this.#rest, bytes])
      return []
    }
    this.#rest = new Uint8Array()
    this.#skipping = true
    return [{ kind: 'too-long' }]
  }
}

/** A terminal that is gone or a reset pipe: the same as the end of input. */
const asEnd = (): void => {}

/**
 * The lines of a stream, as many at a time as one chunk completes. Ends with the stream, even when it breaks,
 * unless `onBroken` throws.
 */
export async function* readLines(
  stream: Readable,
  onBroken: (cause: unknown) => void = asEnd,
): AsyncGenerator<readonly Line[]> {
  const splitter = new LineSplitter()
  try {
    for await (const chunk of stream) yield splitter.push(chunk)
  } catch (cause) {
    onBroken(cause)
  }
  yield splitter.end()
}

function decode(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.endsWith('\r') ? text.slice(0, -1) : text
}
