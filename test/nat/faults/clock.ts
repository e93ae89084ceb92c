/** A member's wall clock that can be set while its program runs, by libfaketime; its steady clock stays as it is. */
import { globSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'

/** Where Debian's package puts it, on any processor. */
const LIBRARY = '/usr/lib/*/faketime/libfaketime.so.1'

/** The environment of a program whose clock is set by a file, which is right as long as there is none. */
export function faked(file: string): Readonly<Record<string, string>> {
  const [library] = globSync(LIBRARY)
  if (library === undefined) throw new Error(`there is no ${LIBRARY}: install the package faketime`)
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    // how often, in seconds, it looks into the file
    FAKETIME_CACHE_DURATION: '1',
    DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  }
}

/** From now on (within a second) the clock is so many seconds ahead. */
export async function setClock(file: string, seconds: number): Promise<void> {
  // never half written when it is looked into: that would end the program
  await writeFile(`${file} next`, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  await rename(`${file} next`, file)
}
