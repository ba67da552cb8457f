// Asks the name server for the address of a name, again every second until it answers, and then connects to that address.
import { AF_INET, SOCK_DGRAM, SOCK_STREAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

async function addressOf(name: string): Promise<string> {
  const socket = new Socket(os, AF_INET, SOCK_DGRAM)
  await socket.connect({ address: '10.0.0.2', port: 53 })
  const labels = name.split('.').flatMap((label) => [label.length, ...new TextEncoder().encode(label)])
  const question = new Uint8Array([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1])
  const answer = new Uint8Array(512)
  for (;;) {
    await socket.send(question)
    try {
      const length = await socket.recv(answer, 0, { signal: AbortSignal.timeout(1000) })
      await socket.close()
      return answer.subarray(length - 4, length).join('.')
    } catch {
      console.log('no answer: asked again')
    }
  }
}

const address = await addressOf('www.example')
console.log('www.example is', address)
const socket = new Socket(os, AF_INET, SOCK_STREAM)
await socket.connect({ address, port: 80 })
await socket.send(new TextEncoder().encode('GET / HTTP/1.0\r\nHost: www.example\r\n\r\n'))
const buffer = new Uint8Array(4096)
const length = await socket.recv(buffer)
console.log(new TextDecoder().decode(buffer.subarray(0, length)))
await socket.close()
