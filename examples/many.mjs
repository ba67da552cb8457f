// A server for many clients, three times: one after the other (src/cli/programs/many-loop.ts), a thread for each, and a process
// for each (hand-over.ts, worker-attendant.ts, process-attendant.ts). Two clients call at once.

import { handOver } from '../dist/cli/programs/hand-over.js'
import { manyLoop } from '../dist/cli/programs/many-loop.js'
import { hireProcess } from '../dist/cli/programs/process-attendant.js'
import { upperTcpClient } from '../dist/cli/programs/upper-tcp-client.js'
import { hireWorker } from '../dist/cli/programs/worker-attendant.js'
import { client, server, serverAddress, voice } from './network.mjs'

const stop = new AbortController()
const say = voice('server')
// Time is real here: it need not stand still while others work.
const patience = (work) => work
const serving = [
  manyLoop(server, 12001, say, stop.signal),
  handOver(server, { port: 12002, hire: hireWorker, patience }, say, stop.signal),
  handOver(server, { port: 12003, hire: hireProcess, patience }, say, stop.signal),
]
for (const port of [12001, 12002, 12003]) {
  const there = { address: serverAddress, port }
  await Promise.all(
    ['client 1', 'client 2'].map((name) => upperTcpClient(client, there, [`hello, ${port}`, 'bye'], voice(name))),
  )
}
stop.abort()
await Promise.all(serving)
