// Has room for little, and reads nothing for three seconds.
import { AF_INET, SO_RCVBUF, SOCK_STREAM, SOL_SOCKET, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.setsockopt(SOL_SOCKET, SO_RCVBUF, 8192)
listener.bind({ address: '', port: 12000 })
listener.listen()
const connection = await listener.accept()
await new Promise((done) => setTimeout(done, 3000))
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
