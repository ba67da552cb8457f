// Scenarios that several tests run.

import type { Scenario } from '../../lab/engine/scenario.ts'

export const upperServer = `import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 12000 })
listener.listen()
const connection: Socket = await listener.accept()
const buffer = new Uint8Array(100)
for (;;) {
  const length = await connection.recv(buffer)
  if (length === 0) break
  const text = new TextDecoder().decode(buffer.subarray(0, length))
  console.log('heard', text)
  await connection.send(new TextEncoder().encode(text.toUpperCase()))
}
await connection.close()
await listener.close()
`

export const upperClient = `import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'
import { systemNames } from 'jackfield/node'

const [server] = await systemNames(os).getaddrinfo('bob', 12000, { family: AF_INET })
const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect(server!.address)
await socket.send(new TextEncoder().encode('hello'))
const buffer = new Uint8Array(100)
const length = await socket.recv(buffer)
console.log(new TextDecoder().decode(buffer.subarray(0, length)), socket.getpeername().port)
await socket.close()
`

/** Two hosts 10 ms apart, and programs on them. */
export function twoHosts(
  programs: readonly (readonly [string, string, string])[],
  more: Partial<Scenario> = {},
): Scenario {
  return {
    version: 1,
    name: 'two hosts',
    seed: 7,
    ipv6: false,
    nodes: [
      { name: 'alice', kind: 'host', x: 0, y: 0 },
      { name: 'bob', kind: 'host', x: 100, y: 0 },
    ],
    links: [{ between: ['alice', 'bob'], delay: 10 }],
    programs: programs.map(([host, name, source]) => ({ host, name, source })),
    acts: [],
    ...more,
  }
}
