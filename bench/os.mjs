// Measures the operating system's sockets by our promises against node:net and node:dgram: two processes on the kernel's loopback,
// the libraries in turn, round by round; medians, and the ratio of each round.
//
//   node bench/os.mjs [--rounds 5] [--seconds 1] [--only TEXT] [--json]
//
// Needs Linux and a build (npm run build); taskset pins the ends to processors.

import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { readArguments } from './arguments.mjs'
import { median } from './os/figures.mjs'

const { rounds, seconds, only, json } = readArguments(
  'os',
  {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
  { rounds: { smallest: 1, whole: true }, seconds: { smallest: 0.1 } },
)

const ONE = ['0', '0']
const TWO = ['0', '1']
/** Each pair: [library, server's role, client's role, whose figure it is, argument]. The first is ours. */
const bulk = ['jackfield', 'sink', 'source', 'server']
const rows = [
  {
    name: "TCP bulk, against on('data')",
    unit: 'Gbit/s',
    more: true,
    pin: null,
    ours: bulk,
    theirs: ['node', 'sink', 'source', 'server'],
    aim: '1.2, 1.6',
  },
  {
    name: 'TCP bulk, against onread',
    unit: 'Gbit/s',
    more: true,
    pin: null,
    ours: bulk,
    theirs: ['node', 'sourceServer', 'onreadSink', 'client'],
    aim: '1.0, 1.1',
  },
  {
    name: '64-octet round trip, one processor',
    unit: 'µs',
    more: false,
    pin: ONE,
    ours: ['jackfield', 'pong', 'ping', 'client'],
    theirs: ['node', 'pong', 'ping', 'client'],
    aim: '0.95, 0.8',
  },
  {
    name: '64-octet round trip, two processors',
    unit: 'µs',
    more: false,
    pin: TWO,
    ours: ['jackfield', 'pong', 'ping', 'client'],
    theirs: ['node', 'pong', 'ping', 'client'],
    aim: '1.1, 0.95',
  },
  {
    name: 'the same with busyPoll',
    unit: 'µs',
    more: false,
    pin: TWO,
    ours: ['jackfield', 'pong', 'ping', 'client', 'busy'],
    theirs: ['node', 'pong', 'ping', 'client'],
    aim: '0.6, 0.45',
  },
  {
    name: 'connections, 1 at a time',
    unit: '/s',
    more: true,
    pin: null,
    ours: ['jackfield', 'greet', 'connections', 'client', '1'],
    theirs: ['node', 'greet', 'connections', 'client', '1'],
    aim: '1.8, 2.2',
  },
  {
    name: 'connections, 32 at a time',
    unit: '/s',
    more: true,
    pin: null,
    ours: ['jackfield', 'greet', 'connections', 'client', '32'],
    theirs: ['node', 'greet', 'connections', 'client', '32'],
    aim: '2, 3',
  },
  {
    name: 'UDP echo, one by one',
    unit: '/s',
    more: true,
    pin: null,
    ours: ['jackfield', 'echo', 'echoed', 'client'],
    theirs: ['node', 'echo', 'echoed', 'client'],
    aim: '1.5, 2',
  },
  {
    name: 'UDP echo, recvmmsg and sendmmsg',
    unit: '/s',
    more: true,
    pin: null,
    ours: ['jackfield', 'batchEcho', 'batchEchoed', 'client'],
    theirs: ['node', 'echo', 'echoed', 'client'],
    aim: '2, 2.8',
  },
  {
    name: 'UDP echo, segmentation offload',
    unit: '/s',
    more: true,
    pin: null,
    ours: ['jackfield', 'segmentEcho', 'segmentEchoed', 'client'],
    theirs: ['node', 'echo', 'echoed', 'client'],
    aim: '8, 18',
  },
  {
    name: 'processor of a thousand idle sockets',
    unit: 'µs/s',
    more: false,
    pin: null,
    ours: ['jackfield', 'idle', 'idle', 'server'],
    theirs: ['node', 'idle', 'idle', 'server'],
    aim: 'as little',
  },
].filter(({ name }) => name.includes(only))

const program = fileURLToPath(new URL('./os/end.mjs', import.meta.url))

/** An end in a process of its own; what it says, object by object. */
function start(processor, args) {
  const [command, ...rest] =
    processor === null ? [process.execPath, program] : ['taskset', '-c', processor, process.execPath, program]
  const child = spawn(command, [...rest, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = {}
  const waiting = {}
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
      Object.assign(said, JSON.parse(text.slice(0, at)))
      text = text.slice(at + 1)
    }
    for (const key of Object.keys(said)) waiting[key]?.(said[key])
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  return {
    child,
    ended,
    said(key) {
      if (key in said) return Promise.resolve(said[key])
      const value = new Promise((resolve) => {
        waiting[key] = resolve
      })
      const over = ended.then(() => {
        if (!(key in said)) throw new Error(`${args.join(' ')} has ended without ${key}`)
        return said[key]
      })
      return Promise.race([value, over])
    },
  }
}

async function measure(pin, [library, serverRole, clientRole, whose, argument = '']) {
  const time = String(seconds * 1000)
  const server = start(pin?.[0] ?? null, [library, serverRole, '0', time, argument])
  const port = await server.said('port')
  const client = start(pin?.[1] ?? null, [library, clientRole, String(port), time, argument])
  const result = await (whose === 'server' ? server : client).said('result')
  server.child.kill()
  client.child.kill()
  await Promise.all([server.ended, client.ended])
  return result
}

const results = rows.map(() => ({ ours: [], theirs: [], ratios: [] }))
for (let round = 0; round < rounds; round++) {
  for (const [i, row] of rows.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kround ${round + 1} of ${rounds}: ${row.name}`)
    const ours = await measure(row.pin, row.ours)
    const theirs = await measure(row.pin, row.theirs)
    results[i].ours.push(ours)
    results[i].theirs.push(theirs)
    results[i].ratios.push(ours / theirs)
  }
}
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')

const digits = (value) => (value >= 1000 ? value.toFixed(0) : value.toPrecision(3))
if (!json)
  console.log(`${cpus()[0].model}, ${cpus().length} processors, Node ${process.versions.node}, ${rounds} rounds\n`)
for (const [i, { name, unit, aim }] of rows.entries()) {
  const { ours, theirs, ratios } = results[i]
  if (json) {
    console.log(JSON.stringify({ name, unit, ours, theirs, ratio: median(ratios) }))
    continue
  }
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
  console.log(
    `${name.padEnd(38)} ${digits(median(ours)).padStart(8)} ${digits(median(theirs)).padStart(8)} ${unit.padEnd(7)} ` +
      `× ${median(ratios).toFixed(2)} (${spread})  floor, aim ${aim}`,
  )
}
