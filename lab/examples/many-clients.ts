// Three clients at once, each with a connection of its own to the server.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { systemNames } from 'jackfield/node'
import { os } from 'jackfield/os'

const SERVER = 'server'

const [there] = await systemNames(os).getaddrinfo(SERVER, 12000, { family: AF_INET })
if (there === undefined) throw new Error(`${SERVER} has no address`)

async function client(name: string): Promise<void> {
  const socket = new Socket(os, AF_INET, SOCK_STREAM)
  await socket.connect(there!.address)
  await socket.send(new TextEncoder().encode(name))
  const buffer = new Uint8Array(100)
  const length = await socket.recv(buffer)
  console.log(name, 'heard', new TextDecoder().decode(buffer.subarray(0, length)))
  await socket.close()
}

await Promise.all(['anna', 'ben', 'clara'].map(client))
