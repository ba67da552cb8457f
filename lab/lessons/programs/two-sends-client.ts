import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect({ address: '10.0.0.2', port: 12000 })
await socket.send(new TextEncoder().encode('hello'))
await socket.send(new TextEncoder().encode('world'))
await new Promise((done) => setTimeout(done, 1000))
await socket.close()
