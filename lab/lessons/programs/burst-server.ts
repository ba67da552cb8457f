// Ten full segments for whoever comes, and then nothing more for ten seconds: the connection stays open.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const listener = new Socket(os, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 12000 })
listener.listen()
const connection = await listener.accept()
await connection.send(new Uint8Array(14_480).fill(0x2e))
await new Promise((done) => setTimeout(done, 10_000))
await connection.close()
await listener.close()
