// TCP's goodput over bad paths: two userspace stacks beside two kernels, over the same faults. Each cell is a path; each seed is one
// flow of either, one after the other. A cell's figure is the ratio of the medians.
//
//   npm run bench -- recovery [--seeds 9] [--lanes 2] [--cells text] [--control cubic] [--profile default] [--fairness] [--offloads] [--quick] [--json]
//
// --quick: ten cells and three seeds, about a minute and a half. --cells: only those whose name has this text. --fairness: a flow of
// each through one bottleneck instead, and Jain's index of how they share it. Lanes run at the same time, each its own path. As root on
// Linux; needs a build (npm run build).

import { constants, setPriority } from 'node:os'
import { readArguments, requireRoot } from './arguments.mjs'
import { cells, fairness, quick } from './recovery/cells.mjs'
import { Lane } from './recovery/lane.mjs'

const options = readArguments(
  'recovery',
  {
    seeds: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    cells: { type: 'string', default: '' },
    control: { type: 'string', default: 'cubic' },
    fairness: { type: 'boolean', default: false },
    profile: { type: 'string', default: 'default' },
    offloads: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  { lanes: { smallest: 1, whole: true } },
)
requireRoot('recovery')
// What else the machine does would come as bursts out of the relay, and be lost in small queues: this process and those that it
// starts, the kernel's ends and the stack's, go before others; not in real time, or a loop in one would stop the machine.
setPriority(constants.priority.PRIORITY_HIGHEST)

const seeds = Number(options.seeds ?? (options.quick ? 3 : 9))
const print = (text) => process.stdout.write(`${text}\n`)
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]
const mbit = (rate) => (rate / 1e6).toFixed(2).padStart(7)

const lanes = []
for (let i = 0; i < Number(options.lanes); i++)
  lanes.push(await Lane.open({ offloads: options.offloads, profile: options.profile }))

async function measure(lane, { name, impairment, seconds }) {
  const rates = { kernel: [], jackfield: [] }
  const retransmits = { kernel: [], jackfield: [] }
  for (let seed = 1; seed <= seeds; seed++) {
    // Who goes first changes, so that what else the machine does falls on both.
    for (const system of seed % 2 ? ['kernel', 'jackfield'] : ['jackfield', 'kernel']) {
      const end = lane.path(impairment, seed)
      const flow = await lane.flow(system, system, seconds, options.control)
      end()
      rates[system].push(flow.rate)
      retransmits[system].push(flow.retransmits)
    }
  }
  const kernel = median(rates.kernel)
  const jackfield = median(rates.jackfield)
  return {
    name,
    ratio: jackfield / kernel,
    kernel,
    jackfield,
    retransmits: { kernel: median(retransmits.kernel), jackfield: median(retransmits.jackfield) },
    rates,
  }
}

async function compare() {
  const wanted = cells
    .filter(({ name }) => name.includes(options.cells) && (!options.quick || quick.includes(name)))
    .sort((a, b) => b.seconds - a.seconds)
  const results = []
  if (!options.json) print(`${'path'.padEnd(38)}  kernel jackfld Mbit/s  ratio  sent again`)
  await Promise.all(
    lanes.map(async (lane) => {
      for (let cell = wanted.shift(); cell; cell = wanted.shift()) {
        const result = await measure(lane, cell)
        results.push(result)
        if (options.json) print(JSON.stringify({ bench: 'recovery', ...result }))
        else {
          const { name, kernel, jackfield, ratio, retransmits } = result
          const again = `${retransmits.kernel} / ${retransmits.jackfield}`
          print(`${name.padEnd(38)} ${mbit(kernel)} ${mbit(jackfield)}        ${ratio.toFixed(2)}   ${again}`)
        }
      }
    }),
  )
  const geometric = Math.exp(results.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / results.length)
  const worst = results.reduce((least, result) => (result.ratio < least.ratio ? result : least))
  if (options.json)
    print(JSON.stringify({ bench: 'recovery', geometric, worst: worst.name, ratio: worst.ratio, seeds }))
  else
    print(
      `geometric mean ${geometric.toFixed(3)} of ${results.length} cells; worst ${worst.ratio.toFixed(2)}: ${worst.name}`,
    )
}

async function share(lane) {
  const { impairment, seconds } = fairness
  const indices = []
  for (let seed = 1; seed <= seeds; seed++) {
    const end = lane.path(impairment, seed)
    const [a, b] = await Promise.all([
      lane.flow('kernel', 'kernel', seconds, options.control),
      lane.flow('jackfield', 'jackfield', seconds, options.control),
    ])
    end()
    const index = (a.rate + b.rate) ** 2 / (2 * (a.rate ** 2 + b.rate ** 2))
    indices.push(index)
    if (!options.json)
      print(`kernel ${mbit(a.rate)}  jackfield ${mbit(b.rate)} Mbit/s  Jain's index ${index.toFixed(3)}`)
  }
  if (options.json) print(JSON.stringify({ bench: 'fairness', index: median(indices), indices }))
  else print(`median of Jain's index ${median(indices).toFixed(3)}`)
}

try {
  if (options.fairness) await share(lanes[0])
  else await compare()
} finally {
  for (const lane of lanes) lane.close()
}
