// Upper-casing over UDP, the client: a line as a datagram, and again where no answer comes.
import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { systemNames } from 'jackfield/node'
import { os } from 'jackfield/os'

const SERVER = 'server'

const [there] = await systemNames(os).getaddrinfo(SERVER, 12000, { family: AF_INET })
if (there === undefined) throw new Error(`${SERVER} has no address`)
const socket = new Socket(os, AF_INET, SOCK_DGRAM)
// Nothing is sent by this: from now on send() knows where to, and only the server is heard.
await socket.connect(there.address)
const buffer = new Uint8Array(2048)
for (const line of ['hello', 'how are you?', 'good bye']) {
  for (let attempt = 1; attempt <= 5; attempt++) {
    await socket.send(new TextEncoder().encode(line))
    try {
      const length = await socket.recv(buffer, 0, { signal: AbortSignal.timeout(400) })
      console.log(line, '→', new TextDecoder().decode(buffer.subarray(0, length)))
      break
    } catch {
      console.log('no answer to', line)
    }
  }
}
await socket.close()
