// Octets of heap that an idle end of an established connection takes: with its Socket, after something was said each way and was read.
//
//   node --expose-gc idle-memory.mjs    # { "end": 1441, "left": 12 }
//
// `left`: what is left of each when all are closed and their time in TIME-WAIT is over. It counts and measures no time. Needs a build.

import { exit, memoryUsage, stdout } from 'node:process'

const dist = new URL('../../../dist/', import.meta.url)
const { AF_INET, Cable, SOCK_STREAM, Socket, Stack } = await import(new URL('index.js', dist).href)

const COUNT = 2000

const options = { tcp: { timeWait: 1 } }
const [here, there] = [new Stack(options), new Stack(options)]
const cable = new Cable({ offloads: true })
here.attach(cable.left, { address: '10.1.0.1/16' })
there.attach(cable.right, { address: '10.1.0.2/16' })
const listener = new Socket(there, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 7 })
listener.listen()

const turn = () => new Promise((resolve) => setTimeout(resolve, 20))
const word = new Uint8Array(64)

async function open() {
  const left = new Socket(here, AF_INET, SOCK_STREAM)
  const accepted = listener.accept()
  await left.connect({ address: '10.1.0.2', port: 7 })
  const right = await accepted
  for (const [from, to] of [
    [left, right],
    [right, left],
  ]) {
    const received = to.recv(word)
    await from.send(word)
    await received
  }
  return [left, right]
}

async function close([left, right]) {
  await left.close()
  await right.recv(word)
  await right.close()
}

/** Octets in use when delayed acknowledgements have gone, TIME-WAIT is over and what was garbage is collected. */
async function heap() {
  const idle = (c) => c.timerSlot < 0
  for (const { tcp } of [here, there]) while (![...tcp.connections.entries()].every(idle)) await turn()
  for (let i = 0; i < 4; i++) {
    await turn()
    globalThis.gc()
  }
  return memoryUsage().heapUsed
}

// Code is compiled, tables and pools have grown to their size.
for (const pair of await openAll()) await close(pair)
const before = await heap()
const pairs = await openAll()
const during = await heap()
for (const pair of pairs) await close(pair)
pairs.length = 0
const after = await heap()
stdout.write(JSON.stringify({ end: (during - before) / (2 * COUNT), left: (after - before) / (2 * COUNT) }))
exit(0)

async function openAll() {
  const pairs = []
  for (let i = 0; i < COUNT; i++) pairs.push(await open())
  return pairs
}
