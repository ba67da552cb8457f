// Looking up names: src/cli/programs/lookup.ts asks the name server of src/cli/programs/name-server.ts.

import { secureRandom } from 'jackfield'
import { lookup } from '../dist/cli/programs/lookup.js'
import { nameServer } from '../dist/cli/programs/name-server.js'
import { client, server, serverAddress, serverAddress6, voice } from './network.mjs'

const stop = new AbortController()
const hosts = `${serverAddress} server.example\n${serverAddress6} server.example\n`
const serving = nameServer(server, hosts, 'example', voice('server'), stop.signal)
await lookup(client, serverAddress, 'server.example', secureRandom, voice('client'))
stop.abort()
await serving
