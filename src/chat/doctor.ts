/**
 * The doctor: examines this machine's connections without joining a room, with a temporary identity, so that
 * a chat may run meanwhile. Findings are reported as they are made.
 */

import { generateKeyPair } from '@libp2p/crypto/keys'
import { ParleyError } from '../common/errors.ts'
import type { PeerConfig } from '../config/types.ts'
import { ConnectionGater } from '../network/connections/connection-gater.ts'
import type { HelperFailure } from '../network/discovery/dial-failure.ts'
import type { HelperTarget } from '../network/discovery/helper-connection.ts'
import type { HelperProbeResult } from '../network/nat/helper-probe.ts'
import { probeHelper } from '../network/nat/helper-probe.ts'
import { interfaceAddresses } from '../network/nat/interfaces.ts'
import type { PeerNode } from '../network/node.ts'
import { createPeerNode } from '../network/node.ts'
import { startNode, usableListen } from '../network/start-node.ts'
import { hostOf, isOwn, portOf } from '../protocol/multiaddr.ts'
import { openDataFolder } from '../storage/data-folder.ts'
import { peekPins } from '../storage/helper-pins.ts'
import type { FailureReason, FailureText } from './helper-failure-text.ts'
import { failureText, NO_DISCOVERY, wrongKeyText } from './helper-failure-text.ts'
import { helperTargets } from './helper-trust.ts'

export interface DoctorDeps {
  /** Node's version, without a `v`. */
  readonly nodeVersion: string
  /** Who opens the data folder, for others that want it. */
  readonly who: string
  readonly report: (finding: Finding) => void
}

/** The oldest Node that parley runs on. */
const OLDEST_NODE = 24

/** Resolves when everything is reported; never rejects for a finding. */
export async function runDoctor(config: PeerConfig, { nodeVersion, who, report }: DoctorDeps): Promise<void> {
  report(nodeFinding(nodeVersion))
  report(await dataFolderFinding(config.dataDir, who))
  if (config.helpers.length === 0) return report(noHelperFinding(config.lan))
  const helpers = helperTargets(config, await peekPins(config.dataDir))
  const examiner = await openTemporaryNode(config)
  try {
    await Promise.all(helpers.map(helper => examineHelper(helper, helpers, examiner, report)))
  } finally {
    await examiner.stop()
  }
}

function nodeFinding(version: string): Finding {
  const isEnough = Number.parseInt(version, 10) >= OLDEST_NODE
  const text = `Node ${version}`
  if (isEnough) return { check: 'node', state: 'well', text }
  return {
    check: 'node',
    state: 'bad',
    text,
    remedy: `Install Node ${OLDEST_NODE} or newer: https://nodejs.org`,
  }
}

async function dataFolderFinding(path: string, who: string): Promise<Finding> {
  const check = 'data-folder'
  try {
    await using folder = await openDataFolder(path, who)
    return { check, state: 'well', text: `the data folder ${folder.path} can be used` }
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error
    // a running chat is the usual case
    if (error.code === 'data-folder-held') return { check, state: 'well', text: error.message }
    return { check, state: 'bad', text: error.message, remedy: error.remedy }
  }
}

async function examineHelper(
  target: HelperTarget,
  helpers: readonly HelperTarget[],
  examiner: PeerNode,
  tell: (finding: Finding) => void,
): Promise<void> {
  const hosts = interfaceAddresses()
  const all = examiner.services.internals.listening()
  const ports = [...new Set(all.flatMap(address => portOf(address) ?? []))]
  const otherHelper = helpers.find(helper => helper !== target)?.multiaddr
  const result = await probeHelper(target, {
    node: examiner,
    interfaceAddresses: hosts,
    ports,
    otherHelper,
  })
  switch (result.kind) {
    case 'examined':
      for (const finding of reportOf(result.examined, hosts)) tell(finding)
      return
    case 'unreached':
      tell(unreachableFinding(target, result.trouble))
      return
    case 'wrong-key':
      tell(wrongKeyFinding(target, result.expected, result.shown))
      return
  }
}

/** Listens as a chat would, or on any port if one does. */
async function openTemporaryNode(config: PeerConfig): Promise<PeerNode> {
  try {
    return await listeningFinding(config, config.listen)
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code !== 'port-in-use') throw error
    return await listeningFinding(config, ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0'])
  }
}

async function listeningFinding(config: PeerConfig, wanted: readonly string[]): Promise<PeerNode> {
  const { network } = config
  const listen = await usableListen(wanted)
  const gate = new ConnectionGater({
    connections: network.maxConnections,
    connectionsPerAddress: network.maxConnectionsPerAddress,
  })
  const options = { ...network, listen, announce: [], lan: 'off', helpers: [] } as const
  const privateKey = await generateKeyPair('Ed25519')
  const made = await createPeerNode(options, { privateKey, gater: gate.gater })
  await startNode(made, listen)
  return made
}

// The doctor's report: one line for each finding, and a remedy where something is wrong. Pure.

export interface Finding {
  readonly check:
    | 'node'
    | 'data-folder'
    | 'helper'
    | 'clock'
    | 'reachability'
    | 'nat'
    | 'punching'
    | 'firewall'
    | 'relay'
  /** `poor`: it works, but could be better. */
  readonly state: 'well' | 'poor' | 'bad'
  /** What exactly is wrong with an unusable helper. */
  readonly reason?: FailureReason
  readonly text: string
  /** Present unless the state is `well`. */
  readonly remedy?: string
}

/** Peers hold back messages that are further in the future: protocol/limits.ts. */
const MAX_CLOCK_AHEAD_MS = 120_000
/** A difference that nobody notices. */
const NEGLIGIBLE_MS = 5_000

/** The findings about one helper that answered. */
export function reportOf(examined: HelperProbeResult, ownHosts: readonly string[]): readonly Finding[] {
  const { text, roundTripMs } = examined
  const answers: Finding = {
    check: 'helper',
    state: 'well',
    text: `the helper ${text} answers in ${roundTripMs} ms`,
  }
  if (examined.seen === undefined) {
    const remedy =
      'Ask whoever runs it for a newer parley: this one tells nothing about you, and may not relay.'
    return [{ ...answers, state: 'poor', remedy }]
  }
  return [
    answers,
    clockFinding(examined.clockAheadMs ?? 0),
    reachabilityFinding(examined, ownHosts),
    natFinding(examined),
    punchingFinding(examined),
    firewall(examined),
    relayFinding(examined),
  ]
}

function unreachableFinding(target: HelperTarget, trouble: HelperFailure): Finding {
  return badFinding(trouble.kind, failureText(target, trouble))
}

function wrongKeyFinding(target: HelperTarget, expected: string, shown: string): Finding {
  return badFinding('wrong-key', wrongKeyText(target, expected, shown))
}

function badFinding(reason: FailureReason, words: FailureText): Finding {
  return { check: 'helper', state: 'bad', reason, ...words }
}

function noHelperFinding(lan: 'on' | 'off'): Finding {
  if (lan === 'off') return { check: 'helper', state: 'bad', ...NO_DISCOVERY }
  return {
    check: 'helper',
    state: 'poor',
    text: 'no helper is set: only people on the local network, and those you know already, are found',
    remedy: 'Give one with --helper HOST, or run one on a machine that all can reach: parley helper.',
  }
}

function clockFinding(aheadMs: number): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000)
  if (Math.abs(aheadMs) < NEGLIGIBLE_MS) {
    return { check: 'clock', state: 'well', text: "the clock agrees with the helper's" }
  }
  const text = `the clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the helper's`
  const remedy = 'Let the system set its clock by the network (NTP); messages from the future are held back.'
  return { check: 'clock', state: aheadMs > MAX_CLOCK_AHEAD_MS ? 'bad' : 'poor', text, remedy }
}

function reachabilityFinding(examined: HelperProbeResult, ownHosts: readonly string[]): Finding {
  const check = 'reachability'
  const port = reachedPort(examined)
  const seenAs = examined.seen && hostOf(examined.seen.observed)
  if (port !== undefined) {
    return { check, state: 'well', text: `others can reach you directly, at ${seenAs} port ${port}` }
  }
  if (examined.tried === undefined || examined.tried.size === 0) {
    const remedy = 'Try again in a minute: a helper dials back only now and then.'
    return { check, state: 'poor', text: 'the helper did not try to reach you', remedy }
  }
  if (examined.seen !== undefined && isOwn(examined.seen.observed, ownHosts)) {
    const remedy = 'Allow incoming TCP connections to parley in the firewall of this machine or its network.'
    return {
      check,
      state: 'poor',
      text: `blocked: ${seenAs} is yours, but others can't reach you there`,
      remedy,
    }
  }
  const text = `you are behind a router (NAT) that others see as ${seenAs}; they can't dial you`
  const remedy =
    'Usually fine: see punching below. To be reachable, switch on UPnP or NAT-PMP in the router, or pass a TCP port on to this machine and start parley with --listen /ip4/0.0.0.0/tcp/PORT.'
  return { check, state: 'poor', text, remedy }
}

function natFinding({ mapping }: HelperProbeResult): Finding {
  const check = 'nat'
  switch (mapping) {
    case 'none':
      return { check, state: 'well', text: 'no router translates your addresses' }
    case 'steady':
      return { check, state: 'well', text: 'the router keeps one outside port for each inside one' }
    case 'changing':
      return {
        check,
        state: 'poor',
        text: 'the router takes another outside port for each destination (symmetric NAT)',
        remedy: 'Look for "full cone" or "endpoint-independent" in its settings, or pass a port on.',
      }
    case 'unknown':
      return {
        check,
        state: 'poor',
        text: 'which kind of router it is can only be seen from two places',
        remedy: 'Give two helpers, or ask for one that listens on two ports (--listen twice).',
      }
  }
}

function punchingFinding(examined: HelperProbeResult): Finding {
  const check = 'punching'
  if (reachedPort(examined) !== undefined) {
    return { check, state: 'well', text: 'hole punching is not needed: others dial you' }
  }
  switch (examined.mapping) {
    case 'none':
    case 'steady':
      return {
        check,
        state: 'well',
        text: 'hole punching should work, with everyone whose router does not change ports either',
      }
    case 'changing':
      return {
        check,
        state: 'poor',
        text: PUNCHING_BY[examined.ip6],
        remedy: 'See nat above. What is relayed stays encrypted between you and them.',
      }
    case 'unknown':
      return {
        check,
        state: 'poor',
        text: 'whether hole punching works is not known',
        remedy: 'Try it: /why NAME in a room tells how each person was reached.',
      }
  }
}

const PUNCHING_BY = {
  yes: 'hole punching works from here by IPv6 alone: with others behind routers who have none you talk through a relay',
  no: 'hole punching cannot work from here: with others behind routers you talk through a relay',
} as const

function firewall({ tried }: HelperProbeResult): Finding {
  const outcomes = [...(tried?.values() ?? [])]
  const told = (text: string): Finding => ({ check: 'firewall', state: 'well', text })
  if (outcomes.includes('reached')) return told('nothing stops connections to you')
  if (outcomes.includes('silent')) {
    return told('connections from outside are dropped without an answer, as most routers do')
  }
  if (outcomes.includes('refused')) return told('connections from outside are refused at your address')
  return told('what happens to connections from outside was not tried')
}

function relayFinding({ relay, text }: HelperProbeResult): Finding {
  const check = 'relay'
  if (relay === 'yes') return { check, state: 'well', text: `${text} would relay to you` }
  return {
    check,
    state: 'poor',
    text: `${text} does not relay to you: it is full, or relays for nobody`,
    remedy: 'Give a second helper; people who can be reached by both of you pass messages on, too.',
  }
}

function reachedPort({ tried }: HelperProbeResult): number | undefined {
  return [...(tried ?? [])].find(([, outcome]) => outcome === 'reached')?.[0]
}
