// Upper-casing over UDP: src/cli/programs/upper-udp-server.ts and upper-udp-client.ts.

import { upperUdpClient } from '../dist/cli/programs/upper-udp-client.js'
import { upperUdpServer } from '../dist/cli/programs/upper-udp-server.js'
import { client, server, serverAddress, voice } from './network.mjs'

const stop = new AbortController()
const serving = upperUdpServer(server, voice('server'), stop.signal)
const lines = ['hello', 'how are you?', 'good bye']
await upperUdpClient(client, { address: serverAddress, port: 12000 }, lines, voice('client'))
stop.abort()
await serving
