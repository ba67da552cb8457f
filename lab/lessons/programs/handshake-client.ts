// Connects, waits for half a second, and only then has something to say.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect({ address: '10.0.0.2', port: 12000 })
console.log('connect has returned')
await new Promise((done) => setTimeout(done, 500))
await socket.send(new TextEncoder().encode('hello'))
const buffer = new Uint8Array(100)
const length = await socket.recv(buffer)
console.log(new TextDecoder().decode(buffer.subarray(0, length)))
await socket.close()
