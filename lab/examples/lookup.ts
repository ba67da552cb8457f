// A lookup, by hand: a question to a name server over UDP, and its answer (RFC 1035 section 4).
import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { systemNames } from 'jackfield/node'
import { os } from 'jackfield/os'

const SERVER = 'server'
const NOT_THERE = 3

const [there] = await systemNames(os).getaddrinfo(SERVER, 53, { family: AF_INET })
if (there === undefined) throw new Error(`${SERVER} has no address`)

async function lookup(name: string): Promise<string | null> {
  const socket = new Socket(os, AF_INET, SOCK_DGRAM)
  await socket.connect(there!.address)
  const labels = name.split('.').flatMap((label) => [label.length, ...new TextEncoder().encode(label)])
  // A number to know the answer by, “please recurse”, one question; the name, type A, class IN.
  const question = new Uint8Array([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1])
  const answer = new Uint8Array(512)
  try {
    for (let attempt = 1; attempt <= 3; attempt++) {
      await socket.send(question)
      try {
        const length = await socket.recv(answer, 0, { signal: AbortSignal.timeout(1000) })
        return ((answer[3] ?? 0) & 15) === NOT_THERE ? null : answer.subarray(length - 4, length).join('.')
      } catch {
        console.log('no answer in a second')
      }
    }
    return null
  } finally {
    await socket.close()
  }
}

for (const name of ['www.example', 'mail.example', 'nobody.example']) {
  console.log(name, (await lookup(name)) ?? 'is not there')
}
