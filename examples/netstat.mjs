// What netstat(8) says of two hosts while programs run on them.

import { formatNetstat, netstat } from 'jackfield'
import { pause } from '../dist/cli/programs/pause.js'
import { positionReceiver } from '../dist/cli/programs/position-receiver.js'
import { upperTcpClient } from '../dist/cli/programs/upper-tcp-client.js'
import { upperTcpServer } from '../dist/cli/programs/upper-tcp-server.js'
import { client, server, serverAddress } from './network.mjs'

const print = (title) => {
  console.log(title)
  for (const [name, stack] of Object.entries({ client, server })) {
    console.log(`${name}:\n${formatNetstat(netstat(stack, { pid: process.pid }), { timers: true })}`)
  }
}
const silence = () => {}
const stop = new AbortController()
const serving = [upperTcpServer(server, silence, stop.signal), positionReceiver(server, silence, stop.signal)]
const there = { address: serverAddress, port: 12000 }
print('Before anybody has called')
// The client says when it has its answer.
await upperTcpClient(client, there, ['hello'], (text) => {
  if (text.startsWith('in ')) print('While they talk')
})
await pause(client, 100)
print('After the client has closed its side')
stop.abort()
await Promise.all(serving)
