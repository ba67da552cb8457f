// Upper-casing over TCP, the server: a new socket for each client, all of them at one port.
import { AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
listener.bind({ address: '', port: 12000 })
listener.listen()
console.log('listening at', String(listener.getsockname()))

async function serve(connection: Socket) {
  console.log('accepted', String(connection.getpeername()))
  for await (const chunk of connection.chunks()) {
    const text = new TextDecoder().decode(chunk)
    await connection.send(new TextEncoder().encode(text.toUpperCase()))
  }
  await connection.close()
}

for (;;) {
  const connection = await listener.accept()
  // Not awaited: the next client shall not wait until this one has been served.
  serve(connection).catch((error) => console.error(String(error)))
}
