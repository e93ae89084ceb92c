/**
 * Examines this machine's way to others without joining a room: with an identity made for the occasion, so that a chat
 * may run meanwhile. What is found is told as it is found.
 */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { ParleyError } from '../common/errors.ts'
import type { PeerConfig } from '../config/types.ts'
import { Gate } from '../network/connections/gate.ts'
import { reasonOf } from '../network/connections/trails.ts'
import { examine } from '../network/nat/helper-probe.ts'
import { ownHosts } from '../network/nat/own-hosts.ts'
import type { PeerNode } from '../network/node.ts'
import { createPeerNode } from '../network/node.ts'
import { startNode, usableListen } from '../network/start-node.ts'
import { portOf } from '../protocol/multiaddr.ts'
import { openDataFolder } from '../storage/data-folder.ts'
import type { Finding } from './findings.ts'
import { findingsOf, noHelper, unreachable } from './findings.ts'

export interface DoctorDeps {
  /** Node's version, without a `v`. */
  readonly nodeVersion: string
  /** For whom the data folder is opened. */
  readonly who: string
  readonly tell: (finding: Finding) => void
}

/** The first Node that parley runs on. */
const LEAST_NODE = 24

/** Resolves when all is told; never rejects for what it finds. */
export async function runDoctor(config: PeerConfig, { nodeVersion, who, tell }: DoctorDeps): Promise<void> {
  tell(node(nodeVersion))
  tell(await dataFolder(config.dataDir, who))
  if (config.helpers.length === 0) return tell(noHelper())
  const examiner = await openNode(config)
  try {
    await Promise.all(config.helpers.map((_, at) => lookAt(at, config, examiner, tell)))
  } finally {
    await examiner.stop()
  }
}

function node(version: string): Finding {
  const isEnough = Number.parseInt(version, 10) >= LEAST_NODE
  const text = `Node ${version}`
  if (isEnough) return { check: 'node', state: 'well', text }
  return {
    check: 'node',
    state: 'bad',
    text,
    remedy: `Install Node ${LEAST_NODE} or newer: https://nodejs.org`,
  }
}

async function dataFolder(path: string, who: string): Promise<Finding> {
  const check = 'data-folder'
  try {
    await using folder = await openDataFolder(path, who)
    return { check, state: 'well', text: `the data folder ${folder.path} can be used` }
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error
    // a chat that runs meanwhile is the usual case
    if (error.code === 'data-folder-held') return { check, state: 'well', text: error.message }
    return { check, state: 'bad', text: error.message, remedy: error.remedy }
  }
}

async function lookAt(
  at: number,
  { helpers }: PeerConfig,
  examiner: PeerNode,
  tell: (finding: Finding) => void,
): Promise<void> {
  const target = helpers[at]
  if (target === undefined) return
  const hosts = ownHosts()
  const all = examiner.services.internals.listening()
  const ports = [...new Set(all.flatMap(address => portOf(address) ?? []))]
  const other = helpers.find((_, index) => index !== at)?.multiaddr
  try {
    const examined = await examine(target, { node: examiner, ownHosts: hosts, ports, other })
    for (const finding of findingsOf(examined, hosts)) tell(finding)
  } catch (cause) {
    tell(unreachable(target.text, reasonOf(cause)))
  }
}

/** Listens as a chat would, or on any port where one does. */
async function openNode(config: PeerConfig): Promise<PeerNode> {
  try {
    return await listening(config, config.listen)
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code !== 'port-in-use') throw error
    return await listening(config, ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0'])
  }
}

async function listening(config: PeerConfig, wanted: readonly string[]): Promise<PeerNode> {
  const { network } = config
  const listen = await usableListen(wanted)
  const gate = new Gate({
    connections: network.maxConnections,
    connectionsPerAddress: network.maxConnectionsPerAddress,
  })
  const options = { ...network, listen, announce: [], lan: 'off', helpers: [] } as const
  const privateKey = await generateKeyPair('Ed25519')
  const made = await createPeerNode(options, { privateKey, gater: gate.gater })
  await startNode(made, listen)
  return made
}
