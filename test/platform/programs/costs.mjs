// What the stack costs for each packet, round trip or connection in one process: octets of heap, and calls of its functions.
//
//   node --max-semi-space-size=64 --no-concurrent-recompilation --single-threaded-gc --expose-gc costs.mjs octets
//   node costs.mjs calls                 # { "bulk segment": 500, … }
//   node costs.mjs calls 'round trip'    # of one, function by function: compare what two commits print
//
// It counts and measures no time: what else the machine does changes nothing. The least of several runs counts: timers that fire, code
// that is compiled only later and slow starts make more of a run, never less. Needs a build.

import { Session } from 'node:inspector/promises'
import { argv, exit, memoryUsage, stdout } from 'node:process'

const dist = new URL('../../../dist/', import.meta.url)
const {
  AF_INET,
  Cable,
  IPPROTO_TCP,
  SOCK_DGRAM,
  SOCK_STREAM,
  SO_LINGER,
  SOL_SOCKET,
  Socket,
  SocketAddress,
  Stack,
  TCP_NODELAY,
} = await import(new URL('index.js', dist).href)

const RUNS = 7
const [what, only] = argv.slice(2)

const cable = new Cable({ offloads: true })
const [here, there] = [new Stack(), new Stack()]
here.attach(cable.left, { address: '10.1.0.1/16' })
there.attach(cable.right, { address: '10.1.0.2/16' })
const at = (port) => SocketAddress.internet('10.1.0.2', port)
const packets = () => here.tcp.counters.segmentsOut + there.tcp.counters.segmentsOut

function serve(port, program) {
  const listener = new Socket(there, AF_INET, SOCK_STREAM)
  listener.bind({ address: '', port })
  listener.listen()
  const next = async () => {
    for (;;) program(await listener.accept()).catch(() => {})
  }
  next()
}

async function open(type, port) {
  const socket = new Socket(here, AF_INET, type)
  await socket.connect(at(port))
  if (type === SOCK_STREAM) socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
  return socket
}

serve(9, async (socket) => {
  const bin = new Uint8Array(256 * 1024)
  while ((await socket.recv(bin)) > 0);
})
serve(7, async (socket) => {
  socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
  const buffer = new Uint8Array(64)
  while ((await socket.recv(buffer)) > 0) await socket.send(buffer)
})
serve(13, async (socket) => {
  await socket.send(octet)
  await socket.recv(octet).catch(() => {})
  socket.close()
})
const echo = new Socket(there, AF_INET, SOCK_DGRAM)
echo.bind({ address: '', port: 7 })
const answer = async () => {
  const buffer = new Uint8Array(64)
  for (;;) echo.trySendto(buffer, (await echo.recvfrom(buffer)).address)
}
answer()

/** A point-to-point link of which only this end is there: hands over what it is told, and counts what it is given. */
class OneEnd {
  medium = 'ip'
  mtu = 1500
  hardwareAddress = null
  headroom = 0
  features = { checksum: true, largeSegment: 65535 }
  count = 0
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

const router = new Stack({ forwarding: true })
const [from, to] = [new OneEnd('from'), new OneEnd('to')]
router.attach(from, { address: '10.1.0.2/16' })
router.attach(to, { address: '10.2.0.1/16' })
const routed = new Uint8Array(28 + 64)
routed.set([0x45, 0, 0, routed.length, 0, 1, 0x40, 0, 64, 17, 0, 0, 10, 1, 0, 17, 10, 2, 0, 34])
let sum = 0
for (let i = 0; i < 20; i += 2) sum += (routed[i] << 8) | routed[i + 1]
sum = ~((sum & 0xffff) + (sum >>> 16))
routed.set([(sum >>> 8) & 255, sum & 255], 10)
routed.set([0x30, 0x39, 0, 7, 0, 8 + 64], 20)
const offload = { checksum: 0, checksumStart: 0, checksumOffset: 0, segment: 0, segmentSize: 0, headerLength: 0 }

const octet = new Uint8Array(1)
const small = new Uint8Array(64)
const block = new Uint8Array(256 * 1024)
const reset = { onoff: true, linger: 0 }
const stream = await open(SOCK_STREAM, 7)
const sink = await open(SOCK_STREAM, 9)
const datagrams = await open(SOCK_DGRAM, 7)

/** Each does its thing about `count` times, and tells how often it was. */
const figures = {
  async 'bulk segment'(count) {
    const before = packets()
    while (packets() - before < count) await sink.send(block)
    return packets() - before
  },
  async 'round trip'(count) {
    for (let i = 0; i < count; i++) {
      await stream.send(small)
      await stream.recv(small)
    }
    return count
  },
  async connection(count) {
    for (let i = 0; i < count; i++) {
      const socket = new Socket(here, AF_INET, SOCK_STREAM)
      await socket.connect(at(13))
      await socket.recv(octet)
      socket.setsockopt(SOL_SOCKET, SO_LINGER, reset)
      await socket.close()
    }
    return count
  },
  async 'datagram there and back'(count) {
    for (let i = 0; i < count; i++) {
      datagrams.trySend(small)
      await datagrams.recv(small)
    }
    return count
  },
  async 'routed packet'(count) {
    const { receiver } = from
    for (let i = 0; i < count; i++) {
      receiver.receive(routed, 0, routed.length, offload)
      if ((i & 63) === 63) receiver.flush()
    }
    receiver.flush()
    return count
  },
}

async function octets(figure) {
  await figure(20_000)
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < RUNS; i++) {
    globalThis.gc()
    const before = memoryUsage().heapUsed
    const count = await figure(1000)
    least = Math.min(least, (memoryUsage().heapUsed - before) / count)
  }
  return Math.max(0, Math.round(least))
}

const session = new Session()

async function calls(figure) {
  await figure(1000)
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  let least = { total: Number.POSITIVE_INFINITY, functions: [] }
  for (let i = 0; i < RUNS; i++) {
    await session.post('Profiler.takePreciseCoverage')
    const count = await figure(200)
    const { result } = await session.post('Profiler.takePreciseCoverage')
    const functions = result
      .filter(({ url }) => url.startsWith(dist.href))
      .flatMap((script) => script.functions)
      .map(({ functionName, ranges }) => ({ name: functionName, calls: ranges[0].count / count }))
      // Accessors are left out: they cost what a field costs.
      .filter(({ name, calls }) => calls > 0 && !/^[gs]et /.test(name))
    const total = functions.reduce((all, entry) => all + entry.calls, 0)
    if (total < least.total) least = { total, functions }
  }
  await session.post('Profiler.stopPreciseCoverage')
  return least
}

const answers = {}
if (what === 'calls') {
  session.connect()
  await session.post('Profiler.enable')
}
for (const [name, figure] of Object.entries(figures)) {
  if (only !== undefined && name !== only) continue
  if (what === 'octets') {
    answers[name] = await octets(figure)
    continue
  }
  const { total, functions } = await calls(figure)
  answers[name] = Math.round(total)
  if (only === undefined) continue
  functions.sort((a, b) => b.calls - a.calls)
  for (const entry of functions) stdout.write(`${entry.calls.toFixed(2).padStart(9)} ${entry.name || '(anonymous)'}\n`)
}
stdout.write(`${JSON.stringify(answers)}\n`, () => exit(0))
