// Receives updates of a position, and tells what is missing and what comes late.
import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_DGRAM)
socket.bind({ address: '', port: 5004 })
let expected = 0
for await (const { data } of socket.datagrams()) {
  const update = new DataView(data.buffer, data.byteOffset)
  const number = update.getUint32(0)
  if (number < expected) {
    console.log(`update ${number} comes late`)
    continue
  }
  const place = `x ${update.getFloat32(4).toFixed(2)}, y ${update.getFloat32(8).toFixed(2)}`
  console.log(`update ${number}: ${place}${number > expected ? `, ${number - expected} missing` : ''}`)
  expected = number + 1
}
