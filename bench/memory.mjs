// What there costs while nothing happens: memory of a stack, of an interface, of an idle connection, and the time to make a stack.
//
//   node bench/memory.mjs [--rounds 5] [--json]
//
// Heap is what is left after a collection, buffers what typed arrays hold beside it. Needs a build (npm run build).

import { cpus } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { readArguments } from './arguments.mjs'

const { rounds, json } = readArguments(
  'memory',
  { rounds: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
  { rounds: { smallest: 1, whole: true } },
)

const { AF_INET, AF_INET6, Cable, SOCK_STREAM, Socket, Stack } = await import('../dist/index.js')

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

const PORT = 7
const STACKS = 100
const INTERFACES = 100
const CONNECTIONS = 2000

const turn = () => new Promise((resolve) => setTimeout(resolve, 20))

// The memory of buffers is given back beside the program, some time after they were found to be garbage.
async function settle() {
  for (let i = 0; i < 3; i++) {
    await turn()
    collectGarbage()
  }
  await turn()
}

/** What `make` leaves behind for each of `count`; what it returns is kept until then. */
async function left(count, make) {
  await turn()
  await settle()
  const before = process.memoryUsage()
  const kept = await make()
  await turn()
  await settle()
  const after = process.memoryUsage()
  await kept.close()
  return {
    heap: (after.heapUsed - before.heapUsed) / count,
    buffers: (after.arrayBuffers - before.arrayBuffers) / count,
  }
}

async function stacks() {
  const made = []
  for (let i = 0; i < STACKS; i++) made.push(new Stack())
  return {
    close() {
      for (const stack of made) stack.close()
    },
  }
}

/** A link with nobody on it. */
const deaf = (i) => ({
  name: `deaf${i}`,
  medium: 'ethernet',
  mtu: 1500,
  hardwareAddress: Uint8Array.of(2, 0, 0, 0, i >> 8, i & 255),
  headroom: 0,
  features: { checksum: true, largeSegment: 65535 },
  attach() {},
  transmit: () => true,
  close() {},
})

function interfaces(options) {
  const stack = new Stack()
  const devices = Array.from({ length: INTERFACES }, (_, i) => deaf(i))
  return async () => {
    for (const [i, device] of devices.entries()) stack.attach(device, options(i))
    return { close: () => stack.close() }
  }
}

/** Both ends of connections over a cable, on which something was said once. */
function connections(family, prefix, length) {
  const [here, there] = [new Stack(), new Stack()]
  const cable = new Cable({ offloads: true })
  const options = family === AF_INET ? {} : { duplicateAddressDetection: false }
  here.attach(cable.left, { address: `${prefix}1/${length}`, ...options })
  there.attach(cable.right, { address: `${prefix}2/${length}`, ...options })
  const listener = new Socket(there, family, SOCK_STREAM)
  listener.bind({ address: family === AF_INET ? '0.0.0.0' : '::', port: PORT })
  listener.listen(128)
  const word = new Uint8Array(16)
  const pair = async () => {
    const left = new Socket(here, family, SOCK_STREAM)
    const [right] = await Promise.all([listener.accept(), left.connect({ address: `${prefix}2`, port: PORT })])
    await left.send(word)
    await right.recv(word)
    await right.send(word)
    await left.recv(word)
    return [left, right]
  }
  return async (count) => {
    const pairs = []
    for (let i = 0; i < count; i++) pairs.push(await pair())
    return {
      close() {
        for (const pair of pairs) for (const socket of pair) socket.close()
      },
    }
  }
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

function timeOfStack() {
  const times = []
  for (let i = 0; i < 40; i++) {
    const begin = performance.now()
    const stack = new Stack()
    times.push(performance.now() - begin)
    stack.close()
  }
  return median(times)
}

const [v4, v6] = [connections(AF_INET, '10.0.0.', 24), connections(AF_INET6, '2001:db8::', 64)]
const rows = [
  ['a stack', () => left(STACKS, stacks)],
  [
    'an interface, IPv4',
    () =>
      left(
        INTERFACES,
        interfaces((i) => ({ address: `10.0.${i}.1/24` })),
      ),
  ],
  [
    'an interface, IPv6 static',
    () =>
      left(
        INTERFACES,
        interfaces((i) => ({ address: `2001:db8:${i}::1/64` })),
      ),
  ],
  [
    'an interface, IPv6 auto',
    () =>
      left(
        INTERFACES,
        interfaces(() => ({ ipv6: 'auto' })),
      ),
  ],
  ['an end of a connection, IPv4', () => left(CONNECTIONS * 2, () => v4(CONNECTIONS))],
  ['an end of a connection, IPv6', () => left(CONNECTIONS * 2, () => v6(CONNECTIONS))],
].map(([name, measure]) => ({ name, measure, heap: [], buffers: [] }))
const time = []

// Pools and tables have grown to their size after the first.
for (let round = -1; round < rounds; round++) {
  for (const row of rows) {
    const { heap, buffers } = await row.measure()
    if (round < 0) continue
    row.heap.push(heap)
    row.buffers.push(buffers)
  }
  const took = timeOfStack()
  if (round >= 0) time.push(took)
}

if (json) {
  console.log(JSON.stringify({ rows, time }))
} else {
  console.log(`${cpus().length} × ${cpus()[0].model}, Node ${process.version}, medians of ${rounds} rounds, octets`)
  console.log(`${''.padEnd(32)}${'heap'.padStart(10)}${'buffers'.padStart(10)}`)
  for (const { name, heap, buffers } of rows) {
    console.log(`${name.padEnd(32)}${median(heap).toFixed(0).padStart(10)}${median(buffers).toFixed(0).padStart(10)}`)
  }
  console.log(`a stack is made in ${median(time).toFixed(2)} ms`)
}
process.exit(0)
