// Position updates over UDP: src/cli/programs/position-sender.ts and position-receiver.ts. Try it with loss=20%,reorder=20%.

import { pause } from '../dist/cli/programs/pause.js'
import { positionReceiver } from '../dist/cli/programs/position-receiver.js'
import { positionSender } from '../dist/cli/programs/position-sender.js'
import { client, server, serverAddress, voice } from './network.mjs'

const stop = new AbortController()
const receiving = positionReceiver(server, voice('receiver'), stop.signal)
await positionSender(client, { address: serverAddress, port: 5004 }, 20, voice('sender'))
// Where ARP has to ask again, what was sent waits for it.
await pause(server, 1500)
stop.abort()
const { numbers, late } = await receiving
console.log(`${numbers.length} of 20 updates received, ${late} late`)
