// What one connection does while many others are open and idle, beside one whose stacks have no other: both in this process, in turns.
//
//   node bench/scale/others.mjs [--others 10,1000,100000,1000000] [--rounds 9] [--seconds 0.3] [--json]
//   node bench/scale/others.mjs --others 1000000 --lane stream
//
// `stream`: octets a second of 256 KiB at a time. `trip`: round trips of 64 octets a second. A second is one of processor time of this
// process, collections of garbage included, and a ratio the median of those of the rounds: 1 is as fast as alone. `before`: the same
// beside what the connection did before the others were opened, which tells as well what it costs to collect garbage in a large heap. As a
// lane of the harness it answers each order with Gbit/s or round trips a second.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { answer } from '../harness/answer.mjs'
import { readArguments } from '../harness/arguments.mjs'
import { openCrowd } from './crowd.mjs'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

const { others, rounds, seconds, json, lane } = readOptions()

function readOptions() {
  const values = readArguments(
    'others',
    {
      others: { type: 'string', default: '10,1000,100000,1000000' },
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '0.3' },
      json: { type: 'boolean', default: false },
      lane: { type: 'string' },
    },
    { rounds: { smallest: 1, whole: true }, seconds: { smallest: 0.01 } },
  )
  const counts = values.others.split(',').map(Number)
  if (!counts.every((count) => Number.isInteger(count) && count > 0)) {
    process.stderr.write(`others: --others must be whole numbers from 1 on, got ${JSON.stringify(values.others)}\n`)
    process.exit(2)
  }
  return { ...values, others: counts }
}

/** Processor time of this process, in seconds. */
function processorTime() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** One connection of `crowd`, which answers and takes what comes: what it does in a second. */
async function openTalker(crowd) {
  const [client, server] = await crowd.pair()
  const [source, sink] = await crowd.pair()
  echo(server)
  discard(sink)
  const block = new Uint8Array(256 * 1024)
  const word = new Uint8Array(64)
  return {
    stream: (time) => rate(time, 8, block.length, () => source.send(block)),
    trip: (time) =>
      rate(time, 256, 1, async () => {
        await client.send(word)
        await client.recv(word)
      }),
    close: () => Promise.all([client.close(), source.close()]),
  }
}

async function echo(socket) {
  const buffer = new Uint8Array(64)
  for (let length = await socket.recv(buffer); length > 0; length = await socket.recv(buffer)) {
    await socket.send(length === buffer.length ? buffer : buffer.subarray(0, length))
  }
  socket.close()
}

async function discard(socket) {
  const bin = new Uint8Array(256 * 1024)
  while ((await socket.recv(bin)) > 0);
  socket.close()
}

/** How much `once` makes a second, called `many` times between two looks at the time. */
async function rate(time, many, amount, once) {
  const begin = processorTime()
  let done = 0
  let passed = 0
  do {
    for (let i = 0; i < many; i++) await once()
    done += many * amount
    passed = processorTime() - begin
  } while (passed < time)
  return done / passed
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

/** Opens others until there are `count`. What that left to be collected is no cost of theirs: they are idle from then on. */
async function grow(count) {
  await crowd.grow(count)
  await new Promise((resolve) => setTimeout(resolve, 100))
  collectGarbage()
}

/** Rates of both, round by round; which is first alternates. */
async function compare(what, alone, amid) {
  const rates = { alone: [], amid: [] }
  for (let round = -1; round < rounds; round++) {
    const order = round % 2 === 0 ? ['alone', 'amid'] : ['amid', 'alone']
    for (const which of order) {
      const value = await (which === 'alone' ? alone : amid)[what](seconds)
      if (round >= 0) rates[which].push(value)
    }
  }
  return {
    alone: median(rates.alone),
    amid: median(rates.amid),
    ratio: median(rates.amid.map((r, i) => r / rates.alone[i])),
  }
}

const crowd = openCrowd(Math.max(...others))
const empty = openCrowd(1)
const alone = await openTalker(empty)
const amid = await openTalker(crowd)

if (lane !== undefined) {
  await grow(others[0])
  await answer(async (order) => (lane === 'stream' ? 8e-9 : 1) * (await amid[lane](order.seconds)))
}

const before = { stream: await compare('stream', alone, amid), trip: await compare('trip', alone, amid) }
const rows = []
for (const count of others) {
  await grow(count)
  for (const what of ['stream', 'trip']) {
    const { alone: rate, amid: amidRate, ratio } = await compare(what, alone, amid)
    rows.push({ others: count, what, alone: rate, amid: amidRate, ratio, before: amidRate / before[what].amid })
    if (!json) console.log(textOf(rows.at(-1)))
  }
}
if (json) console.log(JSON.stringify({ rows }))
process.exit(0)

function textOf({ others: count, what, amid: amidRate, ratio, before: beside }) {
  const figure = what === 'stream' ? `${((amidRate * 8) / 1e9).toFixed(1)} Gbit/s` : `${(1e6 / amidRate).toFixed(2)} µs`
  return `${String(count).padStart(8)} others  ${what.padEnd(7)}${figure.padStart(14)}  ${(ratio * 100).toFixed(0)} % of alone, ${(beside * 100).toFixed(0)} % of before`
}
