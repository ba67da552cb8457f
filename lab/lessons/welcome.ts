import type { Scenario } from '../engine/scenario.ts'

const server = `// Upper-casing over TCP: for each client a socket of its own, at the same port.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 12000 })
listener.listen()
console.log('listening at port', listener.getsockname().port)

async function serve(connection: Socket) {
  const { address, port } = connection.getpeername()
  console.log('accepted', address, port, 'at my port', connection.getsockname().port)
  const buffer = new Uint8Array(2048)
  for (;;) {
    const length = await connection.recv(buffer)
    if (length === 0) break
    const text = new TextDecoder().decode(buffer.subarray(0, length))
    await connection.send(new TextEncoder().encode(text.toUpperCase()))
  }
  await connection.close()
}

for (;;) void serve(await listener.accept())
`

const client = (words: string, wait: number) => `import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'
import { systemNames } from 'jackfield/node'

await new Promise((done) => setTimeout(done, ${wait}))
const [server] = await systemNames(os).getaddrinfo('server', 12000, { family: AF_INET })
const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect(server!.address)
const buffer = new Uint8Array(2048)
for (const word of ${words}) {
  await socket.send(new TextEncoder().encode(word))
  const length = await socket.recv(buffer)
  console.log(word, '→', new TextDecoder().decode(buffer.subarray(0, length)))
}
await socket.close()
`

/** What one sees first: two clients, a router, a server, and a path that loses a frame now and then. */
export const welcome: Scenario = {
  version: 1,
  name: 'Two clients, one port',
  seed: 4,
  ipv6: false,
  nodes: [
    { name: 'alice', kind: 'host', x: 90, y: 80 },
    { name: 'carol', kind: 'host', x: 90, y: 280 },
    { name: 'router', kind: 'router', x: 330, y: 180 },
    { name: 'server', kind: 'host', x: 570, y: 180 },
  ],
  links: [
    { between: ['alice', 'router'], delay: 15 },
    { between: ['carol', 'router'], delay: 25 },
    { between: ['router', 'server'], delay: 20, loss: 0.08, rate: 2_000_000 },
  ],
  programs: [
    { host: 'server', name: 'server', source: server },
    { host: 'alice', name: 'client', source: client("['socket', 'bind', 'listen', 'accept']", 0) },
    { host: 'carol', name: 'client', source: client("['connect', 'send', 'recv', 'close']", 30) },
  ],
  acts: [],
}
