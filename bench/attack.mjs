// What a flood costs: 100 clients ask a server one question after the other, each by a connection of its own, while frames of an
// attacker arrive at a steady rate; and beside it, in the same rounds, the same without. Of each kind of flood.
//
//   npm run bench -- attack [--rounds 5] [--seconds 2] [--rate 20000] [--flood 0…4] [--json]
//
// What is kept is the median of the rounds' ratios. Ten seconds at 20,000 a second are 200,000 frames. Needs a build.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ClosedWindows } from './attack/closed-windows.mjs'
import { floods } from './attack/floods.mjs'
import { Tapped } from './attack/tapped.mjs'
import { readArguments } from './harness/arguments.mjs'

const { rounds, seconds, rate, flood, json } = readArguments(
  'attack',
  {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    rate: { type: 'string', default: '20000' },
    flood: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
  { rounds: { smallest: 1, whole: true }, seconds: { smallest: 0.1 }, rate: { smallest: 1, whole: true } },
)

const { AF_INET, Cable, SOCK_STREAM, Socket, Stack } = await import('../dist/index.js')

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const CLIENTS = 100
const FLOODS = 5
const question = new Uint8Array(64)
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

/** A server and the clients that it is there for, all in this process. */
class World {
  answered = 0
  #running = true
  #cable = new Cable()
  tapped = new Tapped(this.#cable.right)
  server = new Stack()
  #client = new Stack()

  constructor() {
    this.#client.attach(this.#cable.left, { address: '10.0.0.2/8' })
    const address = ['10.0.0.1/8', '2001:db8::1/64']
    this.server.attach(this.tapped, { address, duplicateAddressDetection: false })
    this.server.addRoute('default', { via: '10.0.0.2' })
    const listener = new Socket(this.server, AF_INET, SOCK_STREAM)
    listener.bind({ address: '10.0.0.1', port: 80 })
    listener.listen(128)
    void this.#serve(listener)
    for (let i = 0; i < CLIENTS; i++) void this.#ask()
  }

  async #serve(listener) {
    for (;;) {
      const socket = await listener.accept()
      void (async () => {
        const room = new Uint8Array(2048)
        for (let count = 1; count > 0; ) {
          count = await socket.recv(room)
          if (count > 0) await socket.send(room.subarray(0, count))
        }
        await socket.close()
      })().catch(() => {})
    }
  }

  async #ask() {
    const room = new Uint8Array(64)
    while (this.#running) {
      const socket = new Socket(this.#client, AF_INET, SOCK_STREAM)
      try {
        await socket.connect({ address: '10.0.0.1', port: 80 })
        await socket.send(question)
        if ((await socket.recv(room)) > 0) this.answered++
      } catch {
        // It was lost: the next one.
      }
      await socket.close()
    }
  }

  /** Answers in a second, while `inject` puts in `perSecond` frames; and how many those were. */
  async measure(perSecond, inject) {
    const before = this.answered
    const began = performance.now()
    let sent = 0
    let now = began
    while (now - began < seconds * 1000) {
      const due = Math.floor(((now - began) / 1000) * perSecond)
      if (due > sent) {
        inject(due - sent)
        this.tapped.flush()
      }
      sent = Math.max(sent, due)
      await new Promise((resolve) => setImmediate(resolve))
      now = performance.now()
    }
    return { answers: ((this.answered - before) * 1000) / (now - began), sent }
  }

  stop() {
    this.#running = false
  }
}

/** By name, what makes what puts in so many frames of it. */
function attacks(tapped) {
  const all = Object.entries(floods(tapped.hardwareAddress)).map(([name, make]) => [
    name,
    () => repeated(tapped, make()),
  ])
  const closed = () => {
    const windows = new ClosedWindows(tapped)
    return (count) => windows.inject(count)
  }
  return [...all, ['clients whose windows are closed', closed]]
}

function repeated(tapped, frames) {
  let next = 0
  return (count) => {
    for (let i = 0; i < count; i++) tapped.inject(frames[next++ % frames.length])
  }
}

/** Processor time of one frame, in microseconds: of 20,000 in one go. */
function cost({ tapped }, inject) {
  const began = process.cpuUsage()
  inject(20_000)
  tapped.flush()
  const { user, system } = process.cpuUsage(began)
  return Number(((user + system) / 20_000).toFixed(2))
}

async function run(which) {
  const world = new World()
  const [name, make] = attacks(world.tapped)[which]
  const inject = make()
  await world.measure(0, inject)
  const alone = []
  const ratios = []
  let frames = 0
  for (let round = 0; round < rounds; round++) {
    const without = await world.measure(0, inject)
    const flooded = await world.measure(rate, inject)
    alone.push(without.answers)
    ratios.push(flooded.answers / without.answers)
    frames += flooded.sent
  }
  const frameMicros = cost(world, inject)
  collect()
  return {
    flood: name,
    frames,
    answersPerSecond: Math.round(median(alone)),
    kept: Number(median(ratios).toFixed(3)),
    least: Number(Math.min(...ratios).toFixed(3)),
    frameMicros,
    heapMiB: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
    connections: world.server.tcp.connections.count,
  }
}

function line({ flood, frames, answersPerSecond, kept, least, frameMicros, heapMiB, connections }) {
  return (
    `${flood}: ${frames} frames at ${rate}/s; ${answersPerSecond} answers/s alone, ${(100 * kept).toFixed(0)} % of that under it ` +
    `(worst round ${(100 * least).toFixed(0)} %); a frame takes ${frameMicros} µs; heap ${heapMiB} MiB, ${connections} connections`
  )
}

if (flood === '') {
  // A process for each: what the flood before has left behind is not its doing.
  for (let which = 0; which < FLOODS; which++) {
    const { status } = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--flood', String(which)],
      {
        stdio: 'inherit',
      },
    )
    if (status !== 0) process.exit(status ?? 1)
  }
} else {
  const result = await run(Number(flood))
  console.log(json ? JSON.stringify(result) : line(result))
}
process.exit(0)
