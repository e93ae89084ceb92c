/**
 * A loopback of one's own: in a network namespace nothing but what is measured passes it, so its counters count
 * nothing else. It takes root; without it those figures are missing.
 */
import { spawnSync } from 'node:child_process'

/** Set for the process that runs inside. */
const INSIDE = 'PARLEY_BENCH_NAMESPACE'
const ENTER = 'ip link set lo up && exec "$0" "$@"'

/** Starts this program anew in a namespace of its own, if that can be, and then never returns. Says which loopback it has. */
export function enterNamespace(): 'own' | 'shared' {
  const { env, execve, execPath, execArgv, argv } = process
  if (env[INSIDE] !== undefined) return 'own'
  const probe = spawnSync('sh', ['-c', 'unshare -n ip link set lo up'], { stdio: 'ignore' })
  if (probe.status !== 0 || execve === undefined) return 'shared'
  const words = ['sh', '-c', `exec unshare -n sh -c '${ENTER}' "$0" "$@"`, execPath]
  return execve('/bin/sh', [...words, ...execArgv, ...argv.slice(1)], { ...env, [INSIDE]: 'yes' })
}
