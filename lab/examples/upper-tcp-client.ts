// Upper-casing over TCP, the client.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { systemNames } from 'jackfield/node'
import { os } from 'jackfield/os'

const SERVER = 'server'

const [there] = await systemNames(os).getaddrinfo(SERVER, 12000, { family: AF_INET })
if (there === undefined) throw new Error(`${SERVER} has no address`)
const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect(there.address)
console.log('connected to port', socket.getpeername().port)
const buffer = new Uint8Array(2048)
for (const line of ['hello', 'good bye']) {
  await socket.send(new TextEncoder().encode(line))
  const length = await socket.recv(buffer)
  console.log(line, '→', new TextDecoder().decode(buffer.subarray(0, length)))
}
await socket.close()
