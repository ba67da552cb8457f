// Counts octets until the client has no more of them, thinks for a while, and says how many there were, in three parts.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 12000 })
listener.listen()
const connection = await listener.accept()
const buffer = new Uint8Array(100)
let octets = 0
for (;;) {
  const length = await connection.recv(buffer)
  if (length === 0) break
  octets += length
}
console.log('the client has come to its end')
for (const part of ['that were', `${octets}`, 'octets']) {
  await new Promise((done) => setTimeout(done, 200))
  await connection.send(new TextEncoder().encode(part))
}
await connection.close()
await listener.close()
