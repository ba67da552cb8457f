// Says a word every 200 ms, for two seconds.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect({ address: '10.0.0.2', port: 12000 })
const buffer = new Uint8Array(100)
for (let i = 1; i <= 10; i++) {
  await socket.send(new TextEncoder().encode(`word ${i}`))
  const length = await socket.recv(buffer)
  console.log(new TextDecoder().decode(buffer.subarray(0, length)))
  await new Promise((done) => setTimeout(done, 200))
}
await socket.close()
