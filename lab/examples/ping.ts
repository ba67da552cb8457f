// ping on a raw socket (RFC 792): an echo request, and how long its answer takes. On a real machine this takes a privilege.
import { AF_INET, IPPROTO_ICMP, SOCK_RAW, Socket } from 'jackfield'
import { systemNames } from 'jackfield/node'
import { os } from 'jackfield/os'

const SERVER = 'server'
const [ECHO_REPLY, ECHO_REQUEST, IDENTIFIER] = [0, 8, 4711]

const [there] = await systemNames(os).getaddrinfo(SERVER, 0, { family: AF_INET })
if (there === undefined) throw new Error(`${SERVER} has no address`)
const socket = new Socket(os, AF_INET, SOCK_RAW, IPPROTO_ICMP)

/** Eight octets of header, no data. The checksum is the complement of the sum of all 16-bit words (RFC 1071). */
function echoRequest(sequence: number): Uint8Array {
  const packet = new DataView(new ArrayBuffer(8))
  packet.setUint8(0, ECHO_REQUEST)
  packet.setUint16(4, IDENTIFIER)
  packet.setUint16(6, sequence)
  const sum = (ECHO_REQUEST << 8) + IDENTIFIER + sequence
  packet.setUint16(2, ~((sum & 0xffff) + (sum >>> 16)))
  return new Uint8Array(packet.buffer)
}

const packet = new Uint8Array(2048)
for (let sequence = 1; sequence <= 4; sequence++) {
  const sentAt = performance.now()
  await socket.sendto(echoRequest(sequence), there.address)
  for (;;) {
    // A raw socket hears every ICMP message, each with its IP header in front.
    await socket.recv(packet)
    const answer = new DataView(packet.buffer, ((packet[0] ?? 0) & 15) * 4)
    if (answer.getUint8(0) === ECHO_REPLY && answer.getUint16(4) === IDENTIFIER) break
  }
  console.log(`answer ${sequence}: ttl ${packet[8]}, ${(performance.now() - sentAt).toFixed(1)} ms`)
  await new Promise((done) => setTimeout(done, 200))
}
await socket.close()
