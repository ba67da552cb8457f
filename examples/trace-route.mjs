// The way to a host, hop by hop: src/cli/programs/trace-route.ts. Two routers are on it.

import { Cable, Stack } from 'jackfield'
import { traceRoute } from '../dist/cli/programs/trace-route.js'
import { voice } from './network.mjs'

const [client, near, far, server] = [
  new Stack(),
  new Stack({ forwarding: true }),
  new Stack({ forwarding: true }),
  new Stack(),
]
const [first, second, third] = [new Cable({ delay: 1 }), new Cable({ delay: 2 }), new Cable({ delay: 3 })]
client.attach(first.left, { address: '10.1.0.2/24' })
near.attach(first.right, { address: '10.1.0.1/24' })
near.attach(second.left, { address: '10.2.0.1/24' })
far.attach(second.right, { address: '10.2.0.2/24' })
far.attach(third.left, { address: '10.3.0.1/24' })
server.attach(third.right, { address: '10.3.0.2/24' })
client.addRoute('default', { via: '10.1.0.1' })
near.addRoute('10.3.0.0/24', { via: '10.2.0.2' })
far.addRoute('10.1.0.0/24', { via: '10.2.0.1' })
server.addRoute('default', { via: '10.3.0.1' })

await traceRoute(client, '10.3.0.2', voice('client'))
