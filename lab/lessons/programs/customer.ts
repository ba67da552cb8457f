// Comes to the server in the middle of it all, and has nothing to do with it.
import { AF_INET, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

await new Promise((done) => setTimeout(done, 300))
for (let attempt = 1; attempt <= 3; attempt++) {
  const socket = new Socket(os, AF_INET, SOCK_STREAM)
  try {
    await socket.connect({ address: '10.0.2.2', port: 12000 })
    const buffer = new Uint8Array(100)
    const length = await socket.recv(buffer)
    console.log(new TextDecoder().decode(buffer.subarray(0, length)))
    break
  } catch (error) {
    console.log(String(error))
  } finally {
    await socket.close()
  }
  await new Promise((done) => setTimeout(done, 200))
}
