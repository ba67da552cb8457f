// What a flood costs: 100 clients ask a server one question after the other, each by a connection of its own, while SYNs from nowhere
// arrive at a steady rate; and beside it, in the same rounds, the same without. Then the time that one frame of each flood takes alone.
//
//   node bench/attack.mjs [--rounds 5] [--seconds 2] [--rate 20000] [--json]
//
// A ratio is the median of those of the rounds. Ten seconds at 20,000 a second are the 200,000 of the tests. Needs a build.

import { readArguments } from './arguments.mjs'

const { rounds, seconds, rate, json } = readArguments(
  'attack',
  {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    rate: { type: 'string', default: '20000' },
    json: { type: 'boolean', default: false },
  },
  { rounds: { smallest: 1, whole: true }, seconds: { smallest: 0.1 }, rate: { smallest: 1, whole: true } },
)

const { AF_INET, Cable, SOCK_STREAM, Socket, Stack } = await import('../dist/index.js')

const CLIENTS = 100
const question = new Uint8Array(64)

/** A device between the server and its cable, through which frames come in that nobody on the cable has sent. */
class Tapped {
  constructor(inner) {
    this.inner = inner
    for (const key of ['name', 'medium', 'mtu', 'hardwareAddress', 'headroom', 'features']) this[key] = inner[key]
  }
  attach(receiver, clock) {
    this.receiver = receiver
    this.inner.attach(receiver, clock)
  }
  transmit(bytes, start, end, offload) {
    return this.inner.transmit(bytes, start, end, offload)
  }
  close() {
    this.inner.close()
  }
  inject(frame) {
    this.receiver.receive(frame, 0, frame.length, { checksum: 2, segment: 0, segmentSize: 0 })
  }
}

const cable = new Cable()
const tapped = new Tapped(cable.right)
const server = new Stack()
const client = new Stack()
client.attach(cable.left, { address: '10.0.0.2/24' })
server.attach(tapped, { address: '10.0.0.1/24' })
server.addRoute('default', { via: '10.0.0.2' })

const listener = new Socket(server, AF_INET, SOCK_STREAM)
listener.bind({ address: '10.0.0.1', port: 80 })
listener.listen(128)
void (async () => {
  for (;;) {
    const socket = await listener.accept()
    void (async () => {
      const room = new Uint8Array(64)
      while ((await socket.recv(room)) > 0) await socket.send(room)
      await socket.close()
    })().catch(() => {})
  }
})()

let answered = 0
let running = true
async function ask() {
  const room = new Uint8Array(64)
  while (running) {
    const socket = new Socket(client, AF_INET, SOCK_STREAM)
    try {
      await socket.connect({ address: '10.0.0.1', port: 80 })
      await socket.send(question)
      if ((await socket.recv(room)) > 0) answered++
    } catch {
      // It was lost: the next one.
    }
    await socket.close()
  }
}

/** An IPv4 packet with a SYN in it from anywhere; its checksums are vouched for but for that of the header. */
const frame = new Uint8Array(14 + 40)
frame.set(tapped.hardwareAddress, 0)
frame.set([2, 0, 0, 0, 0, 66, 0x08, 0x00, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0], 6)
frame.set([10, 0, 0, 1, 0, 0, 0, 80], 30)
frame.set([0x50, 2, 255, 255], 46)
let seed = 1
function nextSyn() {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) | 0
  frame.set([11, seed >>> 24, seed >>> 16, seed >>> 8], 26)
  frame.set([seed >>> 8, seed >>> 16], 34)
  frame.set([seed, seed >>> 8, seed >>> 16, seed >>> 24], 38)
  frame[24] = 0
  frame[25] = 0
  let sum = 0
  for (let i = 14; i < 34; i += 2) sum += (frame[i] << 8) | frame[i + 1]
  sum = (sum & 0xffff) + (sum >>> 16)
  sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff
  frame[24] = sum >>> 8
  frame[25] = sum
  return frame
}

function inject(count) {
  for (let i = 0; i < count; i++) tapped.inject(nextSyn())
  tapped.receiver.flush()
}

/** Answers in a second, while `perSecond` SYNs arrive. */
async function measure(perSecond) {
  const before = answered
  const began = performance.now()
  let sent = 0
  let now = began
  while (now - began < seconds * 1000) {
    const due = Math.floor(((now - began) / 1000) * perSecond)
    if (due > sent) inject(due - sent)
    sent = Math.max(sent, due)
    await new Promise((resolve) => setImmediate(resolve))
    now = performance.now()
  }
  return { answers: ((answered - before) * 1000) / (now - began), sent }
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

for (let i = 0; i < CLIENTS; i++) void ask()
await measure(0)
const ratios = []
const alone = []
let sent = 0
for (let round = 0; round < rounds; round++) {
  const without = await measure(0)
  const flooded = await measure(rate)
  alone.push(without.answers)
  sent += flooded.sent
  ratios.push(flooded.answers / without.answers)
}
running = false
const began = process.cpuUsage()
inject(50_000)
const { user, system } = process.cpuUsage(began)
const result = {
  answersPerSecond: Math.round(median(alone)),
  kept: Number(median(ratios).toFixed(3)),
  syns: sent,
  microsecondsPerSyn: Number(((user + system) / 50_000).toFixed(2)),
  cookiesSent: server.tcp?.counters.synCookiesSent ?? 0,
  heapMiB: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
}
if (json) console.log(JSON.stringify(result))
else {
  console.log(
    `${result.answersPerSecond} answers/s alone; ${(100 * result.kept).toFixed(0)} % of that under ${rate} SYNs/s`,
  )
  console.log(
    `${sent} SYNs, ${result.cookiesSent} cookies; a SYN takes ${result.microsecondsPerSyn} µs; heap ${result.heapMiB} MiB`,
  )
}
process.exit(0)
