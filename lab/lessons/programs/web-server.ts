// Gives everybody the same page.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 80 })
listener.listen()
for (;;) {
  const connection = await listener.accept()
  await connection.recv(new Uint8Array(4096))
  await connection.send(new TextEncoder().encode('HTTP/1.0 200 OK\r\n\r\nhello'))
  await connection.close()
}
