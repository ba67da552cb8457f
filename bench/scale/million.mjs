// A million established connections, both ends in this process, each of which has said something; then 100 000 of them at random
// say something again; then all are closed, and what is left is counted.
//
//   node bench/scale/million.mjs [--connections 1000000] [--exchanges 100000] [--time-wait 5] [--lane]
//
// Prints one line of JSON: octets, seconds. `heap` is what is left after a collection; `resident` what the process takes of the
// machine then, `peak` the most that it took. Node's heap ends at 4 GiB unless it is told otherwise: --max-old-space-size. As a
// lane of the harness it answers each order with `peak`, in GiB.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { answer } from '../harness/answer.mjs'
import { readArguments } from '../harness/arguments.mjs'
import { openCrowd } from './crowd.mjs'

const { connections, exchanges, timeWait, lane } = readOptions()

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

function readOptions() {
  const values = readArguments(
    'million',
    {
      connections: { type: 'string', default: '1000000' },
      exchanges: { type: 'string', default: '100000' },
      'time-wait': { type: 'string', default: '5' },
      lane: { type: 'boolean', default: false },
    },
    {
      connections: { smallest: 1, whole: true },
      exchanges: { smallest: 1, whole: true },
      'time-wait': { smallest: 1 },
    },
  )
  return { ...values, timeWait: values['time-wait'] * 1000 }
}

const turn = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** What is taken when nothing is under way. */
async function memory() {
  for (let i = 0; i < 3; i++) {
    await turn(50)
    collectGarbage()
  }
  await turn(50)
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  return { heap: heapUsed, buffers: arrayBuffers, resident: rss }
}

async function timed(work) {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}

async function run() {
  const crowd = openCrowd(connections, timeWait)
  // Code is compiled, and pools have their size.
  await crowd.grow(Math.min(connections, 2000))
  const before = await memory()
  const first = crowd.count
  const openSeconds = await timed(() => crowd.grow(connections))
  const open = await memory()
  if (crowd.known !== 2 * connections) throw new Error(`${crowd.known} ends are known of ${2 * connections}`)
  const askSeconds = await timed(() => crowd.ask(exchanges))
  const asked = await memory()
  const closeSeconds = await timed(() => crowd.close())
  // The last of them are in TIME-WAIT.
  for (let waited = 0; crowd.known > 0; waited += 100) {
    if (waited > 2 * timeWait + 60_000) throw new Error(`${crowd.known} ends are still known`)
    await turn(100)
  }
  const after = await memory()
  const ends = 2 * (connections - first)
  crowd.here.close()
  crowd.there.close()
  return {
    connections,
    heapPerEnd: Math.round((open.heap - before.heap) / Math.max(ends, 1)),
    openSeconds,
    askSeconds,
    closeSeconds,
    before,
    open,
    asked,
    after,
    peak: process.resourceUsage().maxRSS * 1024,
  }
}

if (lane) await answer(async () => (await run()).peak / 2 ** 30)
else console.log(JSON.stringify(await run()))
