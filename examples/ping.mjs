// ping: src/cli/programs/ping.ts. Nobody but the other stack answers.

import { ping } from '../dist/cli/programs/ping.js'
import { client, serverAddress, voice } from './network.mjs'

await ping(client, serverAddress, 4, voice('client'))
