/** What the tests of the registry share: a table so small that every limit is met. */
import type { RegistryConfig } from '../../../src/helper/rendezvous/registry.ts'

export const EPOCH = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])
export const ROOM = '/parley/1/aa'
export const OTHER = '/other/app'
export const CONFIG: RegistryConfig = {
  registrations: 12,
  lasting: 6,
  perPeer: 3,
  perNamespace: 5,
  perSource: 4,
  perSourceAndNamespace: 3,
  namespaceBytes: 255,
  recordBytes: 16,
  ttlSeconds: { min: 60, default: 7_200, max: 259_200 },
  attachedPrefix: '/parley/',
  graceMs: 60_000,
}
