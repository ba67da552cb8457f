// Many established connections between two stacks in this process, both of whose ends are Sockets that somebody holds.

import { fromDist } from '../harness/dist.mjs'

const { AF_INET, Cable, SOCK_STREAM, Socket, Stack } = await fromDist('index.js')

const [CLIENT, SERVER] = ['10.0.0.1', '10.0.0.2']
/** Ports of the server: connections of one pair of addresses and one port of the server differ by 28 232 ephemeral ports at most. */
const FIRST_PORT = 1000
const PER_PORT = 16_000
/** How many are opened, asked or closed at a time. */
const AT_ONCE = 32

/** Runs `work(i)` for i below `count`, AT_ONCE at a time. */
async function many(count, work) {
  let next = 0
  const one = async () => {
    for (let i = next++; i < count; i = next++) await work(i)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

/** Room for `most` connections at once, and for as many in TIME-WAIT; `timeWait` in milliseconds. */
export function openCrowd(most, timeWait = 60_000) {
  const options = { limits: { descriptors: most + 4096 }, tcp: { timeWait, timeWaitMax: most } }
  const [here, there] = [new Stack(options), new Stack(options)]
  const cable = new Cable({ offloads: true })
  here.attach(cable.left, { address: `${CLIENT}/24` })
  there.attach(cable.right, { address: `${SERVER}/24` })
  const ports = Math.max(Math.ceil(most / PER_PORT), AT_ONCE)
  const listeners = Array.from({ length: ports }, (_, i) => {
    const listener = new Socket(there, AF_INET, SOCK_STREAM)
    listener.bind({ address: SERVER, port: FIRST_PORT + i })
    listener.listen()
    return listener
  })
  return new Crowd(here, there, listeners)
}

class Crowd {
  here
  there
  /** Both ends of connection i. */
  clients = []
  servers = []
  #listeners
  /** Of each listener: the connection that is under way, for the next waits for it, or the ends would be taken for others'. */
  #opening
  #turn = 0

  constructor(here, there, listeners) {
    this.here = here
    this.there = there
    this.#listeners = listeners
    this.#opening = listeners.map(() => Promise.resolve())
  }

  get count() {
    return this.clients.length
  }

  /** One more: both its ends. */
  async pair() {
    const turn = this.#turn++ % this.#listeners.length
    const before = this.#opening[turn]
    const opened = before.then(() => this.#open(turn))
    this.#opening[turn] = opened.then(() => {})
    return await opened
  }

  async #open(turn) {
    const client = new Socket(this.here, AF_INET, SOCK_STREAM)
    await client.connect({ address: SERVER, port: FIRST_PORT + turn })
    return [client, await this.#listeners[turn].accept()]
  }

  /** Opens connections until there are `count`, and says something once each way on each. */
  async grow(count) {
    const first = this.count
    const more = count - first
    for (let i = 0; i < more; i++) {
      this.clients.push(null)
      this.servers.push(null)
    }
    const bytes = Array.from({ length: AT_ONCE }, () => new Uint8Array(64))
    await many(more, async (i) => {
      const [client, server] = await this.pair()
      this.clients[first + i] = client
      this.servers[first + i] = server
      const buffer = bytes.pop()
      await exchange(client, server, buffer, i)
      bytes.push(buffer)
    })
  }

  /** Says something on `count` of them, at random but the same ones each time. */
  async ask(count) {
    let state = 1
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * this.count)
    }
    // Two exchanges on one connection would take each other's octets.
    const busy = new Set()
    const bytes = Array.from({ length: AT_ONCE }, () => new Uint8Array(64))
    await many(count, async (i) => {
      let at = random()
      while (busy.has(at)) at = random()
      busy.add(at)
      const buffer = bytes.pop()
      await exchange(this.clients[at], this.servers[at], buffer, i)
      bytes.push(buffer)
      busy.delete(at)
    })
  }

  /** Closes them all, the clients first. */
  async close() {
    const { clients, servers } = this
    this.clients = []
    this.servers = []
    await many(clients.length, async (i) => {
      await clients[i].close()
      // The client's FIN has come by then.
      const rest = await servers[i].recv(new Uint8Array(1))
      if (rest !== 0) throw new Error(`a server got ${rest} octets where the end of the stream was to come`)
      await servers[i].close()
      clients[i] = null
      servers[i] = null
    })
  }

  /** Connections that the stacks still know, in whatever state, listeners apart. */
  get known() {
    return this.here.tcp.connections.count + this.there.tcp.connections.count
  }
}

/** 64 octets there and other 64 back, each looked at. */
async function exchange(client, server, buffer, i) {
  await say(client, server, buffer, i | 0)
  await say(server, client, buffer, ~i)
}

async function say(from, to, buffer, word) {
  const octets = new Int32Array(buffer.buffer)
  octets.fill(word)
  await from.send(buffer)
  buffer.fill(0)
  for (let length = 0; length < buffer.length; ) {
    const got = await to.recv(buffer.subarray(length))
    if (got === 0) throw new Error('a connection ended while something was to come')
    length += got
  }
  for (let i = 0; i < octets.length; i++)
    if (octets[i] !== word) throw new Error(`${octets[i]} came in place of ${word}`)
}
