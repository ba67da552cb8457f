// Listens on port 4000; says "farewell" to the first client, ends its own direction, and then counts what still comes.
import { AF_INET, SHUT_WR, SOCK_STREAM, Socket } from '../../../dist/index.js'
import { joined } from './joined.mjs'

const stack = joined()
const listener = new Socket(stack, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 4000 })
listener.listen()
process.stdout.write('ready\n')

const client = await listener.accept()
await client.send(new TextEncoder().encode('farewell\n'))
client.shutdown(SHUT_WR)
const buffer = new Uint8Array(65536)
let sum = 0
let octets = 0
for (let count = await client.recv(buffer); count > 0; count = await client.recv(buffer)) {
  for (let i = 0; i < count; i++) sum = (sum + buffer[i]) | 0
  octets += count
}
process.stdout.write(`${JSON.stringify({ octets, sum })}\n`)
await client.close()
await listener.close()
stack.close()
