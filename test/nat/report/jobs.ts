/** Many trials, a few at once; a failed one is a result too, and stops nothing. */

export interface Trial<Result> {
  readonly title: string
  readonly run: () => Promise<Result>
}

/** What came of a trial. */
export type Verdict<Result> =
  | { readonly kind: 'done'; readonly title: string; readonly result: Result }
  | { readonly kind: 'failed'; readonly title: string; readonly reason: string }

/** In the order of the trials. */
export async function runAll<Result>(
  trials: readonly Trial<Result>[],
  parallel: number,
  tell: (line: string) => void,
): Promise<readonly Verdict<Result>[]> {
  const verdicts: Verdict<Result>[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < trials.length; at = next++) {
      const trial = trials[at] as Trial<Result>
      const verdict = await judge(trial)
      verdicts[at] = verdict
      const outcome = verdict.kind === 'done' ? JSON.stringify(verdict.result) : `FAILED: ${verdict.reason}`
      tell(`${at + 1}/${trials.length} ${trial.title}: ${outcome}`)
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return verdicts
}

async function judge<Result>({ title, run }: Trial<Result>): Promise<Verdict<Result>> {
  try {
    return { kind: 'done', title, result: await run() }
  } catch (error) {
    const [reason = 'nothing was said'] = String(error instanceof Error ? error.message : error).split('\n=>')
    return { kind: 'failed', title, reason: reason.replaceAll(/\s+/g, ' ').slice(0, 300) }
  }
}
