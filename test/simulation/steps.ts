/** What each kind of step of a plan does to a world. */
import type { Step, Who } from './plan.ts'
import type { World } from './world.ts'

export function perform(world: World, step: Step): void {
  world.trace.note('plan', () => JSON.stringify(step))
  switch (step.kind) {
    case 'cut':
      world.wires.obstruct(world.at(step.a), world.at(step.b), 'cut', step.how)
      break
    case 'link':
      world.wires.clear(world.at(step.a), world.at(step.b), 'cut')
      break
    case 'flap':
      flap(world, step)
      break
    case 'split':
      split(world, step)
      break
    case 'heal':
      heal(world)
      break
    case 'deaf':
      world.wires.deafen(world.at(step.from), world.at(step.to), step.forMs)
      break
    case 'weather':
      world.wires.weather = step.weather
      break
    case 'deed':
      misdeed(world, step)
      break
    default:
      happenTo(world, step)
      break
  }
}

type ToOne = Extract<Step, { readonly who: Who }>

function happenTo(world: World, step: ToOne): void {
  const machine = world.at(step.who)
  switch (step.kind) {
    case 'say':
      say(world, step)
      break
    case 'amend':
      machine.amend(step)
      break
    case 'rename':
      machine.rename(`${machine.name} ${Math.round(world.now)}`)
      break
    case 'start':
      machine.start()
      break
    case 'power':
      machine.failPower(step.moment, step.downMs)
      break
    case 'restart':
      machine.restart(step.downMs)
      break
    case 'quit':
      quit(world, step)
      break
    case 'restore':
      machine.restore(step.of, step.commits, step.downMs)
      break
    case 'disk':
      fillDisk(world, step)
      break
    case 'clock':
      machine.skewMs = step.skewMs
      break
    case 'stall':
      machine.life?.stall()
      world.later(step.forMs, () => machine.life?.resume())
      break
    case 'slow':
      world.exchanges.slowDown(machine, step.stepMs, step.forMs)
      break
    case 'cut sync':
      world.exchanges.cutNext(machine, step.after)
      break
    case 'prune':
      machine.prune(step.keepBytes)
      break
  }
}

function say(world: World, { who, count, size }: Extract<Step, { readonly kind: 'say' }>): void {
  const machine = world.at(who)
  for (let number = 0; number < count; number++) {
    machine.say(`${machine.name} at ${Math.round(world.now)}, ${number} `.padEnd(size, '.'))
  }
}

/** Two stay at least, or there would be nobody to have anything. */
function quit(world: World, { who, how }: Extract<Step, { readonly kind: 'quit' }>): void {
  if (world.alive.length > 2) world.at(who).quit(how)
}

function fillDisk(world: World, { who, refuses, forMs }: Extract<Step, { readonly kind: 'disk' }>): void {
  const { disk } = world.at(who)
  disk.refuses = refuses
  world.later(forMs, () => {
    disk.refuses = 'nothing'
  })
}

function flap(world: World, { a, b, times, everyMs }: Extract<Step, { readonly kind: 'flap' }>): void {
  const [one, other] = [world.at(a), world.at(b)]
  for (let time = 0; time < times; time++) {
    world.later(2 * time * everyMs, () => world.wires.obstruct(one, other, 'cut', 'clean'))
    world.later((2 * time + 1) * everyMs, () => world.wires.clear(one, other, 'cut'))
  }
}

function split(world: World, { group, how }: Extract<Step, { readonly kind: 'split' }>): void {
  const inside = group.map(who => world.at(who))
  for (const one of inside) {
    for (const other of world.machines) {
      if (!inside.includes(other)) world.wires.obstruct(one, other, 'split', how)
    }
  }
}

function heal(world: World): void {
  for (const [index, one] of world.machines.entries())
    for (const other of world.machines.slice(0, index)) world.wires.clear(one, other, 'split')
}

function misdeed(world: World, { villain, deed, victims }: Extract<Step, { readonly kind: 'deed' }>): void {
  const known = victims.flatMap(who => world.machines[who] ?? [])
  world.villains[villain]?.act(deed, known)
}
