// A web server that has one page, and closes behind it. To have port 80 on a real machine takes a privilege.
import { AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
listener.bind({ address: '', port: 80 })
listener.listen()
for await (const connection of listener.connections()) {
  let request = ''
  for await (const chunk of connection.chunks()) {
    request += new TextDecoder().decode(chunk)
    if (request.includes('\r\n\r\n')) break
  }
  console.log(String(connection.getpeername()), request.split('\r\n')[0])
  const body = '<h1>It works</h1>\n'
  const header = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
  await connection.send(new TextEncoder().encode(header + body))
  await connection.close()
}
