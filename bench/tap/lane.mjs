// A lane against the kernel's side: `lane.mjs FOLDER SYSTEM MODE PORT ARGUMENTS…`, the client in C (or iperf3) in this network namespace, which is the
// lane's own, and a system that serves it. The server is bound to the first of the lane's processors, the client to the second.

import { join } from 'node:path'
import { answer, refuse } from '../harness/answer.mjs'
import { bound, run, Served } from './served.mjs'
import { systems } from './systems.mjs'

const [folder, name, mode, ...rest] = process.argv.slice(2)
const pins = process.env.BENCH_PINS ? process.env.BENCH_PINS.split(',') : []
const served = new Served(systems(folder)[name], name, pins[0])

function measureClient(seconds) {
  const [port, ...more] = rest
  const words = [join(folder, 'client'), mode, served.address, port, String(seconds), ...more]
  return Number(run(...bound(pins[1]), ...words).split(' ')[0])
}

/** iperf3 counts whole seconds. */
function measureIperf(seconds) {
  const time = String(Math.max(1, Math.round(seconds)))
  const more = mode === 'recv' ? ['--reverse'] : []
  const words = ['iperf3', '--client', served.address, '--time', time, '--json', ...more]
  const { end, error } = JSON.parse(run(...bound(pins[1]), ...words))
  if (error !== undefined) throw new Error(error)
  return end.sum_received.bits_per_second / 8
}

try {
  await served.open()
  const scale = mode === 'send' || mode === 'recv' ? 8e-9 : 1
  const measure = name === 'iperf3' ? measureIperf : measureClient
  await answer(
    ({ seconds }) => measure(seconds) * scale,
    () => served.close(),
  )
} catch (error) {
  served.close()
  refuse(error)
}
