// What netstat(8) says of two hosts while programs run on them; with "os" of the operating system's sockets at their ports.

import { AF_INET, formatNetstat, netstat, SOCK_STREAM, Socket } from 'jackfield'
import { osNetstat } from 'jackfield/os'
import { pause } from '../dist/cli/programs/pause.js'
import { positionReceiver } from '../dist/cli/programs/position-receiver.js'
import { upperTcpClient } from '../dist/cli/programs/upper-tcp-client.js'
import { upperTcpServer } from '../dist/cli/programs/upper-tcp-server.js'
import { client, onOs, server, serverAddress } from './network.mjs'

const print = async (title) => {
  console.log(title)
  if (onOs) {
    const entries = await osNetstat({ kinds: ['tcp', 'udp'], processes: true })
    const ours = entries.filter(({ localPort, peerPort }) =>
      [12000, 5004].some((one) => [localPort, peerPort].includes(one)),
    )
    console.log(formatNetstat(ours, { timers: true }))
    return
  }
  for (const [name, stack] of Object.entries({ client, server })) {
    console.log(`${name}:\n${formatNetstat(netstat(stack, { pid: process.pid }), { timers: true })}`)
  }
}
const silence = () => {}
const stop = new AbortController()
const serving = [upperTcpServer(server, silence, stop.signal), positionReceiver(server, silence, stop.signal)]
const there = { address: serverAddress, port: 12000 }
await print('Before anybody has called')
let talking
// One client says nothing, and stays until it has been seen; the other says when it has its answer.
const held = new Socket(client, AF_INET, SOCK_STREAM)
await held.connect(there)
await upperTcpClient(client, there, ['hello'], (text) => {
  if (text.startsWith('in ')) talking = print('While they talk')
})
await talking
await held.close()
await pause(client, 100)
// On a busy machine it may take longer until the server has closed its side too.
while (!onOs && netstat(client).some(({ state }) => /^(ESTABLISHED|FIN-WAIT-.)$/.test(state))) await pause(client, 10)
await print('After the client has closed its side')
stop.abort()
await Promise.all(serving)
