// Two clients may come. Each is talked to through the socket that accept gave for it.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 12000 })
listener.listen()

async function serve(connection: Socket) {
  const buffer = new Uint8Array(2048)
  for (;;) {
    const length = await connection.recv(buffer)
    if (length === 0) break
    const text = new TextDecoder().decode(buffer.subarray(0, length))
    await connection.send(new TextEncoder().encode(text.toUpperCase()))
  }
  await connection.close()
}

for (let clients = 0; clients < 2; clients++) void serve(await listener.accept())
console.log('both are here')
