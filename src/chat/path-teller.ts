/**
 * Tells how each peer is reached, once for each way: relayed at first, then directly, or why not.
 */

import type { UiEvent } from '../api/events.ts'
import type { PeerNode } from '../network/node.ts'
import type { PeerKey } from '../protocol/ids.ts'
import type { Ways } from './connection-paths.ts'
import { whyRelayed } from './connection-paths.ts'
import type { Path } from './paths.ts'
import { measurePath } from './paths.ts'
import type { Directory } from './peer-labels.ts'

export interface PathTellerDeps {
  /** The node, once there is one. */
  readonly node: () => PeerNode
  readonly ways: (key: PeerKey) => Ways
  readonly directory: Directory
  readonly emit: (event: UiEvent) => void
}

/** What was told of a peer. */
interface Told {
  readonly path: Path['path']
  readonly because: string | undefined
}

export class PathTeller {
  readonly #deps: PathTellerDeps
  readonly #told = new Map<PeerKey, Told>()

  constructor(deps: PathTellerDeps) {
    this.#deps = deps
  }

  /** Measures, and tells unless that is known; once more when it is known why it stays relayed. */
  async tell(key: PeerKey): Promise<void> {
    const { node, ways, directory, emit } = this.#deps
    const path = await measurePath(node(), key)
    if (path?.rttMs === undefined) return
    const because = whyRelayed({ ...ways(key), path })
    const before = this.#told.get(key)
    const isNew = before?.path !== path.path
    if (!isNew && (because === undefined || before.because !== undefined)) return
    this.#told.set(key, { path: path.path, because })
    const { path: way, transport, rttMs } = path
    const about = { peer: directory.of(key).peer, path: way, transport, rttMs }
    emit({ type: 'path', ...about, ...(because === undefined ? {} : { because }) })
  }

  /** The peer is not connected any more. */
  forget(key: PeerKey): void {
    this.#told.delete(key)
  }
}
