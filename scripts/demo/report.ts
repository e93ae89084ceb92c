/**
 * The report at the demo's end: each message, who received it, by which path, after how many milliseconds. What
 * somebody did not receive is lost, and the demo fails.
 */

export interface Receipt {
  readonly by: string
  /** `live` over gossip or `history` from a sync. */
  readonly via: string
  /** `direct` or `relayed`, as the receiver sees the author. */
  readonly path: string
  /** From the author's clock to the receiver's, on one machine. */
  readonly afterMs: number
}

export interface Delivery {
  readonly from: string
  readonly text: string
  /** Everyone else who was in the room when it was written, or should have got it by the history. */
  readonly expected: readonly string[]
  readonly receipts: readonly Receipt[]
}

/** The table as lines of text, and how many receipts are missing or double. */
export function report(deliveries: readonly Delivery[]): {
  readonly lines: readonly string[]
  readonly lost: number
} {
  const lines: string[] = []
  let lost = 0
  let received = 0
  for (const { from, text, expected, receipts } of deliveries) {
    lines.push(`${from}: ${text}`)
    for (const name of expected) {
      const got = receipts.filter(receipt => receipt.by === name)
      received += got.length
      if (got.length !== 1) lost++
      lines.push(`    ${name.padEnd(10)} ${got.length === 0 ? 'LOST' : got.map(row).join(' and again ')}`)
    }
  }
  lines.push('', `${deliveries.length} messages, ${received} receipts, ${lost} lost or doubled`)
  return { lines, lost }
}

function row({ via, path, afterMs }: Receipt): string {
  return `${path}, ${via.padEnd(7)} ${String(afterMs).padStart(5)} ms`
}
