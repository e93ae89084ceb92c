/** How somebody is connected, in words. */
import type { Path } from './paths.ts'

/** `directly over tcp, 3 ms round trip, for 5 min`. */
export function pathText(path: Path | undefined): string {
  if (path === undefined) return 'not directly, by way of others'
  const speed = path.rttMs === undefined ? '' : `, ${path.rttMs} ms round trip`
  const minutes = Math.floor((Date.now() - path.since) / 60_000)
  return `${path.path === 'direct' ? 'directly' : 'through a relay'} over ${path.transport}${speed}, for ${minutes} min`
}
