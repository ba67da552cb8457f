// Calls everything that is public of the operating system's sockets with whatever there is, as fast-check chooses. It is run in a
// network namespace of its own; what it ends with is told by the code alone: descriptors of its output may be closed on the way.
//
// Arguments: the seed, the number of runs, a file for the last calls.

import { openSync, writeSync } from 'node:fs'
import * as fc from 'fast-check'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  BlockingSocket,
  Message,
  MessageBatch,
  poll,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  SocketAddress,
} from '../../../dist/index.js'
import { OperatingSystem, os } from '../../../dist/os/index.js'
import { oddBytes, oddValues } from './odd-values.mjs'

const [seed, numRuns, path] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]]
const [AF_NETLINK, AF_PACKET] = [16, 17]
const localhost = { address: '127.0.0.1', port: 0 }

// A view between octets that nobody may touch.
const POOL = 65536
const pool = new Uint8Array(POOL)
const UNTOUCHED = 0x5a
const inside = (i) => i >= POOL / 2 && i < (POOL * 3) / 4
const guarded = (n) => pool.subarray(POOL / 2 + (n % 1000), POOL / 2 + (n % 1000) + ((n * 7919) % 4096))

function checkPool() {
  for (let i = 0; i < POOL; i++) {
    if (!inside(i) && pool[i] !== UNTOUCHED) throw new Error(`octet ${i} was written to`)
  }
}

const file = openSync(path, 'w')
function note(text) {
  writeSync(file, `${text.padEnd(400).slice(0, 400)}\n`, 0)
}

class World {
  things = []

  constructor() {
    this.sockets = []
    const keep = (socket) => {
      this.sockets.push(socket)
      return socket
    }
    const listener = keep(new Socket(os, AF_INET, SOCK_STREAM))
    listener.bind(localhost)
    listener.listen(2)
    const client = keep(new Socket(os, AF_INET, SOCK_STREAM))
    client.tryConnect(listener.getsockname())
    const accepted = listener.tryAccept()
    if (typeof accepted === 'object') keep(accepted)
    for (const type of [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET]) {
      for (const socket of Socket.pair(os, AF_UNIX, type)) keep(socket)
    }
    const udp = keep(new Socket(os, AF_INET, SOCK_DGRAM))
    udp.bind(localhost)
    udp.tryConnect(udp.getsockname())
    keep(new Socket(os, AF_INET6, SOCK_DGRAM))
    keep(new Socket(os, AF_INET6, SOCK_STREAM))
    keep(new Socket(os, AF_INET, SOCK_RAW, 1))
    keep(new Socket(os, AF_NETLINK, SOCK_RAW))
    keep(new Socket(os, AF_PACKET, SOCK_RAW))
    const closed = keep(new Socket(os, AF_INET, SOCK_DGRAM))
    void closed.close()
    const batch = new MessageBatch(4, 100)
    const message = new Message([new Uint8Array(10), new Uint8Array(0), new Uint8Array(100)], new SocketAddress())
    const blocking = new BlockingSocket(os, udp.dup().detach() < 0 ? null : os.socket(AF_INET, SOCK_DGRAM, 0))
    this.sockets.push(blocking)
    const endpoints = this.sockets.map(({ fd }) => (fd < 0 ? null : os.endpoint(fd))).filter((one) => one !== null)
    endpoints.push(os.socket(AF_INET, SOCK_DGRAM, 0))
    this.things = [...this.sockets, ...endpoints, os, batch, message, Socket, BlockingSocket, OperatingSystem]
    this.callable = [...this.sockets, ...endpoints, ...endpoints, os, batch, Socket]
    this.mutable = [batch, message, udp.getsockname()]
    this.usual = [
      () => udp.getsockname(),
      () => ({ path: '\0odd' }),
      () => localhost,
      () => message,
      () => batch,
      () => new Message([guarded(5)], null, true),
      () => new Message(Array.from({ length: 1025 }, () => new Uint8Array(1))),
      () => new Message([], SocketAddress.unix('/nowhere')),
      () => ({ timeout: 0 }),
      () => ({ timeout: 1 }),
      () => ({ signal: AbortSignal.abort() }),
      () => [{ socket: udp, events: 1 }],
      () => [{ level: 1, type: 1, data: new Uint8Array(7) }],
      () => [{ level: 0.5, type: 'x', data: oddBytes[0]() }],
    ]
  }

  value(n) {
    const m = Math.floor(n / 8)
    switch (n % 8) {
      case 0:
        return m % 64
      case 1:
        return m % 4096
      case 2:
        return guarded(m)
      case 3:
        return oddBytes[m % oddBytes.length]()
      case 4:
      case 5:
        return this.usual[m % this.usual.length]()
      case 6:
        return m % 4 === 0 ? this.things[m % this.things.length] : oddValues[m % oddValues.length]()
      default:
        return oddValues[m % oddValues.length]()
    }
  }

  async close() {
    for (const thing of this.things) {
      try {
        note(`close ${thing.constructor.name} ${thing.family} ${thing.type} ${thing.fd}`)
        await thing.close?.()
      } catch {}
    }
  }
}

// What is there for the classes of a socket themselves, for the event loop, and for who waits.
const INTERNAL =
  /^(waits|wasSet|askLimits|sends|receives|recvNow|sendsMessage|triesSendmsg|startRecvmsg|triesRecvmsg|batchWaiter|transfersBatch|tried|refusal|receiveLimitOf|sendLimitOf|check|watch|event|replaced)$/

function methodsOf(thing) {
  const names = new Set()
  for (
    let at = thing;
    at !== null && at !== Object.prototype && at !== Function.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const name of Reflect.ownKeys(at)) {
      const descriptor = Object.getOwnPropertyDescriptor(at, name)
      if (typeof descriptor.value === 'function' && name !== 'constructor' && !INTERNAL.test(String(name))) {
        names.add(name)
      }
    }
  }
  return [...names]
}

const failures = []
function outcome(value) {
  if (typeof value?.then === 'function') value.then(outcome, outcome)
  // An iterator is asked once.
  else if (typeof value?.next === 'function') outcome(value.next())
}

const step = fc.record({
  kind: fc.integer({ min: 0, max: 9 }),
  target: fc.nat(),
  method: fc.nat(),
  args: fc.array(fc.nat({ max: 1 << 20 }), { maxLength: 5 }),
})

process.on('uncaughtException', (error) => {
  if (!(error instanceof Error)) failures.push(String(error))
})
pool.fill(UNTOUCHED, 0, POOL / 2)
pool.fill(UNTOUCHED, (POOL * 3) / 4)

function run(world, { kind, target, method, args }) {
  const values = args.map((n) => world.value(n))
  if (kind === 0) {
    // A field of something that calls take is overwritten.
    const thing = world.mutable[target % world.mutable.length]
    const keys = Object.keys(thing)
    const key = keys[method % keys.length]
    note(`${thing.constructor.name}.${key} = ${JSON.stringify(args)}`)
    Object.defineProperty(thing, key, { value: values[0], writable: true, configurable: true, enumerable: true })
    return
  }
  if (kind === 1) {
    const constructors = [Socket, Message, MessageBatch, OperatingSystem, BlockingSocket, poll]
    const call = constructors[target % constructors.length]
    note(`new ${call.name} ${JSON.stringify(args)}`)
    if (call === poll) outcome(poll(...values))
    else void new call(...values)
    return
  }
  const thing = world.callable[target % world.callable.length]
  const methods = methodsOf(thing)
  const name = methods[method % methods.length]
  note(`${thing.constructor.name}.${String(name)} ${JSON.stringify(args)}`)
  outcome(thing[name](...values))
}

const check = fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
  const world = new World()
  for (const one of steps) {
    try {
      run(world, one)
    } catch (error) {
      if (!(error instanceof Error)) throw new Error(`no Error was thrown: ${String(error)}`)
    }
  }
  note('turn')
  await new Promise(setImmediate)
  note('turned')
  await world.close()
  checkPool()
})

try {
  await fc.assert(check, { seed, numRuns, endOnFailure: true })
  // What is left still works.
  const [left, right] = Socket.pair(os, AF_UNIX, SOCK_STREAM)
  await left.send(Uint8Array.of(1, 2, 3))
  if ((await right.recv(new Uint8Array(8))) !== 3 || failures.length > 0) throw new Error(failures.join())
  process.exit(0)
} catch (error) {
  writeSync(file, `\n${error.stack}\n`)
  process.exit(9)
}
