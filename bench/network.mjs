// What the network costs between stacks in one process: IPv6 beside IPv4, and a router on the way beside none, round by round.
// Cables with offloads, so that the wire itself costs one copy. Then one packet through the router alone, from a device that only
// hands it over to one that only takes it: nanoseconds, and octets of heap.
//
//   node bench/network.mjs [--rounds 9] [--seconds 0.3] [--json]
//
// Rates are those of a second of this process's own processor time, and a ratio is the median of those of the rounds, so that what
// else the machine does counts for little. Needs a build (npm run build).

import { cpus } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { readArguments } from './arguments.mjs'

const { rounds, seconds, json } = readArguments(
  'network',
  {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '0.3' },
    json: { type: 'boolean', default: false },
  },
  { rounds: { smallest: 1, whole: true }, seconds: { smallest: 0.01 } },
)

const { AF_INET, AF_INET6, Cable, IPPROTO_TCP, SOCK_DGRAM, SOCK_STREAM, Socket, Stack, TCP_NODELAY } = await import(
  '../dist/index.js'
)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

const ECHO = 7
const DISCARD = 9
const AT_ONCE = 16
const SMALL = 64

const near = { left: ['10.1.0.1/16', '2001:db8:1::1/64'], right: ['10.1.0.2/16', '2001:db8:1::2/64'] }
const far = { left: ['10.2.0.1/16', '2001:db8:2::1/64'], right: ['10.2.0.2/16', '2001:db8:2::2/64'] }
const bare = (address) => address.replace(/\/.*/, '')
const attach = (stack, device, address) => stack.attach(device, { address, duplicateAddressDetection: false })

/** Two stacks on one cable, the second with the services; or with a router and a second cable between them. */
function join(routed) {
  const here = new Stack()
  const there = new Stack()
  const cable = new Cable({ offloads: true })
  attach(here, cable.left, near.left)
  if (!routed) {
    attach(there, cable.right, near.right)
  } else {
    const router = new Stack({ forwarding: true })
    const other = new Cable({ offloads: true })
    attach(router, cable.right, near.right)
    attach(router, other.left, far.left)
    attach(there, other.right, far.right)
    for (const via of near.right) here.addRoute('default', { via: bare(via) })
    for (const via of far.left) there.addRoute('default', { via: bare(via) })
  }
  serve(there)
  const [v4, v6] = (routed ? far : near).right.map(bare)
  return { here, v4, v6 }
}

function serve(stack) {
  for (const [family, any] of [
    [AF_INET, '0.0.0.0'],
    [AF_INET6, '::'],
  ]) {
    accept(stack, family, any, DISCARD, async (socket) => {
      const bin = new Uint8Array(256 * 1024)
      while ((await socket.recv(bin)) > 0);
    })
    accept(stack, family, any, ECHO, async (socket) => {
      socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
      const buffer = new Uint8Array(65536)
      for (let length = await socket.recv(buffer); length > 0; length = await socket.recv(buffer)) {
        await socket.send(buffer.subarray(0, length))
      }
    })
    echoDatagrams(stack, family, any)
  }
}

function accept(stack, family, address, port, program) {
  const listener = new Socket(stack, family, SOCK_STREAM)
  if (family === AF_INET6) onlyV6(listener)
  listener.bind({ address, port })
  listener.listen()
  ;(async () => {
    for await (const socket of listener) program(socket).finally(() => socket.close())
  })()
}

// IPV6_V6ONLY, so that both families may have the port.
function onlyV6(socket) {
  socket.setsockopt(41, 26, 1)
}

async function echoDatagrams(stack, family, address) {
  const socket = new Socket(stack, family, SOCK_DGRAM)
  if (family === AF_INET6) onlyV6(socket)
  socket.bind({ address, port: ECHO })
  const buffer = new Uint8Array(2048)
  for (;;) {
    const { length, address: from } = await socket.recvfrom(buffer)
    socket.trySendto(buffer.subarray(0, length), from)
  }
}

async function connect({ here }, address, type, port) {
  const socket = new Socket(here, address.includes(':') ? AF_INET6 : AF_INET, type)
  await socket.connect({ address, port })
  if (type === SOCK_STREAM) socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
  return socket
}

function start() {
  return { wall: performance.now(), usage: process.cpuUsage() }
}

/** Milliseconds of processor time since. */
function passed(begin) {
  const { user, system } = process.cpuUsage(begin.usage)
  return (user + system) / 1000
}

/** Octets a second of a stream. */
async function bulk(way, address) {
  const socket = await connect(way, address, SOCK_STREAM, DISCARD)
  const block = new Uint8Array(256 * 1024).fill(74)
  let octets = 0
  const begin = start()
  do {
    octets += await socket.send(block)
  } while (performance.now() - begin.wall < seconds * 1000)
  const took = passed(begin)
  socket.close()
  return (octets / took) * 1000
}

/** Round trips a second of 64 octets over a stream. */
async function roundTrips(way, address) {
  const socket = await connect(way, address, SOCK_STREAM, ECHO)
  const block = new Uint8Array(SMALL)
  let count = 0
  const begin = start()
  do {
    for (let i = 0; i < 64; i++) {
      await socket.send(block)
      await socket.recv(block)
    }
    count += 64
  } while (performance.now() - begin.wall < seconds * 1000)
  const took = passed(begin)
  socket.close()
  return (count / took) * 1000
}

/** Datagrams of 64 octets there and back a second, 16 of them under way. */
async function datagrams(way, address) {
  const socket = await connect(way, address, SOCK_DGRAM, ECHO)
  const block = new Uint8Array(SMALL)
  let count = 0
  const begin = start()
  do {
    for (let i = 0; i < AT_ONCE; i++) socket.trySend(block)
    for (let i = 0; i < AT_ONCE; i++) await socket.recv(block)
    count += AT_ONCE
  } while (performance.now() - begin.wall < seconds * 1000)
  const took = passed(begin)
  socket.close()
  return (count / took) * 1000
}

/** A point-to-point link of which only this end is there: hands over what it is told, and counts what it is given. */
class OneEnd {
  medium = 'ip'
  mtu = 1500
  hardwareAddress = null
  headroom = 0
  features = { checksum: true, largeSegment: 65535 }
  count = 0
  name
  receiver = null

  constructor(name) {
    this.name = name
  }

  attach(receiver) {
    this.receiver = receiver
  }

  transmit() {
    this.count++
    return true
  }

  close() {}
}

/** A router with such links, and how fast packets of one kind go through it: nanoseconds each, and octets of heap each. */
function forwarder() {
  const router = new Stack({ forwarding: true })
  const [from, to] = [new OneEnd('from'), new OneEnd('to')]
  attach(router, from, near.right)
  attach(router, to, far.left)
  const offload = { checksum: 0, checksumStart: 0, checksumOffset: 0, segment: 0, segmentSize: 0, headerLength: 0 }
  const packets = { v4: packetV4(), v6: packetV6() }
  const pass = (packet, count) => {
    const { receiver } = from
    const before = to.count
    for (let i = 0; i < count; i++) {
      // Its hops are counted in a copy: here it stays as it is.
      receiver.receive(packet, 0, packet.length, offload)
      if ((i & 63) === 63) receiver.flush()
    }
    receiver.flush()
    if (to.count - before !== count) throw new Error(`the router passed on ${to.count - before} packets of ${count}`)
  }
  return {
    time(version) {
      const packet = packets[version]
      let count = 0
      const begin = start()
      do {
        pass(packet, 1024)
        count += 1024
      } while (performance.now() - begin.wall < seconds * 1000)
      return (passed(begin) / count) * 1e6
    },
    heap(version) {
      const packet = packets[version]
      pass(packet, 20_000)
      let least = Number.POSITIVE_INFINITY
      for (let i = 0; i < 5; i++) {
        collectGarbage()
        const before = process.memoryUsage().heapUsed
        pass(packet, 10_000)
        least = Math.min(least, (process.memoryUsage().heapUsed - before) / 10_000)
      }
      return Math.max(least, 0)
    },
  }
}

// A datagram from 10.1.0.17, or 2001:db8:1::11, to 10.2.0.34, or 2001:db8:2::22.
function packetV4() {
  const packet = new Uint8Array(20 + 8 + SMALL)
  packet.set([0x45, 0, 0, packet.length, 0, 1, 0x40, 0, 64, 17, 0, 0, 10, 1, 0, 17, 10, 2, 0, 34])
  let sum = 0
  for (let i = 0; i < 20; i += 2) sum += (packet[i] << 8) | packet[i + 1]
  sum = ~((sum & 0xffff) + (sum >>> 16))
  packet.set([(sum >>> 8) & 255, sum & 255], 10)
  packet.set([0x30, 0x39, 0, ECHO, 0, 8 + SMALL], 20)
  return packet
}

function packetV6() {
  const packet = new Uint8Array(40 + 8 + SMALL)
  const address = (net, host) => [0x20, 0x01, 0x0d, 0xb8, 0, net, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]
  packet.set([
    0x60,
    0,
    0,
    0,
    0,
    8 + SMALL,
    17,
    64,
    ...address(1, 1),
    ...address(2, 2),
    0x30,
    0x39,
    0,
    ECHO,
    0,
    8 + SMALL,
  ])
  return packet
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const direct = join(false)
const routed = join(true)
const alone = forwarder()
const rows = [
  { name: 'stream', unit: 'Gbit/s', measure: bulk, scale: (value) => (value * 8) / 1e9 },
  { name: 'round trip, 64 octets', unit: 'k/s', measure: roundTrips, scale: (value) => value / 1000 },
  { name: 'datagrams there and back', unit: 'k/s', measure: datagrams, scale: (value) => value / 1000 },
].map((row) => ({ ...row, v4: [], v6: [], routedV4: [], routedV6: [] }))
const forwarding = { v4: [], v6: [] }

// The first round warms the code and is not counted. Every other round goes backwards: none is always the first.
for (let round = -1; round < rounds; round++) {
  for (const row of rows) {
    const kinds = [
      ['v4', direct, direct.v4],
      ['v6', direct, direct.v6],
      ['routedV4', routed, routed.v4],
      ['routedV6', routed, routed.v6],
    ]
    for (const [kind, way, address] of round % 2 === 0 ? kinds : kinds.reverse()) {
      const value = row.scale(await row.measure(way, address))
      if (round >= 0) row[kind].push(value)
    }
  }
  for (const version of round % 2 === 0 ? ['v4', 'v6'] : ['v6', 'v4']) {
    const value = alone.time(version)
    if (round >= 0) forwarding[version].push(value)
  }
  process.stderr.write(`round ${round + 1} of ${rounds}\r`)
}
const heap = { v4: alone.heap('v4'), v6: alone.heap('v6') }

const ratio = (above, below) => median(above.map((value, i) => value / below[i]))
if (json) {
  console.log(JSON.stringify({ rows, forwarding, heap }))
} else {
  console.log(`${cpus().length} × ${cpus()[0].model}, Node ${process.version}, medians of ${rounds} rounds`)
  const titles = ['IPv4', 'IPv6', 'v6/v4', 'routed v4', 'routed v6', 'v6/v4', 'routed/direct v4', 'v6']
  const widths = titles.map((title) => Math.max(10, title.length + 2))
  console.log(`${''.padEnd(32)}${titles.map((title, i) => title.padStart(widths[i])).join('')}`)
  for (const { name, unit, v4, v6, routedV4, routedV6 } of rows) {
    const figures = [
      median(v4),
      median(v6),
      ratio(v6, v4),
      median(routedV4),
      median(routedV6),
      ratio(routedV6, routedV4),
      ratio(routedV4, v4),
      ratio(routedV6, v6),
    ]
    const cells = figures.map((value, i) => value.toFixed(value >= 100 ? 0 : 2).padStart(widths[i]))
    console.log(`${name.padEnd(26)}${unit.padEnd(6)}${cells.join('')}`)
  }
  const { v4, v6 } = forwarding
  console.log(
    `one packet through the router: IPv4 ${median(v4).toFixed(0)} ns, IPv6 ${median(v6).toFixed(0)} ns (${ratio(v6, v4).toFixed(2)}); ` +
      `heap ${heap.v4.toFixed(1)} and ${heap.v6.toFixed(1)} octets`,
  )
}
process.exit(0)
