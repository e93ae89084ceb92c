/**
 * Tells how each peer is reached, once for each way: relayed at first, then directly.
 */
import type { PeerKey } from '../core/ids.ts'
import type { PeerNode } from '../net/node.ts'
import type { UiEvent } from '../ui/event.ts'
import type { Directory } from './directory.ts'
import type { Path } from './paths.ts'
import { measurePath } from './paths.ts'

export interface PathTellerDeps {
  /** The node, once there is one. */
  readonly node: () => PeerNode
  readonly directory: Directory
  readonly emit: (event: UiEvent) => void
}

export class PathTeller {
  readonly #deps: PathTellerDeps
  readonly #told = new Map<PeerKey, Path['path']>()

  constructor(deps: PathTellerDeps) {
    this.#deps = deps
  }

  /** Measures, and tells unless that is known. */
  async tell(key: PeerKey): Promise<void> {
    const path = await measurePath(this.#deps.node(), key)
    if (path?.rttMs === undefined || this.#told.get(key) === path.path) return
    this.#told.set(key, path.path)
    const { path: way, transport, rttMs } = path
    this.#deps.emit({ type: 'path', peer: this.#deps.directory.of(key).peer, path: way, transport, rttMs })
  }

  /** The peer is not connected any more. */
  forget(key: PeerKey): void {
    this.#told.delete(key)
  }
}
