// Sends some words, says that this is all, and waits for the answer.
import { AF_INET, SHUT_WR, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect({ address: '10.0.0.2', port: 12000 })
for (const word of ['one', 'two', 'three']) await socket.send(new TextEncoder().encode(`${word} `))
socket.shutdown(SHUT_WR)
const buffer = new Uint8Array(100)
for (;;) {
  const length = await socket.recv(buffer)
  if (length === 0) break
  console.log(new TextDecoder().decode(buffer.subarray(0, length)))
}
await socket.close()
