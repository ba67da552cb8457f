// Fetching a web page as curl does, traced call by call: src/cli/programs/page-client.ts. Compare with
// strace -e trace=network,close curl http://127.0.0.1/

import { trace } from 'jackfield'
import { pageClient } from '../dist/cli/programs/page-client.js'
import { pageServer } from '../dist/cli/programs/page-server.js'
import { client, server, serverAddress, voice } from './network.mjs'

const stop = new AbortController()
const serving = pageServer(server, voice('server'), stop.signal)
const traced = trace(client, console.log, { calls: 'network,close' })
const answer = await pageClient(traced, { address: serverAddress, port: 80 }, '/')
traced.exit(0)
console.log(answer.trimEnd())
stop.abort()
await serving
