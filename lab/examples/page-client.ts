// Fetching a web page, by hand: connect, ask, and read to the end.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { systemNames } from 'jackfield/node'
import { os } from 'jackfield/os'

const SERVER = 'server'

const [there] = await systemNames(os).getaddrinfo(SERVER, 'http', { family: AF_INET, socketType: SOCK_STREAM })
if (there === undefined) throw new Error(`${SERVER} has no address`)
const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect(there.address)
await socket.send(new TextEncoder().encode(`GET / HTTP/1.1\r\nHost: ${SERVER}\r\nConnection: close\r\n\r\n`))
let page = ''
for await (const chunk of socket.chunks()) page += new TextDecoder().decode(chunk)
const [header = '', body = ''] = page.split('\r\n\r\n')
console.log(header.split('\r\n')[0])
console.log(body.trim())
await socket.close()
