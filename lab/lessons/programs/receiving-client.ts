// Receives until the end, and counts.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect({ address: '10.0.0.2', port: 12000 })
const buffer = new Uint8Array(65536)
let octets = 0
for (;;) {
  const length = await socket.recv(buffer)
  if (length === 0) break
  octets += length
  console.log('received', octets, 'octets so far')
}
await socket.close()
