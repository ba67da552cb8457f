import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_STREAM)
const begin = Date.now()
await socket.connect({ address: '10.0.0.2', port: 12000 })
console.log(`connected after ${Date.now() - begin} ms`)
await socket.close()
