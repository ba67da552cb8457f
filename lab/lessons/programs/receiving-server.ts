// Receives until the end, and counts.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 12000 })
listener.listen()
const connection = await listener.accept()
const buffer = new Uint8Array(65536)
let octets = 0
for (;;) {
  const length = await connection.recv(buffer)
  if (length === 0) break
  octets += length
}
console.log('received', octets, 'octets')
await connection.close()
await listener.close()
