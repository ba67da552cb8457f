// Does something else for 300 ms, and then receives until the end.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 12000 })
listener.listen()
const connection = await listener.accept()
await new Promise((done) => setTimeout(done, 300))
const buffer = new Uint8Array(100)
for (;;) {
  const length = await connection.recv(buffer)
  if (length === 0) break
  console.log('recv gave', JSON.stringify(new TextDecoder().decode(buffer.subarray(0, length))))
}
await connection.close()
await listener.close()
