/**
 * Trust in helpers, and what the user is told about them: keys are pinned at first use, and another key is
 * refused until the user says otherwise.
 */

import type { UiEvent } from '../api/events.ts'
import type { PeerConfig } from '../config/types.ts'
import type { HelperEvent, HelperTarget } from '../network/discovery/helper-connection.ts'
import type { DataFolder } from '../storage/data-folder.ts'
import type { PinnedKeys } from '../storage/helper-pins.ts'
import {
  type FailureReason,
  type FailureText,
  failureText,
  NO_DISCOVERY,
  wrongKeyText,
} from './helper-failure-text.ts'

/** The helpers to use, each with the key that it must have. */
export function helperTargets(
  config: Pick<PeerConfig, 'helpers' | 'trustNewHelper'>,
  pins: PinnedKeys,
): readonly HelperTarget[] {
  return config.helpers.map(helper => {
    const pinned = config.trustNewHelper === 'accept' ? undefined : pins.get(helper.multiaddr)
    const expected = helper.peerId ?? pinned
    return { text: helper.text, multiaddr: helper.multiaddr, ...(expected === undefined ? {} : { expected }) }
  })
}

/** Reports an event at a helper, and pins its key at first contact. */
export function onHelperEvent(event: HelperEvent, folder: DataFolder, emit: (event: UiEvent) => void): void {
  switch (event.kind) {
    case 'connected':
    case 'lost':
      emit({ type: 'helper', state: event.kind, peer: event.peer, address: event.address })
      return
    case 'unreachable': {
      const { text, remedy } = failureText(event.target, event.trouble)
      const words = { text: `${text}. Still trying.`, remedy }
      emit(failureEvent('helper-unreachable', event.trouble.kind, event.target, words))
      return
    }
    case 'wrong-key': {
      const { target, expected, shown } = event
      emit(failureEvent('helper-key-changed', 'wrong-key', target, wrongKeyText(target, expected, shown)))
      return
    }
    case 'pinned':
      void pinKey(event, folder, emit)
      return
  }
}

/** Reported at the start, if there is no way to find others. */
export function noDiscovery(): UiEvent {
  const { text, remedy } = NO_DISCOVERY
  return { type: 'notice', code: 'no-discovery', text: `${text}. ${remedy}` }
}

function failureEvent(
  code: string,
  reason: FailureReason,
  target: HelperTarget,
  words: FailureText,
): UiEvent {
  return { type: 'error', code, reason, address: target.text, ...words }
}

async function pinKey(
  event: Extract<HelperEvent, { kind: 'pinned' }>,
  folder: DataFolder,
  emit: (event: UiEvent) => void,
): Promise<void> {
  const { target, peer } = event
  if (folder.pins.get(target.multiaddr) === peer) return
  try {
    await folder.pins.pin(target.multiaddr, peer)
    const text = `the key of the helper ${target.text} is ${peer}; from now on only this key is trusted there`
    emit({ type: 'notice', code: 'helper-pinned', text, peer, address: target.text })
  } catch (error) {
    const text = `the key of the helper ${target.text} could not be remembered (${String(error)})`
    emit({ type: 'error', code: 'pin-failed', text, remedy: 'Check that the data folder can be written.' })
  }
}
