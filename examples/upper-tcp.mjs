// Upper-casing over TCP: src/cli/programs/upper-tcp-server.ts and upper-tcp-client.ts. Two clients at once.

import { upperTcpClient } from '../dist/cli/programs/upper-tcp-client.js'
import { upperTcpServer } from '../dist/cli/programs/upper-tcp-server.js'
import { client, server, serverAddress, voice } from './network.mjs'

const stop = new AbortController()
const serving = upperTcpServer(server, voice('server'), stop.signal)
const there = { address: serverAddress, port: 12000 }
await Promise.all([
  upperTcpClient(client, there, ['hello', 'good bye'], voice('client 1')),
  upperTcpClient(client, there, ['guten tag', 'auf wiedersehen'], voice('client 2')),
])
stop.abort()
await serving
