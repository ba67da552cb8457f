// `lane.mjs kernel|jackfield|both CELL CONTROL PROFILE OFFLOADS`: Mbit/s of one flow over the path that the cell says, the round its seed; or of
// both at once through one bottleneck, Jain's index of how they share it.

import { constants, setPriority } from 'node:os'
import { answer, refuse } from '../harness/answer.mjs'
import { cells, fairness } from './cells.mjs'
import { Sides } from './sides.mjs'

const [system, name, control, profile, offloads] = process.argv.slice(2)
const { impairment, seconds } = system === 'both' ? fairness : cells.find((cell) => cell.name === name)

// What else the machine does would come as bursts out of the relay, and be lost in small queues: this process and those that it
// starts, the kernel's ends and the stack's, go before others; not in real time, or a loop in one would stop the machine.
setPriority(constants.priority.PRIORITY_HIGHEST)

async function measure(sides, round) {
  const end = sides.path(impairment, round)
  try {
    if (system !== 'both') return (await sides.flow(system, system, seconds, control)).rate / 1e6
    const [a, b] = await Promise.all(['kernel', 'jackfield'].map((one) => sides.flow(one, one, seconds, control)))
    return (a.rate + b.rate) ** 2 / (2 * (a.rate ** 2 + b.rate ** 2))
  } finally {
    end()
  }
}

try {
  const sides = await Sides.open({ offloads: offloads === 'true', profile })
  await answer(
    ({ round }) => measure(sides, round),
    () => sides.close(),
  )
} catch (error) {
  refuse(error)
}
