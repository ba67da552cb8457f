// A server for many clients, four times: one after the other (src/cli/programs/many-loop.ts), a promise for each (many-promises.ts),
// a thread for each (give-away.ts) and a process for each. Two clients call at once. A thread is given the client's descriptor, and
// waits in calls that block; so is a process, where the sockets are the operating system's: node examples/many.mjs os

import { giveAway } from '../dist/cli/programs/give-away.js'
import { giveToProcess } from '../dist/cli/programs/give-to-process.js'
import { giveToStackThread } from '../dist/cli/programs/give-to-stack-thread.js'
import { giveToThread } from '../dist/cli/programs/give-to-thread.js'
import { handOver } from '../dist/cli/programs/hand-over.js'
import { manyLoop } from '../dist/cli/programs/many-loop.js'
import { manyPromises } from '../dist/cli/programs/many-promises.js'
import { hireProcess } from '../dist/cli/programs/process-attendant.js'
import { upperTcpClient } from '../dist/cli/programs/upper-tcp-client.js'
import { client, onOs, server, serverAddress, voice } from './network.mjs'

const stop = new AbortController()
const { signal } = stop
const say = voice('server')
// Time is real here: it need not stand still while others work.
const patience = (work) => work
const serving = [
  manyLoop(server, 12001, say, signal),
  manyPromises(server, 12002, say, signal),
  giveAway(server, 12003, onOs ? giveToThread : giveToStackThread(server), say, signal),
  giveAway(server, 12004, onOs ? giveToProcess : handOver(hireProcess, patience), say, signal),
]
for (const port of [12001, 12002, 12003, 12004]) {
  const there = { address: serverAddress, port }
  await Promise.all(
    ['client 1', 'client 2'].map((name) => upperTcpClient(client, there, [`hello, ${port}`, 'bye'], voice(name))),
  )
}
stop.abort()
await Promise.all(serving)
