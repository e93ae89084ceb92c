/** Events and effects as lines of a trace. */
import type { RoomEffect, RoomEvent, RoomNotice } from '../../src/room/events.ts'
import { describeStanding } from './retelling.ts'
import { short } from './trace.ts'

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
      return `show ${describeNotice(effect.notice)}`
    default:
      return JSON.stringify(effect)
  }
}

function describeNotice(notice: RoomNotice): string {
  switch (notice.kind) {
    case 'message': {
      const { via, place, envelope, state } = notice
      return `${via} ${place} (${short(envelope.id)}) ${describeStanding(state).slice(0, 60)}`
    }
    case 'amended': {
      const { via, by, amendment } = notice
      return `${via} ${amendment.kind} (${short(by.id)}) of (${short(amendment.ref)})`
    }
    default:
      return notice.kind
  }
}
