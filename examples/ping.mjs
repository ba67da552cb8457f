// ping: src/cli/programs/ping.ts, and over IPv6 ping6.ts. Nobody but the other stack answers.

import { ping } from '../dist/cli/programs/ping.js'
import { ping6 } from '../dist/cli/programs/ping6.js'
import { client, serverAddress, serverAddress6, voice } from './network.mjs'

await ping(client, serverAddress, 4, voice('client'))
await ping6(client, serverAddress6, 2, voice('client'))
