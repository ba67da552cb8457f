// What there costs while nothing happens: `left.mjs WHAT`, octets that one of many leaves behind, on the heap after a collection or, with a
// stack, in typed arrays beside it as well; or the milliseconds that a stack takes to be made.

import { createServer, connect as open } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { median } from '../ends/figures.mjs'
import { answer } from '../harness/answer.mjs'
import { fromDist } from '../harness/dist.mjs'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

const PORT = 7
const MANY = 100
const PAIRS = 2000

const turn = () => new Promise((resolve) => setTimeout(resolve, 20))

// The memory of buffers is given back beside the program, some time after they were found to be garbage.
async function settle() {
  for (let i = 0; i < 3; i++) {
    await turn()
    collectGarbage()
  }
  await turn()
}

/** What `make` leaves behind for each of `count`: { heap, buffers }. What it returns is kept until then, and closed. */
async function left(count, make) {
  await settle()
  const before = process.memoryUsage()
  const kept = await make(count)
  await turn()
  await settle()
  const after = process.memoryUsage()
  await kept.close()
  await turn()
  return {
    heap: (after.heapUsed - before.heapUsed) / count,
    buffers: (after.arrayBuffers - before.arrayBuffers) / count,
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

const jackfield = {
  stacks({ Stack }) {
    return async (count) => {
      const made = Array.from({ length: count }, () => new Stack())
      return {
        close() {
          for (const stack of made) stack.close()
        },
      }
    }
  },

  interfaces({ Stack }, options) {
    return async (count) => {
      const stack = new Stack()
      for (let i = 0; i < count; i++) stack.attach(deaf(i), options(i))
      return { close: () => stack.close() }
    }
  },

  /** Both ends of connections over a cable, on which something was said once each way. */
  ends({ AF_INET, AF_INET6, Cable, SOCK_STREAM, Socket, Stack }, version) {
    const [family, prefix, length] = version === 4 ? [AF_INET, '10.0.0.', 24] : [AF_INET6, '2001:db8::', 64]
    const [here, there] = [new Stack(), new Stack()]
    const cable = new Cable({ offloads: true })
    const options = version === 4 ? {} : { duplicateAddressDetection: false }
    here.attach(cable.left, { address: `${prefix}1/${length}`, ...options })
    there.attach(cable.right, { address: `${prefix}2/${length}`, ...options })
    const listener = new Socket(there, family, SOCK_STREAM)
    listener.bind({ address: version === 4 ? '0.0.0.0' : '::', port: PORT })
    listener.listen(128)
    const word = new Uint8Array(16)
    return async (count) => {
      const ends = []
      for (let i = 0; i < count / 2; i++) {
        const left = new Socket(here, family, SOCK_STREAM)
        const [right] = await Promise.all([listener.accept(), left.connect({ address: `${prefix}2`, port: PORT })])
        await left.send(word)
        await right.recv(word)
        await right.send(word)
        await left.recv(word)
        ends.push(left, right)
      }
      return { close: () => Promise.all(ends.map((socket) => socket.close())) }
    }
  },
}

/** The same of node:net. */
async function nodeEnds() {
  const accepted = []
  const server = createServer((socket) => {
    socket.on('data', (bytes) => socket.write(bytes))
    accepted.push(socket)
  })
  await new Promise((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  return async (count) => {
    const ends = []
    for (let i = 0; i < count / 2; i++) {
      const socket = open({ host: '127.0.0.1', port: server.address().port })
      socket.write(Buffer.alloc(16))
      await new Promise((resolve) => socket.once('data', resolve))
      ends.push(socket, accepted.pop())
    }
    return {
      close: () => Promise.all(ends.map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy()))),
    }
  }
}

function timeOfStack({ Stack }) {
  const times = []
  for (let i = 0; i < 40; i++) {
    const began = performance.now()
    const stack = new Stack()
    times.push(performance.now() - began)
    stack.close()
  }
  return median(times)
}

const heap = async (count, make) => (await left(count, make)).heap
const all = async (count, make) => {
  const { heap, buffers } = await left(count, make)
  return heap + buffers
}

const works = {
  'end-4': (api) =>
    (
      (make) => () =>
        heap(2 * PAIRS, make)
    )(jackfield.ends(api, 4)),
  'end-6': (api) =>
    (
      (make) => () =>
        heap(2 * PAIRS, make)
    )(jackfield.ends(api, 6)),
  'end-node': async () =>
    (
      (make) => () =>
        heap(2 * PAIRS, make)
    )(await nodeEnds()),
  stack: (api) => () => all(MANY, jackfield.stacks(api)),
  'stack-time': (api) => () => timeOfStack(api),
  'interface-4': (api) => () =>
    all(
      MANY,
      jackfield.interfaces(api, (i) => ({ address: `10.0.${i}.1/24` })),
    ),
  'interface-6': (api) => () =>
    all(
      MANY,
      jackfield.interfaces(api, (i) => ({ address: `2001:db8:${i}::1/64` })),
    ),
  'interface-auto': (api) => () =>
    all(
      MANY,
      jackfield.interfaces(api, () => ({ ipv6: 'auto' })),
    ),
}

const what = process.argv[2]
const work = await works[what](what === 'end-node' ? null : await fromDist('index.js'))
await answer(() => work())
