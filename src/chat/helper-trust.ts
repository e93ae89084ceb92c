/**
 * What a user is told about helpers, and whom they are trusted to be: keys are pinned at first use, and another
 * key in a helper's place is refused until the user says otherwise.
 */

import type { UiEvent } from '../api/events.ts'
import type { HelperAddress, PeerConfig } from '../config/types.ts'
import type { HelperEvent, HelperTarget } from '../network/discovery/helper-connection.ts'
import type { DataFolder } from '../storage/data-folder.ts'

/** The helpers to use, each with the key that it must have. */
export function helperTargets(config: PeerConfig, folder: DataFolder): readonly HelperTarget[] {
  return config.helpers.map(helper => {
    const expected = helper.peerId ?? pinned(helper, config, folder)
    return { text: helper.text, multiaddr: helper.multiaddr, ...(expected === undefined ? {} : { expected }) }
  })
}

function pinned(helper: HelperAddress, config: PeerConfig, folder: DataFolder): string | undefined {
  return config.trustNewHelper === 'accept' ? undefined : folder.pins.get(helper.multiaddr)
}

/** Tells the user what happened at a helper, and pins its key at first contact. */
export function onHelperEvent(event: HelperEvent, folder: DataFolder, emit: (event: UiEvent) => void): void {
  switch (event.kind) {
    case 'connected':
    case 'lost':
      emit({ type: 'helper', state: event.kind, peer: event.peer, address: event.address })
      return
    case 'unreachable':
      emit(unreachable(event.address))
      return
    case 'wrong-key':
      emit(wrongKey(event))
      return
    case 'pinned':
      void pin(event, folder, emit)
      return
  }
}

function unreachable(address: string): UiEvent {
  return {
    type: 'error',
    code: 'helper-unreachable',
    text: `the helper ${address} does not answer; parley keeps trying, and will say when it is there`,
    remedy: 'Check its address and port, and that it runs: on its machine, parley helper prints both.',
  }
}

function wrongKey(event: Extract<HelperEvent, { kind: 'wrong-key' }>): UiEvent {
  return {
    type: 'error',
    code: 'helper-key-changed',
    text: `the helper ${event.address} shows another key (${event.shown}) than before (${event.expected}); it is not used`,
    remedy:
      'Ask whoever runs it. If its key was changed on purpose, start parley once with --trust-new-helper.',
  }
}

async function pin(
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
