// A queue of eight: what floods have to fill.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 12000 })
listener.listen(8)
for (;;) {
  const connection = await listener.accept()
  console.log('accepted', String(connection.getpeername()))
  await connection.send(new TextEncoder().encode('welcome'))
  await connection.close()
}
