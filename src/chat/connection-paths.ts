/**
 * Words for how somebody is reached, and why not better: what was tried, and what would help. Addresses come from
 * others and may hold anything where a name stands in them: each is one safe line here.
 */

import type { Rung, Step } from '../network/connections/trails.ts'
import type { OutsidePort, Standing } from '../network/nat/address-book.ts'
import { sanitiseLine } from '../text/sanitise.ts'
import type { Path } from './paths.ts'

const RUNGS: Readonly<Record<Rung, string>> = {
  direct: 'directly',
  lan: 'on the local network',
  relay: 'through a relay',
  punch: 'through both routers at the same moment',
}

const NOTHING_TRIED =
  'nothing could be tried: no address of theirs can be dialled from here, and no helper relays to them'

/** One hole may not be punched by chance; this many tells something about the routers. */
const TELLING_FAILURES = 2

/** People that are named where anybody may be meant. */
const MAX_NAMED = 5

/** Steps that are told: the latest ones. */
const MAX_STEPS = 6

/** `directly over tcp, 12 ms round trip, for 3 min`, or how else. */
export function pathText(path: Path | undefined, now: number): string {
  if (path === undefined) return 'not directly, by way of others'
  const speed = path.rttMs === undefined ? '' : `, ${path.rttMs} ms round trip`
  const how = path.path === 'direct' ? 'directly' : 'through a relay'
  return `${how} over ${path.transport}${speed}, for ${spanText(now - path.since)}`
}

function spanText(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'less than a minute'
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} hours`
}

/** How somebody is reached, and what was tried. */
export interface Ways {
  readonly path: Path | undefined
  /** Oldest first. */
  readonly steps: readonly Step[]
  readonly standing: Standing
}

interface Why extends Ways {
  /** As shown. */
  readonly name: string
  /** Who of the others in the room is connected, as shown. */
  readonly through: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The answer to `/why`: how, what was tried, where we stand, and what would help. */
export function whyText({ name, through, path, steps, standing, now }: Why): string {
  const how = path === undefined ? indirectText(name, through) : `${name} is connected ${pathText(path, now)}`
  const tried = steps.slice(-MAX_STEPS).map(step => `  ${stepText(step, now)}`)
  const heading = tried.length > 0 ? ['what was tried:'] : path === undefined ? [NOTHING_TRIED] : []
  const because = whyRelayed({ path, steps, standing })
  const reason = because === undefined ? [] : [`it stays relayed because ${because}`]
  return [how, ...heading, ...tried, standingText(standing), ...reason, ...remedies(path, standing)].join(
    '\n',
  )
}

/** Who isn't connected is heard through others, if there are any; through whom exactly, nobody can say. */
function indirectText(name: string, through: readonly string[]): string {
  const trying = 'parley keeps trying the addresses it knows.'
  if (through.length === 0) {
    return `${name} is not connected, and nobody else is: what you write waits in your log. ${trying}`
  }
  const [named, more] = [through.slice(0, MAX_NAMED).join(', '), through.length - MAX_NAMED]
  const all = more > 0 ? `${named} and ${more} more` : named
  return `${name} is not connected: messages travel by way of others (you are connected with ${all}). ${trying}`
}

/** Why a relayed connection doesn't become a direct one, as far as can be told; undefined if it still may. */
export function whyRelayed({ path, steps, standing }: Ways): string | undefined {
  if (path?.path !== 'relayed') return undefined
  const dialled = steps.filter(({ rung, address }) => rung === 'punch' && address !== '')
  const failures = dialled.slice(dialled.findLastIndex(({ outcome }) => outcome === 'connected') + 1)
  return failures.length < TELLING_FAILURES ? undefined : REASONS[standing.outsidePort]
}

const REASONS: Readonly<Record<OutsidePort, string>> = {
  changed:
    'your router does not keep ports: it most likely takes another one for each destination (symmetric NAT), so nobody can know where to dial you',
  kept: 'your router keeps ports, but theirs most likely takes another one for each destination (symmetric NAT), or a firewall is in the way',
  unknown: 'a router or firewall between you lets neither of you through to the other',
}

function stepText({ at, rung, outcome, tookMs, address, reason }: Step, now: number): string {
  const where = address === '' ? '' : ` (${sanitiseLine(address)})`
  const took = `after ${(tookMs / 1_000).toFixed(1)} s`
  const result =
    outcome === 'connected'
      ? `connected ${took}`
      : `failed ${took}: ${sanitiseLine(reason ?? 'no reason is known')}`
  return `${Math.max(0, Math.round((now - at) / 1_000))} s ago, ${RUNGS[rung]}${where}: ${result}`
}

/** How others can reach this peer. */
function standingText({ reachability, homes, relays }: Standing): string {
  const relay = relays > 0 ? 'others reach you by a relay first' : 'no helper relays to you'
  const seen = homes.length === 0 ? '' : ` (seen from outside as ${homes.join(', ')})`
  switch (reachability) {
    case 'public':
      return relays > 0
        ? `you can be reached directly by IPv6${seen}; who has only IPv4 reaches you by a relay first`
        : `you can be reached directly${seen}`
    case 'nat':
      return `you are behind a router that translates addresses${seen}; ${relay}`
    case 'blocked':
      return `a firewall keeps connections from you${seen}; ${relay}`
    case 'unknown':
      return 'no helper could say yet whether you can be reached'
  }
}

const ENCRYPTED = 'What you write is encrypted between you two; the helper that relays it cannot read it.'
const REACHABLE =
  'A direct way needs one of you to be reachable, or IPv6 on both sides: switch on UPnP or NAT-PMP in one router, which parley asks by itself (without --no-lan), or pass a TCP port on there and start parley with --listen /ip4/0.0.0.0/tcp/PORT.'
const ANOTHER_RELAY = 'A second helper (--helper) may relay: the one you have is full, or relays for nobody.'

function remedies(path: Path | undefined, { reachability, relays }: Standing): readonly string[] {
  if (path?.path === 'direct') return []
  if (path?.path === 'relayed') return [ENCRYPTED, REACHABLE]
  if (reachability === 'unknown') return ['A helper (--helper) finds members and relays for them.']
  if (reachability === 'public') return []
  return relays === 0 ? [ANOTHER_RELAY, REACHABLE] : [REACHABLE]
}
