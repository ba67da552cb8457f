// A lane in one process: `lane.mjs SERVER CLIENT PATH [VERSION] [ARGUMENT] [STRETCH]`, servers and clients of ends/sockets.mjs over a path of world.mjs.

import { wall } from '../ends/figures.mjs'
import { answer } from '../harness/answer.mjs'
import { fromDist } from '../harness/dist.mjs'
import { openWorld } from './world.mjs'

const [server, client, path, version = '4', argument, stretch] = process.argv.slice(2)

/** Milliseconds of processor time of this process. */
function processorTime() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const { servers, clients } = openWorld(
  await fromDist('index.js'),
  path,
  Number(version),
  stretch && { stretch: Number(stretch) },
)
const port = servers[server]()

await answer((order) =>
  clients[client]({
    port,
    milliseconds: order.seconds * 1000,
    argument,
    clock: order.processorTime ? processorTime : wall,
  }),
)
