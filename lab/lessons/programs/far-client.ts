import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect({ address: '10.0.2.2', port: 12000 })
await socket.send(new Uint8Array(8000).fill(0x2e))
await socket.close()
