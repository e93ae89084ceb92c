/**
 * The status page: one table that a person can read in any browser, without scripts, styles or links.
 */
import type { HelperStatus } from './status.ts'

/** An HTML document. */
export function statusPage(status: HelperStatus): string {
  const rows = [
    ['Version', status.version],
    ['Peer id', status.peer],
    ['Up for', duration(status.uptimeMs)],
    ['Connections', status.connections],
    ['Peers registered', status.peers],
    ['Rooms', status.namespaces],
    ['Registrations', status.registrations],
    ['Watchers', status.watchers],
    ['Reachable by relay', status.reservations],
    ['Relayed connections', status.relayed],
    ['Received', `${status.receivedBytes} bytes`],
    ['Sent', `${status.sentBytes} bytes`],
    ...[...status.refused].map(([reason, count]) => [`Refused: ${reason}`, count]),
  ]
  const table = rows.map(
    ([name, value]) => `<tr><th align="left">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  )
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><title>parley helper</title></head>',
    '<body><h1>parley helper</h1>',
    `<table>${table.join('\n')}</table>`,
    '</body></html>',
    '',
  ].join('\n')
}

/** Text that can't become markup. */
function escaped(value: string | number | undefined): string {
  return String(value).replace(/[&<>"']/g, character => `&#${character.codePointAt(0)};`)
}

/** Days, hours and minutes; seconds in the first minute. */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return `${Math.floor(minutes / 1_440)} d ${Math.floor(minutes / 60) % 24} h ${minutes % 60} min`
}
