/**
 * The wire as a process of its own, inside the namespace that is the street: each cable is a TAP device, whose frames
 * socat carries here as UDP datagrams over that namespace's loopback (Node can't open such a device by itself). Orders
 * come in as lines of JSON, each answered with one; it ends with its input, and socat with it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { openSync, writeSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as pass } from 'node:timers/promises'
import { Wire } from './wire.ts'
import type { WireOrder } from './wire-order.ts'
import { tapOf } from './wire-order.ts'

const LOOPBACK = '127.0.0.1'
/** Cable n's frames come to the wire at this port plus n, and leave it for the other one plus n. */
const FRAMES_IN = 20_000
const FRAMES_OUT = 30_000
/** Of the look whether socat has made its device. */
const LOOK_MS = 10

interface Cable {
  readonly socket: Socket
  readonly port: number
}

const wire = new Wire(Math.random)
const cables = new Map<string, Cable>()
/** Open files, by cable. */
const records = new Map<string, number>()
const carriers: ChildProcess[] = []
let timer: NodeJS.Timeout | undefined

async function plug(name: string): Promise<void> {
  const number = cables.size
  const socket = createSocket('udp4')
  socket.on('message', frame => {
    record(name, frame)
    wire.take(name, frame, performance.now())
    deliver()
  })
  // a datagram for a cable that was just pulled is lost, as a frame would be
  socket.on('error', () => {})
  cables.set(name, { socket, port: FRAMES_OUT + number })
  socket.bind(FRAMES_IN + number, LOOPBACK)
  await once(socket, 'listening')
  await openTap(number)
  wire.plug(name)
}

async function openTap(number: number): Promise<void> {
  const device = `TUN,tun-type=tap,iff-no-pi,tun-name=${tapOf(number)}`
  const [here, there] = [`${LOOPBACK}:${FRAMES_OUT + number}`, `${LOOPBACK}:${FRAMES_IN + number}`]
  const carrier = spawn('socat', [device, `UDP4-DATAGRAM:${there},bind=${here}`], { stdio: 'inherit' })
  carriers.push(carrier)
  // it says nothing when all is well: the device is the sign
  while (!(await readdir('/sys/class/net')).includes(tapOf(number))) {
    if ((carrier.exitCode ?? carrier.signalCode) !== null)
      throw new Error('socat made no TAP device: is /dev/net/tun there?')
    await pass(LOOK_MS)
  }
}

async function endOf(carrier: ChildProcess): Promise<void> {
  if ((carrier.exitCode ?? carrier.signalCode) !== null) return
  const ended = once(carrier, 'exit')
  carrier.kill('SIGKILL')
  await ended
}

function deliver(): void {
  const nowMs = performance.now()
  for (const { to, frame } of wire.due(nowMs)) {
    const cable = cables.get(to)
    record(to, frame)
    cable?.socket.send(frame, cable.port, LOOPBACK, () => {})
  }
  clearTimeout(timer)
  const { nextMs } = wire
  if (nextMs !== undefined) timer = setTimeout(deliver, Math.max(0, nextMs - nowMs))
}

function record(cable: string, frame: Uint8Array): void {
  const file = records.get(cable)
  if (file !== undefined) writeSync(file, frame)
}

async function obey(order: WireOrder): Promise<void> {
  switch (order.kind) {
    case 'plug':
      return await plug(order.cable)
    case 'record':
      records.set(order.cable, openSync(order.file, 'a'))
      return
    case 'set':
      return wire.set(order.conditions)
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  await obey(JSON.parse(line))
  process.stdout.write(`${line}\n`)
}
await Promise.all(carriers.map(endOf))
process.exit(0)
