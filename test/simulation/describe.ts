/** Events and effects as lines of a trace. */
import type { RoomEffect, RoomEvent } from '../../src/core/room-event.ts'

export function describeEvent(event: RoomEvent): string {
  switch (event.kind) {
    case 'frame':
      return `frame of ${event.payload.length} bytes from ${event.from.slice(0, 4)}`
    case 'segment':
    case 'tail':
      return `${event.kind} of ${event.wires.length} from ${event.from.slice(0, 4)}`
    case 'holds':
      return `holds ${event.chains.map(chain => chain.heads.map(head => head.seq).join('+')).join(' ')} of ${event.from.slice(0, 4)}`
    case 'greeted':
      return `greeted by ${event.from.slice(0, 4)}`
    default:
      return JSON.stringify(event)
  }
}

export function describeEffect(effect: RoomEffect): string {
  switch (effect.kind) {
    case 'publish':
      return `publish ${effect.payload.length} bytes`
    case 'show':
      return effect.notice.kind === 'message'
        ? `show ${effect.notice.via} ${effect.notice.place} ${effect.notice.content.text.slice(0, 20)} (${effect.notice.envelope.id.slice(0, 6)})`
        : `show ${effect.notice.kind}`
    default:
      return JSON.stringify(effect)
  }
}
