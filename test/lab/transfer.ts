// A stream that several tests look at closely.

import type { Scenario } from '../../lab/engine/scenario.ts'
import { twoHosts } from './two-hosts.ts'

const reader = `import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 12000 })
listener.listen()
const connection = await listener.accept()
const buffer = new Uint8Array(65536)
let octets = 0
for (let length = -1; length !== 0; octets += length) length = await connection.recv(buffer)
console.log(octets)
await connection.close()
`

const writer = (octets: number) => `import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'
import { systemNames } from 'jackfield/node'

const [server] = await systemNames(os).getaddrinfo('bob', 12000, { family: AF_INET })
const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect(server!.address)
let left = ${octets}
while (left > 0) left -= await socket.send(new Uint8Array(Math.min(left, 65536)))
await socket.close()
`

/** Alice sends so many octets to bob, 10 ms away by 20 Mbit/s. */
export function transfer(octets: number, more: Partial<Scenario> = {}): Scenario {
  return twoHosts(
    [
      ['bob', 'reader', reader],
      ['alice', 'writer', writer(octets)],
    ],
    { links: [{ between: ['alice', 'bob'], delay: 10, rate: 20_000_000 }], ...more },
  )
}
