import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect({ address: '10.0.0.2', port: 12000 })
console.log('connected')
await socket.send(new TextEncoder().encode('hello'))
console.log('sent')
const buffer = new Uint8Array(100)
const length = await socket.recv(buffer)
console.log('received', length, 'octets')
await socket.close()
