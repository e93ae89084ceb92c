/**
 * Texts for why a helper isn't reached: what happened, why, and what to do, the same in a chat and from the
 * doctor. Pure. Nothing from the other side is quoted.
 */
import { multiaddr } from '@multiformats/multiaddr'
import type { HelperFailure } from '../network/discovery/dial-failure.ts'
import type { HelperTarget } from '../network/discovery/helper-connection.ts'
import { portOf } from '../protocol/multiaddr.ts'

export interface FailureText {
  /** What happened and why: one sentence, without its full stop. */
  readonly text: string
  readonly remedy: string
}

/** A finer kind than an error's code, for programs. */
export type FailureReason = HelperFailure['kind'] | 'wrong-key'

/** Why a helper isn't reached. */
export function failureText(
  { text, multiaddr: address }: Pick<HelperTarget, 'text' | 'multiaddr'>,
  trouble: HelperFailure,
): FailureText {
  const { why, remedy } = EXPLANATIONS[trouble.kind]({ port: portOf(multiaddr(address)) ?? 0, trouble })
  return { text: `Can't reach helper ${text}: ${why}`, remedy }
}

/** Another key answers than the expected one. */
export function wrongKeyText(
  { text }: Pick<HelperTarget, 'text'>,
  expected: string,
  shown: string,
): FailureText {
  if (text.includes(expected)) {
    return {
      text: `Can't use helper ${text}: it shows the key ${shown}, not the one in its address`,
      remedy: 'Ask whoever runs it for its address, and correct the part after /p2p/.',
    }
  }
  return {
    text: `Can't use helper ${text}: it shows another key (${shown}) than before (${expected})`,
    remedy:
      'Ask whoever runs it. If its key was changed on purpose, start parley once with --trust-new-helper.',
  }
}

/** There is neither a helper nor local discovery to find people by. */
export const NO_DISCOVERY: FailureText = {
  text: 'Nobody new can be found: no helper is set, and discovery on the local network is off (--no-lan)',
  remedy: 'Give a helper with --helper HOST, or start parley without --no-lan.',
}

interface FailureFacts {
  readonly port: number
  readonly trouble: HelperFailure
}

interface Explanation {
  readonly why: string
  readonly remedy: string
}

const RIGHT_PORT =
  'Check the address and the port: a helper listens on port 12345 unless it was told otherwise.'

const EXPLANATIONS: Readonly<Record<HelperFailure['kind'], (about: FailureFacts) => Explanation>> = {
  'unknown-host': () => ({
    why: 'there is no host of that name',
    remedy: "Check how the name is spelled, or give the helper's IP address.",
  }),
  'lookup-failed': () => ({
    why: 'its name could not be looked up',
    remedy: "Check that this machine is online and its DNS works, or give the helper's IP address.",
  }),
  refused: ({ port }) => ({
    why: `connection refused on port ${port}`,
    remedy: 'Check that it is running and that the port is open.',
  }),
  'no-answer': ({ port }) => ({
    why: `no answer on port ${port}`,
    remedy:
      'Check its address, and that its firewall lets the port in. If other helpers answer, a firewall near you may stop this port: a helper on port 443 (parley helper --port 443) gets through most of them.',
  }),
  'no-route': () => ({
    why: 'there is no route to it from this network',
    remedy: 'Check that this machine is online, and the address.',
  }),
  'not-allowed': ({ port }) => ({
    why: `this machine does not allow connections to port ${port} there`,
    remedy: 'Allow outgoing TCP connections of parley in the firewall of this machine.',
  }),
  silent: ({ port }) => ({
    why: `something takes connections on port ${port}, but says nothing`,
    remedy: `${RIGHT_PORT} If they are right, a proxy or firewall may answer in its place, or it must be restarted.`,
  }),
  'hung-up': ({ port }) => ({
    why: `something takes connections on port ${port}, but ends them at once`,
    remedy: `${RIGHT_PORT} If they are right, it may be full, or a proxy or firewall stands in between.`,
  }),
  'not-libp2p': ({ port }) => ({
    why: `something answers on port ${port}, but it is not a parley helper`,
    remedy: RIGHT_PORT,
  }),
  'not-a-helper': ({ port }) => ({
    why: `something answers on port ${port}, but it is not a parley helper (it speaks libp2p, as a chat does)`,
    remedy: `${RIGHT_PORT} It is started with: parley helper.`,
  }),
  'own-address': () => ({
    why: "that is this program's own address",
    remedy: 'Give the address of a machine that runs: parley helper.',
  }),
  unknown: ({ trouble }) => ({
    why: `the connection failed${codeText(trouble)}`,
    remedy: 'Start parley with --log-level debug to see more.',
  }),
}

function codeText(trouble: HelperFailure): string {
  return trouble.kind === 'unknown' && trouble.code !== undefined ? ` (${trouble.code})` : ''
}
