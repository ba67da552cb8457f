// Where a player is, every 30 ms. A position that is lost is not sent again: the next one is newer.
import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_DGRAM)
await socket.connect({ address: '10.0.0.2', port: 5004 })
for (let number = 1; number <= 30; number++) {
  const x = Math.round(100 * Math.cos(number / 5))
  try {
    await socket.send(new TextEncoder().encode(`${number} ${x}`))
  } catch (error) {
    console.log('update', number, String(error))
  }
  await new Promise((done) => setTimeout(done, 30))
}
await socket.close()
