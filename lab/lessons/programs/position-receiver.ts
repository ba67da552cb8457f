// Shows each position that is newer than the one before.
import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_DGRAM)
socket.bind({ address: '', port: 5004 })
let last = 0
for await (const { data } of socket.datagrams()) {
  const [number = 0, x = 0] = new TextDecoder().decode(data).split(' ').map(Number)
  if (number <= last) {
    console.log(`update ${number} comes late: of no use any more`)
    continue
  }
  const gap = number > last + 1 ? `, and ${number - last - 1} missing` : ''
  console.log(`update ${number}: x ${x}${gap}`)
  last = number
}
